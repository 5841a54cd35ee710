#include "engine/storage/s3_blob_store.h"

#include "engine/storage/blob_spool.h"
#include "engine/storage/s3_upload.h"

#include <QFile>
#include <QHash>
#include <QLocale>
#include <QXmlStreamReader>

#include <cerrno>
#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Of an object that are asked for at once: enough to be fast, little enough to have many open. Who
/// goes on reading gets twice as much each time.
constexpr qint64 firstWindow = 1 << 20;
constexpr qint64 largestWindow = 4 << 20;
/// How old a copy may be that is linked to; tidy() takes it away when it is a day old.
constexpr auto copyAge = std::chrono::hours(12);

QByteArray keyOf(const BlobId &blob)
{
    const QByteArray name = blob.sha256.toLatin1();
    return "blobs/" + name.first(2) + '/' + name.sliced(2);
}

QByteArray copyKeyOf(const QString &name)
{
    const QByteArray bytes = name.toLatin1();
    return "copies/" + bytes.first(2) + '/' + bytes.sliced(2);
}

/// As HTTP writes it (RFC 9110, 5.6.7).
QDateTime httpTime(const QByteArray &text)
{
    QDateTime time = QLocale::c().toDateTime(QString::fromLatin1(text),
                                             u"ddd, dd MMM yyyy HH:mm:ss 'GMT'"_s);
    time.setTimeSpec(Qt::UTC);
    return time;
}

/// An object, read in windows. Seeks cost nothing.
class S3Object final : public QIODevice
{
public:
    S3Object(std::shared_ptr<S3Client> client, QByteArray key)
        : m_client(std::move(client))
        , m_key(std::move(key))
    {
    }

    qint64 size() const override { return m_size; }
    bool isSequential() const override { return false; }

    /// Gets the window at `offset`, and with the first one the object's size; false: there is no
    /// such object.
    Result<bool> load(qint64 offset)
    {
        const bool first = m_size < 0;
        m_most = !first && offset == m_begin + m_window.size() ? qMin(m_most * 2, largestWindow)
                                                               : firstWindow;
        const qint64 end = first ? m_most : qMin(offset + m_most, m_size);
        m_window = {}; // not two at once
        const auto answer = m_client->send({.key = m_key,
                                            .headers = {{"range",
                                                         "bytes=" + QByteArray::number(offset) + '-'
                                                             + QByteArray::number(end - 1)}}});
        if (!answer)
            return fail(answer.error());
        if (answer->status == 404)
            return false;
        if (first) {
            // 416: an empty object has no first byte. 200: a store that knows no ranges.
            const QByteArray range = answer->headers.value("content-range");
            bool isNumber = true;
            m_size = answer->status == 416 ? 0
                : answer->status == 200
                ? answer->body.size()
                : range.mid(range.lastIndexOf('/') + 1).toLongLong(&isNumber);
            if (answer->status == 416)
                return true;
            if (!isNumber || m_size < 0
                || (answer->status != 200 && answer->body.size() != qMin(end, m_size)))
                return fail(s3Unexpected(*m_client, *answer, u"read"_s));
        } else if (answer->status != 206 || answer->body.size() != end - offset) {
            return fail(s3Unexpected(*m_client, *answer, u"read"_s));
        }
        if (!answer->isSuccess())
            return fail(s3Unexpected(*m_client, *answer, u"read"_s));
        m_window = answer->body;
        m_begin = offset;
        return true;
    }

protected:
    qint64 readData(char *data, qint64 size) override
    {
        qint64 done = 0;
        while (done < size && pos() + done < m_size) {
            const qint64 at = pos() + done;
            if (at < m_begin || at >= m_begin + m_window.size()) {
                const auto loaded = load(at);
                if (!loaded || !*loaded) {
                    setErrorString(loaded ? u"it was removed meanwhile"_s : loaded.error().message);
                    return done > 0 ? done : -1;
                }
            }
            const qint64 now = qMin(size - done, m_begin + m_window.size() - at);
            std::copy_n(m_window.constData() + (at - m_begin), now, data + done);
            done += now;
        }
        return done;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    const std::shared_ptr<S3Client> m_client;
    const QByteArray m_key;
    qint64 m_size = -1; ///< negative: not known yet
    qint64 m_most = firstWindow;
    QByteArray m_window;
    qint64 m_begin = 0;
};

class S3BlobStore final : public BlobStore
{
public:
    S3BlobStore(std::shared_ptr<S3Client> client, QString directory)
        : m_client(std::move(client))
        , m_directory(std::move(directory))
    {
    }

