#include "engine/sandbox/oci/container_spec.h"

#include "engine/sandbox/protocol/container_messages.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr char profileText[] =
#include "seccomp_profile.inc"
    ;

/// What tells about the host, its keys or its boot, and what no script needs. Those that a kernel
/// does not have are passed over.
QJsonArray maskedPaths()
{
    QJsonArray paths;
    for (const char *name : {"acpi",        "asound",        "buddyinfo",   "bus",
                             "cgroups",     "cmdline",       "config.gz",   "consoles",
                             "diskstats",   "dma",           "driver",      "fs",
                             "interrupts",  "iomem",         "ioports",     "irq",
                             "kallsyms",    "kcore",         "key-users",   "keys",
                             "kmsg",        "latency_stats", "misc",        "modules",
                             "partitions",  "sched_debug",   "scsi",        "softirqs",
                             "swaps",       "sysrq-trigger", "sysvipc",     "timer_list",
                             "timer_stats", "tty",           "vmallocinfo", "vmstat",
                             "zoneinfo"})
        paths.append(u"/proc/"_s + QLatin1StringView(name));
    // Not /sys/fs/cgroup: the limits that really apply are read there.
    for (const char *name : {"block", "bus", "class", "dev", "devices", "firmware", "hypervisor",
                             "kernel", "module", "power"})
        paths.append(u"/sys/"_s + QLatin1StringView(name));
    paths.append(u"/dev/pts"_s);
    paths.append(u"/dev/mqueue"_s);
    return paths;
}

QString tmpfs(qint64 bytes, const QString &more)
{
    return u"rw,nosuid,nodev,exec,size=%1,%2"_s.arg(bytes).arg(more);
}

/// The only places where a run can write. Podman 4 takes neither the number of files nor an owner.
QJsonObject writablePlaces(const ContainerSpec &spec)
{
    const SandboxLimits &limits = spec.limits;
    QString forAll = u"mode=1777"_s;
    QString own = u"mode=0777"_s;
    if (spec.engine == EngineKind::Docker) {
        const QString files = u",nr_inodes=%1"_s.arg(limits.inodes);
        forAll += files;
        own = u"mode=0755,uid=65534,gid=65534"_s + files;
    }
    QJsonObject places{{u"/tmp"_s, tmpfs(limits.tmpBytes, forAll)},
                       {u"/sandbox/out"_s, tmpfs(limits.outputBytes, own)}};
    if (spec.hasSession) {
        QString session = own;
        if (spec.engine == EngineKind::Docker)
            session.replace(u"nr_inodes=%1"_s.arg(limits.inodes),
                            u"nr_inodes=%1"_s.arg(limits.inodes * 2)); // and as many folders
        places.insert(u"/sandbox/session"_s, tmpfs(limits.sessionBytes, session));
    }
    const qint64 shared = qMin<qint64>(limits.tmpBytes, 64LL << 20);
    if (spec.engine == EngineKind::Docker)
        places.insert(u"/dev/shm"_s, tmpfs(shared, forAll));
    if (spec.engine == EngineKind::Podman) {
        // Which Podman makes writable and unbounded by itself otherwise.
        for (const QString &place : {u"/run"_s, u"/var/tmp"_s})
            places.insert(place, u"ro,nosuid,nodev,noexec,size=65536"_s);
    }
    return places;
}

QJsonObject ulimit(const QString &name, int value)
{
    return {{u"Name"_s, name}, {u"Soft"_s, value}, {u"Hard"_s, value}};
}

