#include "engine/sandbox/native/control_report.h"

#include <QHash>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

using State = ControlState::State;

QString title(const QString &name)
{
    static const QHash<QString, QString> titles = {
        {u"namespaces"_s, u"namespaces"_s},
        {u"time_namespace"_s, u"time namespace"_s},
        {u"host_uid"_s, u"host uid of a run"_s},
        {u"root"_s, u"file system"_s},
        {u"proc"_s, u"/proc"_s},
        {u"groups"_s, u"groups of a run"_s},
        {u"network"_s, u"network"_s},
        {u"capabilities"_s, u"capabilities"_s},
        {u"no_new_privs"_s, u"no_new_privs"_s},
        {u"nested_namespaces"_s, u"nested namespaces"_s},
        {u"landlock"_s, u"Landlock"_s},
        {u"seccomp"_s, u"seccomp filter"_s},
        {u"memory"_s, u"memory limit"_s},
        {u"processes"_s, u"process limit"_s},
        {u"cpu"_s, u"processor limit"_s},
    };
    return titles.value(name, name);
}

QString valueOf(const std::vector<protocol::AppliedControl> &controls, const char *name)
{
    const auto found = std::find_if(controls.begin(), controls.end(),
                                    [name](const auto &control) { return control.name == name; });
    return found == controls.end() ? QString() : QString::fromStdString(found->value);
}

bool isDegraded(const protocol::AppliedControl &control)
{
    return control.value == "absent" || control.value.ends_with(", watched");
}

ControlState degraded(const QString &name, const QString &noCgroupReason)
{
    if (name == "landlock"_L1) {
        return {title(name), State::Degraded, u"this kernel has no Landlock"_s,
                u"It is a second layer; boot with lsm=landlock,… to have it."_s};
    }
    if (name == "memory"_L1) {
        return {title(name), State::Degraded, u"watched every 50 ms: %1"_s.arg(noCgroupReason),
                u"Run as a systemd unit with Delegate=yes, or as root."_s};
    }
    if (name == "cpu"_L1) {
        if (noCgroupReason.isEmpty()) {
            return {title(name), State::Degraded, u"the control group has no cpu controller"_s,
                    u"Let systemd delegate it: Delegate=cpu memory pids."_s};
        }
        return {title(name), State::Degraded, u"none without a control group"_s,
                u"As for the memory limit."_s};
    }
    return {title(name), State::Degraded, u"this kernel has none"_s, {}};
}

bool isRequired(const QString &name, const RequiredControls &required)
{
    if (name == "memory"_L1 || name == "cpu"_L1)
        return required.controlGroup;
    return (name == "landlock"_L1 && required.landlock)
        || (name == "time_namespace"_L1 && required.timeNamespace);
}

} // namespace

QList<ControlState> controlStates(const std::vector<protocol::AppliedControl> &controls,
                                  const RequiredControls &required)
{
    const QString reason = valueOf(controls, "no_cgroup");
    QList<ControlState> states;
    for (const protocol::AppliedControl &control : controls) {
        const QString name = QString::fromStdString(control.name);
        if (name == "no_cgroup"_L1)
            continue;
        if (!isDegraded(control)) {
            states.append({title(name), State::Active, QString::fromStdString(control.value), {}});
            continue;
        }
        ControlState state = degraded(name, reason);
        if (isRequired(name, required)) {
            state.state = State::Missing;
            state.detail += u"; SKILLBOX_REQUIRED_CONTROLS lets no run start like this"_s;
        }
        states.append(state);
    }
    return states;
}

QJsonObject controlsJson(const std::vector<protocol::AppliedControl> &controls)
{
    QJsonObject json;
    for (const protocol::AppliedControl &control : controls)
        json.insert(QString::fromStdString(control.name), QString::fromStdString(control.value));
    return json;
}

QString levelOf(const std::vector<protocol::AppliedControl> &controls)
{
    return std::any_of(controls.begin(), controls.end(), isDegraded) ? u"degraded"_s : u"full"_s;
}

} // namespace skillbox
