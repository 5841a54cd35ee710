#include "engine/execution/run_policy.h"

#include "engine/sandbox/images/image_store.h"
#include "engine/skill/quantity.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString clampNote(const QString &what, const QString &asked, const QString &maximum)
{
    return u"%1 of %2 is over the maximum, %3 applies"_s.arg(what, asked, maximum);
}

} // namespace

QString defaultImage(Language language)
{
    switch (language) {
    case Language::Python: return u"python:3.12-slim"_s;
    case Language::Node: return u"node:20-slim"_s;
    case Language::Bash: break;
    }
    return u"bash:5"_s;
}

RunPolicy makePolicy(const Manifest &manifest, const RunLimits &limits,
                     std::optional<std::chrono::milliseconds> requestedTimeout)
{
    RunPolicy result;
    SandboxLimits &run = result.policy.limits;

    run.wallClock = qMin(limits.defaultTimeout, limits.maxTimeout);
    if (manifest.timeout) {
        run.wallClock = qMin(*manifest.timeout, limits.maxTimeout);
        if (run.wallClock < *manifest.timeout) {
            result.notes += clampNote(u"timeout"_s, formatDuration(*manifest.timeout),
                                      formatDuration(run.wallClock));
        }
    }
    if (requestedTimeout) {
        if (*requestedTimeout > run.wallClock) {
            result.notes += u"the requested timeout of %1 can only shorten, %2 applies"_s.arg(
                formatDuration(*requestedTimeout), formatDuration(run.wallClock));
        }
        run.wallClock = qMin(run.wallClock, *requestedTimeout);
    }

    const qint64 memory = manifest.memoryBytes.value_or(limits.defaultMemoryBytes);
    run.memoryBytes = qMin(memory, limits.maxMemoryBytes);
    if (manifest.memoryBytes && run.memoryBytes < memory) {
        result.notes += clampNote(u"memory"_s, formatBytes(memory), formatBytes(run.memoryBytes));
    }

    const int milliCpu = manifest.milliCpu.value_or(limits.defaultMilliCpu);
    run.milliCpu = qMin(milliCpu, limits.maxMilliCpu);
    if (manifest.milliCpu && run.milliCpu < milliCpu) {
        result.notes += clampNote(u"cpu"_s, formatMilliCpu(milliCpu), formatMilliCpu(run.milliCpu));
    }

    result.policy.required = limits.requiredControls;
    run.outputBytes = limits.maxFilesBytes;
    run.logBytes = limits.maxLogBytes;
    run.logKillBytes = qMax(run.logKillBytes, limits.maxLogBytes);
    return result;
}

RunImage chooseImage(const Manifest &manifest, Language language, const QStringList &allowlist,
                     const ImageStore *images, ImageSupport support)
{
    const QString image = manifest.image.isEmpty() ? defaultImage(language) : manifest.image;
    const auto refused = [](const QString &reason, const QString &message) {
        return RunImage{{}, Verdict{ExecutionStatus::Failed, reason, message}};
    };
    if (!allowlist.contains(image)) {
        return refused(u"image_not_allowed"_s,
                       u"image \"%1\" is not on the allowlist"_s.arg(image));
    }
    if (images) {
        const Result<std::optional<ImageRecord>> found = images->find(image);
        if (!found)
            return refused(u"image_not_available"_s, found.error().message);
        if (*found)
            return {image};
    }
    if (support == ImageSupport::Every)
        return {image};
    if (defaultImages().contains(image))
        return {};
    if (support == ImageSupport::NotImported)
        return {image};
    return refused(u"image_not_available"_s,
                   u"image \"%1\" has not been imported: %2"_s.arg(image, importAdvice(image)));
}

} // namespace skillbox
