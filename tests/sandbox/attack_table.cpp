#include "tests/sandbox/attack_table.h"

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr qint64 MiB = 1 << 20;

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ', Qt::SkipEmptyParts);
}

/// A row whose name is its script and arguments.
Attack attack(const char *script, const char *arguments, const char *controls)
{
    Attack attack;
    attack.script = QString::fromLatin1(script);
    attack.arguments = words(arguments);
    attack.controls = words(controls);
    attack.name = (QStringList(attack.script) + attack.arguments).join(u' ');
    return attack;
}

Attack stoppedByKernel(const char *script, const char *arguments, const char *why)
{
    Attack result = attack(script, arguments, "");
    result.notWeakened = QString::fromLatin1(why);
    return result;
}

Attack with(Attack attack, std::function<void(Attack &)> change)
{
    change(attack);
    return attack;
}

Attack on(Attack::Machine machine, Attack attack)
{
    attack.machine = machine;
    return attack;
}

Attack where(const char *hostHas, Attack attack)
{
    attack.hostHas = words(hostHas);
    return attack;
}

void addFiles(QList<Attack> &all)
{
    all << attack("file_visible.py", "passwords", "root_view")
        << attack("file_visible.py", "homes", "root_view")
        << where("/run", attack("file_visible.py", "sockets", "root_view"))
        << attack("file_visible.py", "data", "root_view")
        << attack("file_unexpected.py", "", "root_view")
        << attack("file_host_tmp.py", "", "private_tmp")
        << attack("file_host_socket.py", "", "private_tmp")
        << attack("file_write_root.py", "", "read_only landlock")
        << on(Attack::Machine::RootToFail,
              attack("file_write_host.py", "usr", "read_only landlock host_uid"))
        << attack("file_write_host.py", "scripts", "read_only landlock host_uid")
        << on(Attack::Machine::RootToFail,
              attack("file_write_host.py", "sysctl", "proc_read_only landlock host_uid"))
        << attack("file_write_input.py", "", "read_only landlock")
        << with(attack("file_write_input_file.py", "", "read_only landlock host_uid"),
                [](Attack &row) {
                    row.job = [](SandboxJob &job) {
                        job.inputFiles = {{u"data"_s, job.skillDirectory + u"/attack.py"_s}};
                    };
                })
        << attack("file_hard_link.py", "", "read_only landlock host_uid")
        << attack("file_above_root.py", "", "old_root")
        << on(Attack::Machine::Root, attack("file_of_owner.py", "", "host_uid"))
        << on(Attack::Machine::Root, attack("file_of_group.py", "", "groups"))
        << attack("file_chroot_escape.py", "", "seccomp capabilities")
        << attack("file_remount.py", "", "seccomp capabilities landlock");
}

void addDevices(QList<Attack> &all)
{
    const auto visible = [](const char *what, const char *paths) {
        return where(paths, attack("device_visible.py", what, "devices"));
    };
    all << visible("memory", "/dev/mem /dev/kmem /dev/port /dev/kmsg")
        << visible("disks",
                   "/dev/sda /dev/vda /dev/nvme0n1 /dev/xvda /dev/dm-0 /dev/loop0 "
                   "/dev/loop-control /dev/disk /dev/mapper")
        << visible("kvm", "/dev/kvm /dev/vhost-net /dev/vhost-vsock")
        << visible("fuse", "/dev/fuse")
        << visible("terminals", "/dev/ptmx /dev/pts /dev/tty /dev/tty0 /dev/console /dev/vcs")
        << visible("network", "/dev/net/tun /dev/vsock")
        << visible("userfaultfd", "/dev/userfaultfd")
        << visible("graphics", "/dev/dri /dev/fb0 /dev/input /dev/snd /dev/bus")
        << attack("device_unexpected.py", "", "devices")
        << attack("device_make.py", "whiteout", "seccomp landlock");
    for (const char *kind : {"memory", "disk"}) {
        all << stoppedByKernel("device_make.py", kind,
                               "mknod(2) of a device needs CAP_MKNOD in the first user namespace");
    }
}