QJsonObject hostConfig(const ContainerSpec &spec)
{
    const SandboxLimits &limits = spec.limits;
    QJsonArray security{u"no-new-privileges"_s};
    QJsonArray ulimits{ulimit(u"core"_s, 0), ulimit(u"nofile"_s, limits.openFiles)};
    if (spec.engine == EngineKind::Docker) {
        if (const QByteArray profile = seccompProfile(); !profile.isEmpty())
            security.append(u"seccomp="_s + QString::fromLatin1(profile));
    } else {
        // Podman takes a path of its own host there, and its own profile otherwise. It sets
        // 1048576 unless told, which not every machine may.
        ulimits.append(ulimit(u"nproc"_s, 4096));
        QStringList masked;
        for (const QJsonValue &path : maskedPaths())
            masked += path.toString();
        security.append(u"mask="_s + masked.join(u':')); // it does not hear of MaskedPaths
    }
    QJsonObject host{
        {u"NetworkMode"_s, u"none"_s},
        {u"ReadonlyRootfs"_s, true},
        {u"Privileged"_s, false},
        {u"CapAdd"_s, QJsonArray()},
        {u"CapDrop"_s, QJsonArray{u"ALL"_s}},
        {u"SecurityOpt"_s, security},
        {u"Binds"_s, QJsonArray()},
        {u"Devices"_s, QJsonArray()},
        {u"GroupAdd"_s, QJsonArray()},
        {u"PidMode"_s, QString()},
        {u"UTSMode"_s, QString()},
        {u"IpcMode"_s, u"private"_s},
        {u"CgroupnsMode"_s, u"private"_s},
        {u"PublishAllPorts"_s, false},
        {u"AutoRemove"_s, false},
        {u"Init"_s, false},
        {u"RestartPolicy"_s, QJsonObject{{u"Name"_s, u"no"_s}}},
        {u"LogConfig"_s, QJsonObject{{u"Type"_s, u"none"_s}}},
        // Skill, input and our init: written by us before the start, the root's and not writable
        // for the run. The only thing of it on a disk; it is removed with the container.
        {u"Mounts"_s,
         QJsonArray{QJsonObject{{u"Type"_s, u"volume"_s},
                                {u"Target"_s, u"/sandbox"_s},
                                {u"VolumeOptions"_s, QJsonObject{{u"NoCopy"_s, true}}}}}},
        {u"Tmpfs"_s, writablePlaces(spec)},
        {u"ShmSize"_s, qMin<qint64>(limits.tmpBytes, 64LL << 20)},
        {u"Memory"_s, limits.memoryBytes},
        {u"MemorySwap"_s, limits.memoryBytes}, // memory and swap together: no swap
        {u"NanoCpus"_s, qint64(limits.milliCpu) * 1'000'000},
        {u"PidsLimit"_s, limits.processes + 1}, // and the init
        {u"OomScoreAdj"_s, 500},
        {u"Ulimits"_s, ulimits},
        {u"MaskedPaths"_s, maskedPaths()},
        {u"ReadonlyPaths"_s, QJsonArray{u"/proc/sys"_s, u"/sys"_s}},
    };
    if (!spec.runtime.isEmpty())
        host.insert(u"Runtime"_s, spec.runtime);
    return host;
}

} // namespace

QByteArray seccompProfile()
{
    return QByteArray(profileText, sizeof profileText - 1);
}

QJsonObject containerSpec(const ContainerSpec &spec)
{
    return {
        {u"Image"_s, spec.image},
        {u"Entrypoint"_s, QJsonArray{QString::fromLatin1(protocol::containerInitPath)}},
        {u"Cmd"_s, QJsonArray()},
        {u"Env"_s, QJsonArray()}, // the init gives the script its environment, and not the image's
        {u"User"_s, u"65534:65534"_s},
        {u"WorkingDir"_s, u"/sandbox"_s},
        {u"Hostname"_s, u"sandbox"_s},
        {u"Tty"_s, false},
        {u"OpenStdin"_s, false},
        {u"AttachStdin"_s, false},
        {u"AttachStdout"_s, true},
        {u"AttachStderr"_s, true},
        {u"NetworkDisabled"_s, true},
        {u"Healthcheck"_s, QJsonObject{{u"Test"_s, QJsonArray{u"NONE"_s}}}},
        {u"StopSignal"_s, u"SIGKILL"_s},
        {u"Labels"_s,
         QJsonObject{{QLatin1StringView(homeLabel), spec.owner.home},
                     {QLatin1StringView(instanceLabel), spec.owner.instance.value},
                     {QLatin1StringView(executionLabel), spec.execution.value}}},
        {u"HostConfig"_s, hostConfig(spec)},
    };
}

} // namespace skillbox
