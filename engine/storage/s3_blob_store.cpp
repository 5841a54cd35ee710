#include "engine/storage/s3_blob_store.h"

#include "engine/storage/blob_spool.h"
#include "engine/storage/s3_client.h"

#include <QFile>
#include <QXmlStreamReader>

#include <cerrno>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Of an object that are asked for at once: enough to be fast, little enough to have many open.
constexpr qint64 windowBytes = 1 << 20;
constexpr qint64 largestPut = 5LL << 30; ///< of one request, by S3's rules

QByteArray keyOf(const BlobId &blob)
{
    const QByteArray name = blob.sha256.toLatin1();
    return "blobs/" + name.first(2) + '/' + name.sliced(2);
}

Error unexpected(const S3Client &client, const S3Answer &answer, const QString &doing)
{
    return {ErrorCode::StorageUnavailable,
            u"The S3 store %1 does not let us %2."_s.arg(client.name(), doing),
            u"HTTP %1 %2"_s.arg(answer.status).arg(s3ErrorText(answer.body))};
}

/// An object, read in windows. Seeks cost nothing.
class S3Object final : public QIODevice
{
public:
    S3Object(std::shared_ptr<S3Client> client, QByteArray key, qint64 size)
        : m_client(std::move(client))
        , m_key(std::move(key))
        , m_size(size)
    {
    }

    qint64 size() const override { return m_size; }
    bool isSequential() const override { return false; }

    /// Gets the window at `offset`; false: there is no such object.
    Result<bool> load(qint64 offset)
    {
        const qint64 last = qMin(offset + windowBytes, m_size) - 1;
        const auto answer = m_client->send({.key = m_key,
                                            .headers = {{"range",
                                                         "bytes=" + QByteArray::number(offset) + '-'
                                                             + QByteArray::number(last)}}});
        if (!answer)
            return fail(answer.error());
        if (answer->status == 404)
            return false;
        if (answer->status != 206 || answer->body.size() != last - offset + 1)
            return fail(unexpected(*m_client, *answer, u"read"_s));
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
    const qint64 m_size;
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
    Result<std::unique_ptr<QIODevice>> open(const BlobId &blob) override;
    Result<bool> remove(const BlobId &blob) override;
    Result<bool> contains(const BlobId &blob) override;
    QString localFile(const BlobId &) const override { return {}; }
    Result<QList<BlobId>> listPutBefore(QLatin1StringView prefix, const QDateTime &until) override;

private:
    /// Its size; nothing: there is none.
    Result<std::optional<qint64>> sizeOf(const BlobId &blob);

    const std::shared_ptr<S3Client> m_client;
    const QString m_directory;
};

Result<StoredBlob> S3BlobStore::put(QIODevice &source, qint64 maxBytes)
{
    // Its name is its digest, so all of it is read before the first byte can be sent.
    auto spooled = spoolBlob(source, m_directory, qMin(maxBytes, largestPut));
    if (!spooled)
        return fail(spooled.error());
    const StoredBlob &blob = spooled->blob;
    QFile file(spooled->file.path());
    if (!file.open(QIODevice::ReadOnly))
        return fail(writeError(m_directory, errno));
    // Also when it is there: a put makes it new, for who looks for forgotten ones by their age.
    const auto answer = m_client->send({.method = "PUT",
                                        .key = keyOf(blob.id),
                                        .upload = &file,
                                        .uploadHash = blob.id.sha256.toLatin1()});
    if (!answer)
        return fail(answer.error());
    if (!answer->isSuccess())
        return fail(unexpected(*m_client, *answer, u"write"_s));
    return blob;
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
        return fail(unexpected(*m_client, *answer, u"look for a blob"_s));
    return size;
}

Result<std::unique_ptr<QIODevice>> S3BlobStore::open(const BlobId &blob)
{
    const auto size = sizeOf(blob);
    if (!size)
        return fail(size.error());
    if (!*size)
        return nullptr;
    auto object = std::make_unique<S3Object>(m_client, keyOf(blob), **size);
    if (**size > 0) {
        const auto there = object->load(0);
        if (!there)
            return fail(there.error());
        if (!*there)
            return nullptr;
    }
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
        return fail(unexpected(*m_client, *answer, u"remove a blob"_s));
    return answer->isSuccess();
}

Result<bool> S3BlobStore::contains(const BlobId &blob)
{
    return sizeOf(blob).map([](const std::optional<qint64> &size) { return size.has_value(); });
}

/// One page of ListObjectsV2.
struct ObjectPage {
    QList<BlobId> before;
    QByteArray next; ///< the token of the page after it; empty: there is none
    bool complete = false;
};

ObjectPage readPage(const QByteArray &body, const QDateTime &until)
{
    ObjectPage page;
    QString key;
    QDateTime modified;
    QXmlStreamReader xml(body);
    while (!xml.atEnd()) {
        const auto token = xml.readNext();
        if (token == QXmlStreamReader::StartElement) {
            if (xml.name() == "Key"_L1)
                key = xml.readElementText();
            else if (xml.name() == "LastModified"_L1)
                modified = QDateTime::fromString(xml.readElementText(), Qt::ISODateWithMs);
            else if (xml.name() == "NextContinuationToken"_L1)
                page.next = xml.readElementText().toUtf8();
        } else if (token == QXmlStreamReader::EndElement && xml.name() == "Contents"_L1) {
            const BlobId blob{key.mid(6).remove(u'/')}; // behind `blobs/`
            if (isBlobName(blob) && modified.isValid() && modified < until)
                page.before.append(blob);
        }
    }
    page.complete = !xml.hasError();
    return page;
}

Result<QList<BlobId>> S3BlobStore::listPutBefore(QLatin1StringView prefix, const QDateTime &until)
{
    QList<BlobId> blobs;
    QByteArray token;
    do {
        S3Call call{
            .query = {{"list-type", "2"},
                      {"prefix", "blobs/" + QByteArray(prefix.data(), prefix.size()) + '/'}}};
        if (!token.isEmpty())
            call.query.append({"continuation-token", token});
        const auto answer = m_client->send(call);
        if (!answer)
            return fail(answer.error());
        const ObjectPage page = answer->isSuccess() ? readPage(answer->body, until) : ObjectPage();
        if (!page.complete)
            return fail(unexpected(*m_client, *answer, u"list blobs"_s));
        blobs += page.before;
        token = page.next;
    } while (!token.isEmpty());
    return blobs;
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
        return fail(unexpected(*client, *bucket, u"use the bucket"_s));
    return std::make_unique<S3BlobStore>(client, directory);
}

} // namespace skillbox
