#include "engine/execution/output_collector.h"

#include "engine/base/quoted_name.h"
#include "engine/skill/quantity.h"

#include <QFile>

#include <cerrno>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString errnoText()
{
    return QString::fromLocal8Bit(std::strerror(errno));
}

void readOutputJson(const OutputTree &tree, const CollectLimits &limits, CollectedOutput &result)
{
    qint64 size = 0;
    UniqueFd fd = tree.openFile("output.json"_ba, &size);
    if (!fd) {
        if (errno != ENOENT) {
            result.warnings += u"output.json is ignored: %1"_s.arg(
                errno == EINVAL || errno == ELOOP ? u"it is not a regular file with one link"_s
                                                  : errnoText());
        }
        return;
    }
    if (size > limits.outputJsonBytes) {
        result.warnings += u"output.json is ignored: its %1 bytes are over the limit of %2"_s
                               .arg(size)
                               .arg(formatBytes(limits.outputJsonBytes));
        return;
    }
    QFile file;
    if (!file.open(fd.release(), QIODevice::ReadOnly | QIODevice::Unbuffered,
                   QFileDevice::AutoCloseHandle)) {
        result.warnings += u"output.json is ignored: %1"_s.arg(file.errorString());
        return;
    }
    Result<JsonText> json = JsonText::parse(file.read(limits.outputJsonBytes));
    if (json)
        result.output = std::move(*json);
    else
        result.warnings += u"output.json is ignored: it %1"_s.arg(json.error().message);
}

void storeFiles(const OutputTree &tree, BlobStore &blobs, const CollectLimits &limits,
                const QList<OutputFile> &files, CollectedOutput &result)
{
    const qint64 most = limits.roomFor && !files.isEmpty() ? limits.roomFor(limits.filesBytes)
                                                           : limits.filesBytes;
    qint64 room = most;
    qsizetype overSize = 0;
    qint64 overSizeBytes = 0;
    const qsizetype count = qMin<qsizetype>(files.size(), limits.artifacts);
    for (const OutputFile &entry : files.first(count)) {
        qint64 size = 0;
        UniqueFd fd = tree.openFile("files/" + entry.path, &size);
        if (!fd) {
            result.warnings += u"%1 is left out: %2"_s.arg(quotedName(entry.path), errnoText());
            continue;
        }
        if (size > room) {
            ++overSize;
            overSizeBytes += size;
            continue;
        }
        QFile file;
        if (!file.open(fd.release(), QIODevice::ReadOnly | QIODevice::Unbuffered,
                       QFileDevice::AutoCloseHandle)) {
            result.warnings += u"%1 is left out: %2"_s.arg(quotedName(entry.path),
                                                           file.errorString());
            continue;
        }
        Result<StoredBlob> blob = blobs.put(file, room);
        if (!blob) {
            result.failure = blob.error();
            return;
        }
        room -= blob->size;
        result.bytesKept += blob->size;
        const QString path = QString::fromUtf8(entry.path);
        result.artifacts += ArtifactRecord{.path = path,
                                           .file = FileId{newUuid()},
                                           .blob = blob->id,
                                           .sizeBytes = blob->size,
                                           .contentType = contentTypeOf(path)};
    }
    if (overSize > 0) {
        result.bytesLeftOut = overSizeBytes;
        result.warnings += u"output files over the limit of %1 for all together are left out: "
                           "%2 with %3 bytes"_s.arg(formatBytes(most))
                               .arg(overSize)
                               .arg(overSizeBytes);
    }
    if (files.size() > count) {
        result.warnings += u"output files over the limit of %1 are left out: %2"_s
                               .arg(limits.artifacts)
                               .arg(files.size() - count);
    }
}

} // namespace

CollectedOutput collectOutputs(int outDirectory, BlobStore &blobs, const CollectLimits &limits)
{
    CollectedOutput result;
    const OutputTree tree(outDirectory);
    readOutputJson(tree, limits, result);
    OutputListing listing = tree.list("files"_ba, limits.tree);
    result.warnings += listing.skipped;
    storeFiles(tree, blobs, limits, listing.files, result);
    return result;
}

} // namespace skillbox
