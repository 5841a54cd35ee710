#include "engine/execution/output_collector.h"

#include "engine/base/quoted_name.h"
#include "engine/skill/quantity.h"

#include <QFile>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString errnoText()
{
    return QString::fromLocal8Bit(std::strerror(errno));
}

/// The outputs are there, and this machine does not let us read them.
Error unreadable(int error)
{
    return {ErrorCode::Internal,
            u"the run's outputs cannot be read here: %1"_s.arg(
                QString::fromLocal8Bit(std::strerror(error))),
            u"errno %1; ENOSYS or EPERM: a filter of system calls forbids openat2(2)"_s.arg(error)};
}

void readOutputJson(const OutputTree &tree, const CollectLimits &limits, CollectedOutput &result)
{
    qint64 size = 0;
    UniqueFd fd = tree.openFile("output.json"_ba, &size);
    if (!fd) {
        if (!isDoingOfTree(errno)) {
            result.failure = unreadable(errno);
        } else if (errno != ENOENT) {
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

/// What became of one file.
struct FileOutcome {
    std::optional<ArtifactRecord> artifact;
    QString warning; ///< why it is left out
    std::optional<Error> failure;
};

FileOutcome storeFile(const OutputTree &tree, BlobStore &blobs, const OutputFile &entry)
{
    FileOutcome outcome;
    UniqueFd fd = tree.openFile("files/" + entry.path, nullptr);
    if (!fd) {
        if (!isDoingOfTree(errno))
            outcome.failure = unreadable(errno);
        outcome.warning = u"%1 is left out: %2"_s.arg(quotedName(entry.path), errnoText());
        return outcome;
    }
    QFile file;
    if (!file.open(fd.release(), QIODevice::ReadOnly | QIODevice::Unbuffered,
                   QFileDevice::AutoCloseHandle)) {
        outcome.warning = u"%1 is left out: %2"_s.arg(quotedName(entry.path), file.errorString());
        return outcome;
    }
    const Result<StoredBlob> blob = blobs.put(file, entry.size);
    if (!blob) {
        outcome.failure = blob.error();
        return outcome;
    }
    const QString path = QString::fromUtf8(entry.path);
    outcome.artifact = ArtifactRecord{.path = path,
                                      .file = FileId{newUuid()},
                                      .blob = blob->id,
                                      .sizeBytes = blob->size,
                                      .contentType = contentTypeOf(path)};
    return outcome;
}

/// In the order of `files`, which are put side by side where the store gains by that. None is begun
/// after one that failed.
std::vector<FileOutcome> storeAll(const OutputTree &tree, BlobStore &blobs,
                                  const QList<OutputFile> &files)
{
    std::vector<FileOutcome> outcomes(static_cast<size_t>(files.size()));
    std::atomic<size_t> next = 0;
    std::atomic<bool> failed = false;
    const auto work = [&] {
        for (size_t i = next++; i < outcomes.size() && !failed; i = next++) {
            try {
                outcomes[i] = storeFile(tree, blobs, files[static_cast<qsizetype>(i)]);
            } catch (const std::exception &error) {
                outcomes[i].failure = Error{ErrorCode::Internal, u"the file store failed"_s,
                                            QString::fromLocal8Bit(error.what())};
            }
            failed = failed || outcomes[i].failure.has_value();
        }
    };
    std::vector<std::jthread> helpers;
    try {
        for (int i = 1; i < blobs.putsAtOnce() && i < files.size(); ++i)
            helpers.emplace_back(work);
    } catch (const std::system_error &) {
        // no thread to be had: those that there are do it
    }
    work();
    helpers.clear(); // joins
    return outcomes;
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
    QList<OutputFile> chosen;
    for (const OutputFile &entry : files.first(count)) {
        if (entry.size > room) {
            ++overSize;
            overSizeBytes += entry.size;
            continue;
        }
        room -= entry.size;
        chosen.append(entry);
    }
    for (FileOutcome &outcome : storeAll(tree, blobs, chosen)) {
        if (outcome.failure) {
            result.failure = std::move(outcome.failure);
            return;
        }
        if (!outcome.warning.isEmpty())
            result.warnings += outcome.warning;
        if (!outcome.artifact)
            continue;
        result.bytesKept += outcome.artifact->sizeBytes;
        result.artifacts += std::move(*outcome.artifact);
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
    if (listing.error != 0)
        result.failure = unreadable(listing.error);
    if (result.failure)
        return result;
    storeFiles(tree, blobs, limits, listing.files, result);
    return result;
}

} // namespace skillbox
