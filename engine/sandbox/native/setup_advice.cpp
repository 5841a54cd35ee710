#include "engine/sandbox/native/setup_advice.h"

#include <QFile>

#include <cerrno>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QByteArray setting(const char *path)
{
    QFile file(QString::fromLatin1(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

SetupAdvice adviseOnNamespaces(int errorNumber)
{
    if (errorNumber == ENOSPC || setting("/proc/sys/user/max_user_namespaces") == "0") {
        return {u"the kernel's limit of user namespaces is reached or 0"_s,
                u"Raise it: sysctl user.max_user_namespaces=15000"_s};
    }
    if (setting("/proc/sys/kernel/unprivileged_userns_clone") == "0") {
        return {u"this kernel lets only root create user namespaces"_s,
                u"Allow them: sysctl kernel.unprivileged_userns_clone=1"_s};
    }
    if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
        return {u"AppArmor lets only programs with a profile create user namespaces"_s,
                u"Install the AppArmor profile of skillbox-sandbox, or: "
                "sysctl kernel.apparmor_restrict_unprivileged_userns=0"_s};
    }
    if (errorNumber == EPERM) {
        return {u"the kernel refuses user namespaces to this process"_s,
                u"It may run in a chroot or in a container whose seccomp profile forbids them; "
                "start it outside, or with a profile that allows clone3 and mount."_s};
    }
    if (errorNumber == EAGAIN || errorNumber == ENOMEM) {
        return {u"there is no process or no memory left for it"_s,
                u"ulimit -u and the control group of skillbox (pids.max, memory.max) bound it."_s};
    }
    if (errorNumber == EINVAL)
        return {u"this kernel lacks a namespace that the sandbox needs"_s,
                u"Use Linux 5.12 or newer."_s};
    return {u"the kernel would not create namespaces: %1"_s.arg(
                QString::fromLocal8Bit(std::strerror(errorNumber))),
            {}};
}

} // namespace

SetupAdvice adviseOnSetupFailure(const QString &stage, int errorNumber)
{
    if (errorNumber == EMFILE || errorNumber == ENFILE) {
        return {u"%1 failed, because no more files may be open"_s.arg(stage),
                u"Raise the limit: ulimit -n, or LimitNOFILE= of the systemd unit."_s};
    }
    if (stage == "creating namespaces"_L1 || stage.startsWith("mapping uid"_L1)
        || stage == "denying setgroups"_L1)
        return adviseOnNamespaces(errorNumber);
    if (stage.startsWith("copying the session's files"_L1)
        && (errorNumber == ENOSPC || errorNumber == ENOMEM)) {
        return {u"%1 failed, because they are too large or too many"_s.arg(stage),
                u"Delete files of the session, or raise the limit."_s};
    }
    if (stage.startsWith("fitting the sandbox into"_L1)) {
        return {u"%1 of memory failed"_s.arg(stage),
                u"The run needs a larger memory limit, or a smaller session."_s};
    }
    if (stage.startsWith("applying the required control"_L1)) {
        return {
            u"%1 is not possible here"_s.arg(stage),
            u"skillbox doctor says how to get it; SKILLBOX_REQUIRED_CONTROLS is what requires it."_s};
    }
    const QString message = u"%1 failed: %2"_s.arg(
        stage, QString::fromLocal8Bit(std::strerror(errorNumber)));
    if (errorNumber == ENOSYS) {
        return {message,
                u"The sandbox needs Linux 5.12 or newer (mount_setattr, openat2, pidfd)."_s};
    }
    if (stage.startsWith("mounting proc"_L1) && errorNumber == EPERM) {
        return {message,
                u"A container with a masked /proc forbids a private one; run it with an unmasked "
                "/proc (podman: --security-opt unmask=ALL)."_s};
    }
    // Ubuntu's AppArmor lets an unprofiled program make the namespace but takes its capabilities.
    if ((errorNumber == EPERM || errorNumber == EACCES)
        && setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1")
        return {message, adviseOnNamespaces(errorNumber).fix};
    return {message, {}};
}

} // namespace skillbox
