"""Makes one dangerous system call with arguments that the kernel would refuse for another reason
than permission, or that do no harm. Any answer but the filter's means that its code was reached."""
import ctypes
import os

from attack import (BAD_POINTER, REFUSALS, argument, broken, call, contained, in_child, name_of)

ANY = ctypes.create_string_buffer(4096)
ALL_BITS = -1
CALLS = {
    "acct": (None,),
    "add_key": (b"user", b"planted", b"x", 1, -2),
    "adjtimex": (BAD_POINTER,),
    "bpf": (0, BAD_POINTER, 1 << 20),
    "chroot": (b"/nonexistent",),
    "clock_adjtime": (0, BAD_POINTER),
    "clock_settime": (12345, BAD_POINTER),
    "clone3": (None, 0),
    "delete_module": (b"nonexistent", 0),
    "fanotify_init": (0x200, os.O_RDONLY),  # FAN_REPORT_FID: needs no privilege
    "finit_module": (-1, b"", 0),
    "fsconfig": (-1, 0, None, None, 0),
    "fsmount": (-1, 0, 0),
    "fsopen": (BAD_POINTER, 0),
    "fspick": (-1, BAD_POINTER, 0),
    "init_module": (None, 0, b""),
    "io_uring_enter": (-1, 0, 0, 0, None, 0),
    "io_uring_register": (-1, 0, None, 0),
    "io_uring_setup": (1, ANY),
    "ioperm": (ALL_BITS, 1, 1),
    "iopl": (9,),
    "kcmp": (os.getpid(), os.getpid(), 0, 0, 1),
    "kexec_file_load": (-1, -1, 0, None, 0),
    "kexec_load": (0, 0, None, 0),
    "keyctl": (0, -3, 0),  # KEYCTL_GET_KEYRING_ID of the session
    "listmount": (BAD_POINTER, None, 0, 0),
    "lsm_get_self_attr": (100, ANY, ANY, 0),
    "memfd_secret": (0,),
    "migrate_pages": (0, 0, None, None),
    "modify_ldt": (0, ANY, 4096),
    "mount": (None, b"/", BAD_POINTER, 0, None),
    "mount_setattr": (-1, b"", 0x40000000, ANY, 32),
    "move_mount": (-1, b"", -1, b"", 0x40000000),
    "move_pages": (0, 0, None, None, None, 0),
    "mq_open": (b"planted", os.O_CREAT, 0o600, None),
    "msgget": (0x5b0c, 0o1000 | 0o600),
    "name_to_handle_at": (-100, b"/", ANY, ANY, 0),
    "open_by_handle_at": (-5, ANY, 0),
    "open_tree": (-100, b"/", 0x40000000),
    "openat2": (-100, b"/", ANY, 0),
    "perf_event_open": (ANY, 0, -1, -1, ALL_BITS),
    "personality": (0x0040000,),  # ADDR_NO_RANDOMIZE
    "pidfd_getfd": (-1, -1, 0),
    "pivot_root": (b"/nonexistent", b"/nonexistent"),
    "process_madvise": (-1, None, 0, 0, 0),
    "process_mrelease": (-1, 0),
    "process_vm_readv": (os.getpid(), None, 0, None, 0, 0),
    "process_vm_writev": (os.getpid(), None, 0, None, 0, 0),
    "ptrace": (0, 0, None, None),  # PTRACE_TRACEME
    "quotactl": (ALL_BITS, None, 0, None),
    "quotactl_fd": (-1, ALL_BITS, 0, None),
    "reboot": (1, 2, 3, None),
    "request_key": (BAD_POINTER, BAD_POINTER, None, 0),
    "sched_setattr": (0, None, 0),
    "sched_setparam": (0, None),
    "sched_setscheduler": (0, -1, None),
    "seccomp": (12345, 0, None),
    "semget": (0x5b0c, 1, 0o1000 | 0o600),
    "setdomainname": (b"planted", -1),
    "sethostname": (b"planted", -1),
    "setns": (-1, 0),
    "settimeofday": (BAD_POINTER, None),
    "shmget": (0x5b0c, 4096, 0o1000 | 0o600),
    "statmount": (BAD_POINTER, None, 0, 0),
    "swapoff": (b"/nonexistent",),
    "swapon": (b"/nonexistent", ALL_BITS),
    "syslog": (10, None, 0),
    "umount2": (b"/", ALL_BITS),
    "unshare": (1,),
    "userfaultfd": (1,),  # UFFD_USER_MODE_ONLY: needs no privilege
    "vhangup": (),
}


def attack():
    result, error = call(argument, *CALLS[argument])
    if error in REFUSALS:
        contained(f"{argument}: {name_of(error)}")
    broken(f"{argument} was reached: {name_of(error) if error else result}")


status = in_child(attack)
if os.WIFEXITED(status):
    os._exit(os.WEXITSTATUS(status))
contained(f"{argument}: killed by signal {os.WTERMSIG(status)}")
