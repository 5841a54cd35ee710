#include "engine/sandbox/images/image_files.h"

#include "engine/base/clock.h"
#include "engine/files/scratch.h"
#include "engine/sandbox/images/image_json.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int format = 1;
constexpr qint64 maxFileBytes = 16LL << 20;

tl::unexpected<Error> corrupt(const QString &path)
{
    return fail(ErrorCode::StorageCorrupt,
                u"%1 is damaged; import the image once more"_s.arg(path));
}

/// Nothing: the file is not there.
Result<std::optional<QJsonObject>> readObject(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        if (!file.exists())
            return std::nullopt;
        return fail(ErrorCode::StorageUnavailable,
                    u"%1 cannot be read: %2"_s.arg(path, file.errorString()));
    }
    const QByteArray bytes = file.read(maxFileBytes + 1);
    const QJsonDocument document = QJsonDocument::fromJson(bytes);
    if (bytes.size() > maxFileBytes || !document.isObject())
        return corrupt(path);
    const int found = document["format"_L1].toInt();
    if (found > format) {
        return fail(ErrorCode::StorageTooNew,
                    u"%1 was written by a newer version of Skillbox"_s.arg(path));
    }
    return document.object();
}

Result<void> writeAll(int fd, const QByteArray &bytes, const QString &path)
{
    for (qsizetype done = 0; done < bytes.size();) {
        const ssize_t wrote = ::write(fd, bytes.constData() + done,
                                      static_cast<size_t>(bytes.size() - done));
        if (wrote < 0 && errno != EINTR)
            return fail(writeError(path, errno));
        done += qMax<ssize_t>(0, wrote);
    }
    return {};
}

QString namesPath(const QString &directory)
{
    return directory + u"/names.json"_s;
}

QString recordPath(const QString &folder)
{
    return folder + u"/image.json"_s;
}

} // namespace

Result<ImageNames> readImageNames(const QString &directory)
{
    const auto object = readObject(namesPath(directory));
    if (!object)
        return fail(object.error());
    ImageNames names;
    if (!*object)
        return names;
    const QJsonObject entries = (**object)["names"_L1].toObject();
    for (auto it = entries.begin(); it != entries.end(); ++it) {
        if (!isSha256Digest(it.value().toString()))
            return corrupt(namesPath(directory));
        names.insert(it.key(), it.value().toString());
    }
    return names;
}

Result<void> writeImageNames(const QString &directory, const ImageNames &names)
{
    QJsonObject entries;
    for (auto it = names.begin(); it != names.end(); ++it)
        entries.insert(it.key(), it.value());
    const QJsonObject object{{u"format"_s, format}, {u"names"_s, entries}};
    auto scratch = Scratch::file(directory);
    if (!scratch)
        return fail(scratch.error());
    const QString path = namesPath(directory);
    if (const auto wrote = writeAll(scratch->descriptor(), QJsonDocument(object).toJson(), path);
        !wrote)
        return wrote;
    if (::fsync(scratch->descriptor()) != 0
        || ::rename(QFile::encodeName(scratch->path()).constData(),
                    QFile::encodeName(path).constData())
            != 0)
        return fail(writeError(directory, errno));
    scratch->release();
    const UniqueFd folder(
        ::open(QFile::encodeName(directory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0)
        return fail(writeError(directory, errno));
    return {};
}

Result<ImageRecord> readImageRecord(const QString &folder)
{
    const auto object = readObject(recordPath(folder));
    if (!object)
        return fail(object.error());
    if (!*object)
        return corrupt(recordPath(folder));
    const QJsonObject &json = **object;
    ImageRecord record;
    record.digest = json["digest"_L1].toString();
    record.architecture = json["architecture"_L1].toString();
    record.sizeBytes = json["size_bytes"_L1].toInteger();
    record.created = fromRfc3339(json["created"_L1].toString());
    record.importedAt = fromRfc3339(json["imported_at"_L1].toString());
    record.searchPath = json["path"_L1].toString();
    if (!isSha256Digest(record.digest))
        return corrupt(recordPath(folder));
    return record;
}

Result<void> writeImageRecord(const QString &folder, const ImageRecord &record)
{
    const QJsonObject object{{u"format"_s, format},
                             {u"digest"_s, record.digest},
                             {u"architecture"_s, record.architecture},
                             {u"size_bytes"_s, record.sizeBytes},
                             {u"created"_s, toRfc3339(record.created)},
                             {u"imported_at"_s, toRfc3339(record.importedAt)},
                             {u"path"_s, record.searchPath}};
    const QString path = recordPath(folder);
    const UniqueFd file(
        ::open(QFile::encodeName(path).constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file)
        return fail(writeError(path, errno));
    return writeAll(file.get(), QJsonDocument(object).toJson(), path);
}

} // namespace skillbox