void addNetwork(QList<Attack> &all)
{
    all << attack("net_tcp.py", "", "seccomp network landlock")
        << attack("net_tcp.js", "", "seccomp network landlock")
        << attack("net_udp.py", "", "seccomp network")
        << stoppedByKernel("net_resolver.py", "",
                           "cannot be shown without the internet; net_udp.py takes the same way")
        << where("route:169.254.169.254", attack("net_metadata.py", "", "seccomp network"))
        << attack("net_host_abstract.py", "", "network landlock")
        << attack("net_host_ports.py", "", "network")
        << attack("net_every_family.py", "", "seccomp");
    for (const char *family : {"inet", "inet6", "netlink"})
        all << attack("net_socket.py", family, "seccomp");
    for (const char *family : {"raw", "packet"})
        all << attack("net_socket.py", family, "seccomp capabilities");
    const std::pair<const char *, const char *> optional[] = {
        {"ping", "socket:2/2/1"},       {"vsock", "socket:40/1/0"}, {"alg", "socket:38/5/0"},
        {"bluetooth", "socket:31/3/1"}, {"xdp", "socket:44/3/0"},   {"can", "socket:29/3/1"},
        {"key", "socket:15/3/2"},       {"tipc", "socket:30/1/0"},
    };
    for (const auto &[family, probe] : optional)
        all << where(probe, attack("net_socket.py", family, "seccomp capabilities"));
}

void addKernel(QList<Attack> &all)
{
    for (const QString &call :
         words("add_key adjtimex bpf chroot clock_adjtime clock_settime clone3 "
               "fanotify_init fsconfig io_uring_enter io_uring_register io_uring_setup "
               "ioperm iopl kcmp keyctl listmount lsm_get_self_attr memfd_secret "
               "migrate_pages modify_ldt mount mount_setattr move_pages msgget "
               "name_to_handle_at open_tree openat2 perf_event_open personality "
               "pidfd_getfd process_madvise process_mrelease process_vm_readv "
               "process_vm_writev ptrace quotactl quotactl_fd request_key sched_setattr "
               "sched_setparam sched_setscheduler seccomp semget setns settimeofday "
               "shmget statmount swapon umount2 unshare userfaultfd")) {
        const QByteArray name = call.toLatin1();
        all << where("call:" + name, attack("system_call.py", name, "seccomp"));
    }
    for (const char *call : {"fsmount", "fsopen", "fspick", "move_mount", "pivot_root", "reboot",
                             "setdomainname", "sethostname"})
        all << attack("system_call.py", call, "seccomp capabilities");
    // Before, it asked for a capability in the first user namespace.
    all << where("kernel:6.11",
                 attack("system_call.py", "open_by_handle_at", "seccomp capabilities"));
    all << attack("system_call.py", "mq_open", "seccomp rlimits");
    for (const char *call : {"acct", "delete_module", "finit_module", "init_module",
                             "kexec_file_load", "kexec_load", "swapoff", "syslog", "vhangup"}) {
        all << stoppedByKernel("system_call.py", call,
                               "asks first of all for a capability in the first user namespace");
    }

    for (const char *how : {"clone", "unshare"}) {
        all << attack("kernel_namespace.py", qPrintable(QLatin1String(how) + u" user"_s),
                      "seccomp nested_namespaces");
        for (const char *which : {"mnt", "pid", "net", "ipc", "uts", "cgroup"}) {
            all << attack("kernel_namespace.py",
                          qPrintable(QLatin1String(how) + u' ' + QLatin1String(which)),
                          "seccomp capabilities");
        }
    }
    all << attack("kernel_namespace.py", "unshare time", "seccomp capabilities");

    for (const char *abi : {"int80", "x32"})
        all << where("machine:x86_64", attack("kernel_other_abi.py", abi, "seccomp"));
    for (const char *command : {"TIOCSTI", "TIOCSTI+high", "TIOCLINUX", "TIOCLINUX+high",
                                "TIOCSETD", "TIOCSCTTY", "FICLONE", "FS_IOC_SETFLAGS"})
        all << attack("kernel_ioctl.py", command, "seccomp");
    for (const char *option :
         {"set_mm", "set_ptracer", "speculation", "syscall_dispatch", "sched_core", "set_seccomp",
          "set_securebits", "set_keepcaps", "set_tsc", "mdwe"}) {
        // Two need a capability where the kernel is reached.
        all << attack("kernel_prctl.py", option, "seccomp capabilities securebits");
    }
    for (const char *how : {"attach", "seize"})
        all << attack("kernel_trace_child.py", how, "seccomp");
    for (const char *how : {"chmod", "fchmod", "fchmodat", "fchmodat2", "open", "openat",
                            "openat_high_bits", "tmpfile", "creat", "mknod", "mknodat", "fifo"})
        all << where(QByteArray("call:") + how,
                     attack("kernel_set_user_id_file.py", how, "seccomp"));
}