    Result<StoredBlob> put(QIODevice &source, qint64 maxBytes) override;
    int putsAtOnce() const override { return 8; } // nearly all of it is waiting for the answer
    Result<std::unique_ptr<QIODevice>> open(const BlobId &blob) override;
    Result<bool> remove(const BlobId &blob) override;
    Result<bool> contains(const BlobId &blob) override;
    QString localFile(const BlobId &) const override { return {}; }
    Result<QList<BlobId>> listPutBefore(QLatin1StringView prefix, const QDateTime &until) override;
    bool givesLinks() const override { return m_client->givesLinks(); }
    Result<void> keepCopy(const QString &name, QIODevice &source) override;
    Result<std::optional<QString>> linkToCopy(const QString &name, const LinkAnswer &as) override;
    Result<void> tidy(const QDateTime &until) override;

private:
    Result<void> put(const QByteArray &key, const SpooledBlob &spooled);
    void rememberCopy(const QString &name, std::chrono::seconds age);
    /// Its size; nothing: there is none.
    Result<std::optional<qint64>> sizeOf(const BlobId &blob);

    const std::shared_ptr<S3Client> m_client;
    const QString m_directory;
    std::mutex m_mutex; ///< guards what follows
    /// Copies that are there, and until when they are young enough to be linked to.
    QHash<QString, std::chrono::steady_clock::time_point> m_copies;
};

Result<StoredBlob> S3BlobStore::put(QIODevice &source, qint64 maxBytes)
{
    // Its name is its digest, so all of it is read before the first byte can be sent.
    auto spooled = spoolBlob(source, m_directory, qMin(maxBytes, S3Upload::largestObject));
    if (!spooled)
        return fail(spooled.error());
    // Also when it is there: a put makes it new, for who looks for forgotten ones by their age.
    if (auto done = put(keyOf(spooled->blob.id), *spooled); !done)
        return fail(done.error());
    return spooled->blob;
}

Result<void> S3BlobStore::put(const QByteArray &key, const SpooledBlob &spooled)
{
    QFile file(spooled.file.path());
    if (!file.open(QIODevice::ReadOnly))
        return fail(writeError(m_directory, errno));
    return S3Upload(*m_client).put(key, file, spooled.blob.id.sha256);
}

Result<std::optional<qint64>> S3BlobStore::sizeOf(const BlobId &blob)
{
    if (!isBlobName(blob))
        return std::nullopt;
    const auto answer = m_client->send({.method = "HEAD", .key = keyOf(blob)});
    if (!answer)
        return fail(answer.error());
    if (answer->status == 404)
        return std::nullopt;
    bool isNumber = false;
    const qint64 size = answer->headers.value("content-length").toLongLong(&isNumber);
    if (answer->status != 200 || !isNumber || size < 0)
        return fail(s3Unexpected(*m_client, *answer, u"look for a blob"_s));
    return size;
}

Result<std::unique_ptr<QIODevice>> S3BlobStore::open(const BlobId &blob)
{
    if (!isBlobName(blob))
        return nullptr;
    auto object = std::make_unique<S3Object>(m_client, keyOf(blob));
    const auto there = object->load(0); // one request for size and bytes
    if (!there)
        return fail(there.error());
    if (!*there)
        return nullptr;
    // Its windows are the buffer.
    object->open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    return object;
}

Result<bool> S3BlobStore::remove(const BlobId &blob)
{
    const auto size = sizeOf(blob); // S3 does not tell whether there was one
    if (!size)
        return fail(size.error());
    if (!*size)
        return false;
    const auto answer = m_client->send({.method = "DELETE", .key = keyOf(blob)});
    if (!answer)
        return fail(answer.error());
    if (!answer->isSuccess() && answer->status != 404)
        return fail(s3Unexpected(*m_client, *answer, u"remove a blob"_s));
    return answer->isSuccess();
}

Result<bool> S3BlobStore::contains(const BlobId &blob)
{
    return sizeOf(blob).map([](const std::optional<qint64> &size) { return size.has_value(); });
}

/// One page of ListObjectsV2.
struct ObjectPage {
    QByteArrayList before; ///< keys
    QByteArray next;       ///< the token of the page after it; empty: there is none
    bool complete = false;
};

ObjectPage readPage(const QByteArray &body, const QDateTime &until)
{
    ObjectPage page;
    QByteArray key;
    QDateTime modified;
    QXmlStreamReader xml(body);
    while (!xml.atEnd()) {
        const auto token = xml.readNext();
        if (token == QXmlStreamReader::StartElement) {
            if (xml.name() == "Key"_L1)
                key = xml.readElementText().toUtf8();
            else if (xml.name() == "LastModified"_L1)
                modified = QDateTime::fromString(xml.readElementText(), Qt::ISODateWithMs);
            else if (xml.name() == "NextContinuationToken"_L1)
                page.next = xml.readElementText().toUtf8();
        } else if (token == QXmlStreamReader::EndElement && xml.name() == "Contents"_L1) {
            if (modified.isValid() && modified < until)
                page.before.append(key);
        }
    }
    page.complete = !xml.hasError();
    return page;
}

Result<QByteArrayList> keysBefore(S3Client &client, const QByteArray &prefix,
                                  const QDateTime &until)
{
    QByteArrayList keys;
    QByteArray token;
    do {
        S3Call call{.query = {{"list-type", "2"}, {"prefix", prefix}}};
        if (!token.isEmpty())
            call.query.append({"continuation-token", token});
        const auto answer = client.send(call);
        if (!answer)
            return fail(answer.error());
        const ObjectPage page = answer->isSuccess() ? readPage(answer->body, until) : ObjectPage();
        if (!page.complete)
            return fail(s3Unexpected(client, *answer, u"list blobs"_s));
        keys += page.before;
        token = page.next;
    } while (!token.isEmpty());
    return keys;
}

Result<QList<BlobId>> S3BlobStore::listPutBefore(QLatin1StringView prefix, const QDateTime &until)
{
    const auto keys = keysBefore(*m_client,
                                 "blobs/" + QByteArray(prefix.data(), prefix.size()) + '/', until);
    if (!keys)
        return fail(keys.error());
    QList<BlobId> blobs;
    for (const QByteArray &key : *keys) {
        const BlobId blob{QString::fromUtf8(key.mid(6)).remove(u'/')}; // behind `blobs/`
        if (isBlobName(blob))
            blobs.append(blob);
    }
    return blobs;
}

// --- Links

void S3BlobStore::rememberCopy(const QString &name, std::chrono::seconds age)
{
    constexpr qsizetype most = 10'000;
    const std::lock_guard lock(m_mutex);
    if (m_copies.size() >= most)
        m_copies.clear(); // they are found again by asking
    m_copies[name] = std::chrono::steady_clock::now() + (copyAge - age);
}

Result<void> S3BlobStore::keepCopy(const QString &name, QIODevice &source)
{
    const auto spooled = spoolBlob(source, m_directory, S3Upload::largestObject);
    if (!spooled)
        return fail(spooled.error());
    if (auto done = put(copyKeyOf(name), *spooled); !done)
        return done;
    rememberCopy(name, std::chrono::seconds(0));
    return {};
}

Result<std::optional<QString>> S3BlobStore::linkToCopy(const QString &name, const LinkAnswer &as)
{
    if (!givesLinks() || !isBlobName(BlobId{name}))
        return std::nullopt;
    const auto link = [&] {
        return m_client->link(copyKeyOf(name),
                              {{"response-content-type", as.contentType.toUtf8()},
                               {"response-content-disposition", as.contentDisposition}},
                              static_cast<int>(as.lifetime.count()));
    };
    {
        const std::lock_guard lock(m_mutex);
        const auto known = m_copies.constFind(name);
        if (known != m_copies.constEnd() && *known > std::chrono::steady_clock::now())
            return link();
    }
    const auto found = m_client->send({.method = "HEAD", .key = copyKeyOf(name)});
    if (!found)
        return fail(found.error());
    // By the store's own clock.
    const QDateTime made = httpTime(found->headers.value("last-modified"));
    const QDateTime now = httpTime(found->headers.value("date"));
    const std::chrono::seconds age(made.isValid() && now.isValid() ? made.secsTo(now) : 1LL << 40);
    if (found->status != 200 || age >= copyAge)
        return std::nullopt;
    rememberCopy(name, age);
    return link();
}

Result<void> S3BlobStore::tidy(const QDateTime &until)
{
    const auto copies = keysBefore(*m_client, "copies/", until);
    if (!copies)
        return fail(copies.error());
    for (const QByteArray &key : *copies) {
        const auto removed = m_client->send({.method = "DELETE", .key = key});
        if (!removed)
            return fail(removed.error());
    }
    return abortUploadsBefore(*m_client, until);
}

} // namespace

Result<std::unique_ptr<BlobStore>> openS3BlobStore(const S3Config &config, const QString &directory)
{
    if (auto made = ensureFolder(directory); !made)
        return fail(made.error());
    Scratch::sweep(directory);
    auto created = S3Client::create(config);
    if (!created)
        return fail(created.error());
    const std::shared_ptr<S3Client> client = std::move(*created);
    auto bucket = client->send({.method = "HEAD"});
    if (bucket && bucket->status == 404)
        bucket = client->send({.method = "PUT"});
    if (!bucket)
        return fail(bucket.error());
    // 409: another replica has just made it.
    if (!bucket->isSuccess() && bucket->status != 409)
        return fail(s3Unexpected(*client, *bucket, u"use the bucket"_s));
    return std::make_unique<S3BlobStore>(client, directory);
}

} // namespace skillbox
