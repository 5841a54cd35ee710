#include "engine/sandbox/oci/oci_job.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

protocol::InterpreterWish wishFor(Language language)
{
    // As the native runtime starts them: nothing of a home folder or an environment steers them.
    const std::string name = languageName(language).data();
    switch (language) {
    case Language::Python: return {name, {"python3", "python"}, {"-s", "-E", "-B", "-u"}};
    case Language::Node: return {name, {"node", "nodejs"}, {}};
    case Language::Bash: break;
    }
    return {name, {"bash"}, {"--noprofile", "--norc"}};
}

} // namespace

protocol::ContainerJob containerJob(const SandboxJob &job)
{
    const SandboxLimits &limits = job.policy.limits;
    protocol::ContainerJob told;
    told.interpreter = wishFor(job.language);
    for (const Language language : job.alsoLanguages)
        told.others.push_back(wishFor(language));
    told.job.argv.push_back("/sandbox/scripts/" + job.entrypoint.toStdString());
    for (const QString &argument : job.arguments)
        told.job.argv.push_back(argument.toStdString());

    QMap<QString, QString> environment{{u"LANG"_s, u"C.UTF-8"_s},
                                       {u"LC_ALL"_s, u"C.UTF-8"_s},
                                       {u"TZ"_s, u"UTC"_s}};
    environment.insert(job.environment);
    environment.remove(u"PATH"_s); // the image's alone
    for (auto it = environment.cbegin(); it != environment.cend(); ++it)
        told.job.environment.push_back((it.key() + u'=' + it.value()).toStdString());
    told.job.workingDirectory = "/sandbox";
    if (!job.sessionDirectory.isEmpty())
        told.job.sessionSource = protocol::containerSessionPath;
    // The wall clock ends a run; this ends a process that nothing else reaches any more.
    told.job.cpuSeconds = static_cast<uint64_t>(limits.wallClock.count() / 1000 * 8 + 60);
    told.job.memoryBytes = static_cast<uint64_t>(limits.memoryBytes);
    told.job.processes = static_cast<uint64_t>(limits.processes);
    told.job.openFiles = static_cast<uint64_t>(limits.openFiles);
    told.job.tmpBytes = static_cast<uint64_t>(limits.tmpBytes);
    told.job.outputBytes = static_cast<uint64_t>(limits.outputBytes);
    told.job.sessionBytes = static_cast<uint64_t>(limits.sessionBytes);
    told.job.inodes = static_cast<uint64_t>(limits.inodes);
    told.wallClockMs = static_cast<uint64_t>(std::max<int64_t>(1, limits.wallClock.count()));
    told.milliCpu = static_cast<uint64_t>(limits.milliCpu);
    told.logKillBytes = static_cast<uint64_t>(limits.logKillBytes);
    const RequiredControls &required = job.policy.required;
    if (required.controlGroup)
        told.required |= protocol::RequireCgroup;
    if (required.landlock)
        told.required |= protocol::RequireLandlock;
    if (required.timeNamespace)
        told.required |= protocol::RequireTimeNamespace;
    return told;
}

} // namespace skillbox