void addPrivileges(QList<Attack> &all)
{
    all << stoppedByKernel("privilege_identity.py", "",
                           "65534 is the only id that the user namespace maps")
        << stoppedByKernel("privilege_become_root.py", "",
                           "no other id is mapped in the user namespace (EINVAL)")
        << stoppedByKernel("privilege_set_user_id_programs.sh", "",
                           "an unmapped owner's set-user-id bit does not count (execve(2))")
        << stoppedByKernel("privilege_kill_init.py", "",
                           "an init takes no signal from inside that it has no handler for")
        << on(Attack::Machine::Root, attack("privilege_groups.py", "", "groups"))
        << attack("privilege_status.py", "capabilities", "capabilities")
        << attack("privilege_status.py", "no_new_privs", "no_new_privs seccomp landlock")
        << attack("privilege_status.py", "seccomp", "seccomp")
        << attack("privilege_securebits.py", "", "securebits")
        << attack("privilege_file_capabilities.py", "", "capabilities")
        << where("limit:nice", attack("privilege_nice.py", "", "rlimits"))
        << where("limit:rtprio", attack("privilege_realtime.py", "", "rlimits seccomp"))
        << attack("privilege_lock_memory.py", "", "rlimits")
        << attack("privilege_core_dump.py", "", "rlimits")
        << attack("privilege_raise_limits.py", "", "rlimits")
        << attack("privilege_raise_limits.sh", "", "rlimits")
        << attack("privilege_out_of_memory_score.py", "", "oom_score");
}

void addProc(QList<Attack> &all)
{
    all << attack("proc_init.py", "seen", "hidepid") << attack("proc_init.py", "opened", "dumpable")
        << attack("proc_listing.py", "", "hidepid")
        << attack("proc_host_process.py", "", "pid_namespace")
        << attack("proc_masked.py", "", "masked_proc")
        << attack("proc_write.py", "self", "proc_read_only landlock")
        << attack("proc_write.py", "namespaces", "proc_read_only landlock capabilities")
        << attack("proc_mounts.py", "", "old_root")
        << with(attack("proc_mounts.py", "", "old_root"),
                [](Attack &row) {
                    row.name += u" with every interpreter"_s;
                    row.job = [](SandboxJob &job) {
                        job.alsoLanguages = {Language::Bash, Language::Node, Language::Python};
                    };
                })
        << attack("proc_cgroup.py", "", "cgroup_namespace");
}

void addResources(QList<Attack> &all)
{
    using Machine = Attack::Machine;
    const auto few = [](Attack &row) {
        row.limits = [](SandboxLimits &limits) {
            limits.processes = 40;
            limits.memoryBytes = 4096 * MiB; // not what this is about
        };
    };
    for (const char *kind : {"children", "zombies", "threads"})
        all << with(attack("resource_processes.py", kind, "cgroups rlimits"), few);
    all << attack("resource_descriptors.py", "", "rlimits");

    const auto little = [](Attack &row) {
        row.contained = {OutcomeKind::OutOfMemory};
        row.limits = [](SandboxLimits &limits) {
            limits.memoryBytes = 64 * MiB;
            limits.openFiles = 4096;
        };
    };
    for (const char *kind : {"private", "children", "shared"})
        all << with(attack("resource_memory.py", kind, "cgroups rlimits memory_watch"), little);
    // Without a control group there is no memfd_create(2).
    all << with(attack("resource_memory.py", "memfd", "cgroups rlimits memory_watch seccomp"),
                little);
    for (const char *kind : {"shared_dropped", "tmpfs", "sockets"})
        all << with(on(Machine::Cgroup,
                       attack("resource_memory.py", kind, "cgroups rlimits memory_watch")),
                    little);
    all << with(stoppedByKernel("resource_memory_in_common.py", "",
                                "not an attack: must be let through"),
                [](Attack &row) {
                    row.limits = [](SandboxLimits &limits) { limits.memoryBytes = 96 * MiB; };
                });
    all << with(attack("resource_memory.js", "", "cgroups rlimits memory_watch"), [](Attack &row) {
        row.contained = {OutcomeKind::OutOfMemory};
        row.limits = [](SandboxLimits &limits) { limits.memoryBytes = 128 * MiB; };
    });

    const auto small = [](Attack &row) {
        row.limits = [](SandboxLimits &limits) {
            limits.tmpBytes = limits.outputBytes = limits.sessionBytes = 8 * MiB;
            limits.inodes = 500;
        };
    };
    for (const char *folder : {"/tmp", "/sandbox/out", "/dev/shm", "/sandbox/session"}) {
        const auto smallFolder = [&](Attack &row) {
            small(row);
            if (QLatin1String(folder) != "/sandbox/session"_L1)
                return;
            row.withSession = true;
            row.limits = [usual = row.limits](SandboxLimits &limits) {
                usual(limits);
                limits.inodes /= 2; // a session has as many files and as many folders
            };
        };
        all << with(attack("resource_space.py", folder, "tmpfs_bounds rlimits"), smallFolder)
            << with(attack("resource_space_in_pieces.py", folder, "tmpfs_bounds"), smallFolder)
            << with(attack("resource_inodes.py", folder, "tmpfs_bounds"), smallFolder);
    }
    all << attack("resource_sparse_file.py", "", "rlimits");

    const auto brief = [](Attack &row) {
        row.contained = {OutcomeKind::TimedOut};
        row.limits = [](SandboxLimits &limits) { limits.wallClock = 500ms; };
    };
    for (const char *script : {"resource_time.py", "resource_time.sh", "resource_time_stopped.py"})
        all << with(attack(script, "", "wall_clock"), brief);
    all << with(on(Machine::Cgroup, attack("resource_processor.py", "", "cgroups rlimits")),
                [](Attack &row) {
                    row.limits = [](SandboxLimits &limits) { limits.milliCpu = 50; };
                });
    all << with(attack("resource_log.py", "", ""), [](Attack &row) {
        row.contained = {OutcomeKind::OutputTooLarge};
        row.limits = [](SandboxLimits &limits) { limits.logKillBytes = 1 * MiB; };
        row.weakenJob = [](SandboxJob &job) { job.policy.limits.logKillBytes = 64 * MiB; };
    });
    all << with(attack("resource_daemon.py", "", "pid_namespace"),
                [](Attack &row) { row.shape = Attack::Shape::Daemon; });
}

