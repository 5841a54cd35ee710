#include "engine/workspace/placed_files.h"

#include "engine/workspace/stored_content.h"

#include <QFile>
#include <QSet>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Room for a number behind it within the 255 bytes of a name.
constexpr qsizetype maxPlacedNameBytes = 200;
constexpr qint64 copyChunkBytes = 256 * 1024;

QString cutToBytes(QString text, qsizetype bytes)
{
    while (text.toUtf8().size() > bytes)
        text.chop(text.back().isLowSurrogate() ? 2 : 1);
    return text;
}

QString safeName(const QString &name)
{
    QString safe = name.sliced(qMax(name.lastIndexOf(u'/'), name.lastIndexOf(u'\\')) + 1);
    for (QChar &c : safe) {
        if (c.category() == QChar::Other_Control || c == QChar(u'\0'))
            c = u'_';
    }
    safe = safe.trimmed();
    const qsizetype dot = safe.lastIndexOf(u'.');
    const QString ending = dot > 0 && safe.size() - dot <= 16 ? safe.sliced(dot) : QString();
    safe = cutToBytes(safe.chopped(ending.size()), maxPlacedNameBytes - ending.toUtf8().size())
        + ending;
    return safe.isEmpty() || safe == "."_L1 || safe == ".."_L1 ? u"file"_s : safe;
}

QString numbered(const QString &name, int number)
{
    const qsizetype dot = name.lastIndexOf(u'.');
    const qsizetype end = dot > 0 ? dot : name.size();
    return name.first(end) + u'-' + QString::number(number) + name.sliced(end);
}

} // namespace

QList<PlacedFile> nameFiles(const QList<FileRecord> &files)
{
    QList<PlacedFile> placed;
    QSet<QString> taken;
    for (const FileRecord &file : files) {
        const QString wanted = safeName(file.name);
        QString name = wanted;
        for (int number = 2; taken.contains(name.toCaseFolded()); ++number)
            name = numbered(wanted, number);
        taken.insert(name.toCaseFolded());
        placed.append({file.id, file.blob, name});
    }
    return placed;
}

Result<void> placeFiles(QList<PlacedFile> &files, BlobStore &blobs, const QString &scratchDirectory,
                        std::optional<Scratch> &scratch)
{
    for (PlacedFile &file : files) {
        const Result<bool> there = blobs.contains(file.blob);
        if (!there)
            return fail(there.error());
        if (!*there) {
            return fail(ErrorCode::StorageCorrupt,
                        u"the content of the input file \"%1\" is not in the store any more"_s.arg(
                            file.name),
                        file.blob.sha256);
        }
        file.hostPath = blobs.localFile(file.blob);
        if (!file.hostPath.isEmpty())
            continue;
        if (!scratch) {
            auto folder = Scratch::folder(scratchDirectory);
            if (!folder)
                return fail(folder.error());
            scratch.emplace(std::move(*folder));
        }
        file.hostPath = scratch->path() + u'/' + file.file.value;
        if (QFile::exists(file.hostPath))
            continue; // named twice by the caller
        if (auto copied = copyBlob(blobs, file.blob, file.hostPath, 0444, file.name); !copied)
            return fail(copied.error());
    }
    return {};
}

Result<void> copyBlob(BlobStore &blobs, const BlobId &blob, const QString &path, int mode,
                      const QString &what)
{
    const auto source = openStored(blobs, blob, what);
    if (!source)
        return fail(source.error());
    const UniqueFd target(::open(QFile::encodeName(path).constData(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!target)
        return fail(writeError(path, errno));
    QByteArray buffer(copyChunkBytes, Qt::Uninitialized);
    for (;;) {
        const qint64 got = (*source)->read(buffer.data(), buffer.size());
        if (got < 0) {
            return fail(ErrorCode::StorageUnavailable,
                        u"the content of \"%1\" could not be read"_s.arg(what),
                        (*source)->errorString());
        }
        if (got == 0)
            break;
        for (qint64 done = 0; done < got;) {
            const ssize_t written = ::write(target.get(), buffer.constData() + done,
                                            static_cast<size_t>(got - done));
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                return fail(writeError(path, errno));
            done += written;
        }
    }
    if (::fchmod(target.get(), static_cast<mode_t>(mode)) != 0)
        return fail(writeError(path, errno));
    return {};
}

} // namespace skillbox
