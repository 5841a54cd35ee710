#include "engine/sandbox/oci/oci_probe.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

using State = ControlState::State;

ControlState limitsState(const QJsonObject &info)
{
    QStringList missing;
    const std::pair<QLatin1StringView, QString> limits[] = {
        {"MemoryLimit"_L1, u"memory"_s},
        {"SwapLimit"_L1, u"swap"_s},
        {"PidsLimit"_L1, u"processes"_s},
        {"CpuCfsQuota"_L1, u"cpu"_s},
    };
    for (const auto &[key, name] : limits) {
        if (!info.value(key).toBool())
            missing += name;
    }
    const QString control = u"container limits"_s;
    if (!missing.isEmpty()) {
        return {control, State::Degraded,
                u"the engine cannot limit %1"_s.arg(missing.join(u", "_s)),
                u"Give it control groups: rootless engines need delegation, swap may need"
                u" swapaccount=1 at boot."_s};
    }
    return {control,
            State::Active,
            u"memory, swap, processes, cpu by cgroup v%1"_s.arg(
                info.value("CgroupVersion"_L1).toString().left(8)),
            {}};
}

ControlState runtimeState(const QJsonObject &info, const QString &wanted)
{
    const QStringList known = info.value("Runtimes"_L1).toObject().keys();
    const QString control = u"container runtime"_s;
    if (wanted.isEmpty()) {
        const QString usual = info.value("DefaultRuntime"_L1).toString().left(64);
        return {control, State::Active, usual.isEmpty() ? u"the engine's default"_s : usual, {}};
    }
    if (known.contains(wanted))
        return {control, State::Active, wanted, {}};
    return {control, State::Degraded,
            u"the engine does not list \"%1\" among %2"_s.arg(wanted,
                                                              known.join(u", "_s).left(200)),
            u"Set SKILLBOX_OCI_RUNTIME to one of these, or add it to the engine's runtimes."_s};
}

} // namespace

QList<ControlState> probeEngine(EngineClient &engine, const OciConfig &config,
                                const QString &initPath)
{
    const QString control = u"container engine"_s;
    QList<ControlState> states;
    // Where every run is one of its containers, nothing runs without it.
    const State absent = config.mode == RuntimeMode::Oci ? State::Missing : State::Degraded;
    const Result<EngineVersion> version = engine.version();
    if (!version) {
        return {{control, absent, version.error().message,
                 u"Skills that name an image cannot run. Start the engine, or correct"
                 u" SKILLBOX_OCI_HOST."_s}};
    }
    states.append({control,
                   State::Active,
                   u"%1 %2 at %3"_s.arg(version->kindName(), version->version, engine.address()),
                   {}});
    if (!QFileInfo(initPath).isExecutable()) {
        states.append({u"container init"_s, absent,
                       u"\"%1\" is not an executable file"_s.arg(initPath),
                       u"It lies beside skillbox-sandbox; install Skillbox again."_s});
    }
    const auto answer = engine.send({.target = "/info", .timeLimit = 20s});
    const QJsonObject info = answer && answer->isSuccess()
        ? QJsonDocument::fromJson(answer->body).object()
        : QJsonObject();
    if (info.isEmpty()) {
        states.append({u"container limits"_s, State::Degraded,
                       u"the engine does not tell about itself: %1"_s.arg(
                           answer ? EngineClient::complaintIn(*answer) : answer.error().message),
                       u"A proxy in front of it may allow GET /info; each run checks its limits"
                       u" itself."_s});
        return states;
    }
    states.append(limitsState(info));
    states.append(runtimeState(info, config.runtime));
    return states;
}

} // namespace skillbox