void addEnvironment(QList<Attack> &all)
{
    all << with(attack("environment_variables.py", "", ""), [](Attack &row) {
        row.weakenJob = [](SandboxJob &job) {
            job.environment.insert(u"SKILLBOX_TEST_SECRET"_s, u"of the engine"_s);
        };
    });
    all << attack("environment_descriptors.py", "", "descriptors")
        << attack("environment_descriptors.sh", "", "descriptors")
        << attack("environment_host_name.py", "", "host_name")
        << attack("environment_session.py", "", "session")
        << attack("environment_umask.py", "", "umask");
    const std::pair<const char *, const char *> namespaces[] = {
        {"pid", "pid_namespace"},
        {"net", "network"},
        {"ipc", "ipc"},
        {"uts", "uts host_name"},
        {"cgroup", "cgroup_namespace"},
        {"time", "time"},
    };
    for (const auto &[which, control] : namespaces) {
        all << where(QByteArray("/proc/self/ns/") + which,
                     attack("environment_namespace.py", which, control));
    }
    for (const char *which : {"user", "mnt"}) {
        all << stoppedByKernel("environment_namespace.py", which,
                               "without this namespace no other could be made");
    }
}

void addSession(QList<Attack> &all)
{
    for (const auto &[script, control] : {std::pair("session_links.py", "session_links"),
                                          std::pair("session_modes.py", "session_modes"),
                                          std::pair("session_source.py", "session_copy")}) {
        all << with(attack(script, "", control), [](Attack &row) { row.withSession = true; });
    }
    all << stoppedByKernel("session_unasked.py", "", "without a session nothing is mounted there");
}

void addObservation(QList<Attack> &all)
{
    const auto observed = [](Attack &row) {
        row.job = [](SandboxJob &job) { job.observation = Observation::RefusedCalls; };
    };
    all << with(attack("observed_listener.py", "", "listener"), observed)
        << with(stoppedByKernel("observed_race.py", "",
                                "the observer never lets a call through, whatever becomes of it"),
                observed);
}

void addAcross(QList<Attack> &all)
{
    const auto twoRuns = [](const char *what, const char *controls) {
        Attack row = attack("across_runs.py", what, controls);
        row.shape = Attack::Shape::TwoRuns;
        return row;
    };
    all << twoRuns("tmp", "private_tmp") << twoRuns("shm", "devices")
        << twoRuns("shared_memory", "seccomp ipc") << twoRuns("abstract_socket", "network landlock")
        << twoRuns("keyring", "seccomp");
    for (const char *folder : {"out", "session"}) {
        Attack row = twoRuns(folder, "");
        row.withSession = QLatin1String(folder) == "session"_L1;
        row.notWeakened = u"the file system is made new for each run, there is none to share"_s;
        all << row;
    }
}

} // namespace

const QList<Attack> &attacks()
{
    static const QList<Attack> all = [] {
        QList<Attack> rows;
        addFiles(rows);
        addDevices(rows);
        addNetwork(rows);
        addKernel(rows);
        addPrivileges(rows);
        addProc(rows);
        addResources(rows);
        addEnvironment(rows);
        addSession(rows);
        addObservation(rows);
        addAcross(rows);
        return rows;
    }();
    return all;
}
