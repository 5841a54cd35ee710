"""Looks for device nodes of the host."""
from attack import argument, nothing_visible

nothing_visible({
    "memory": ["/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg"],
    "disks": ["/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/xvda", "/dev/dm-0", "/dev/loop0",
              "/dev/loop-control", "/dev/disk", "/dev/mapper"],
    "kvm": ["/dev/kvm", "/dev/vhost-net", "/dev/vhost-vsock"],
    "fuse": ["/dev/fuse"],
    "terminals": ["/dev/ptmx", "/dev/pts", "/dev/tty", "/dev/tty0", "/dev/console", "/dev/vcs"],
    "network": ["/dev/net/tun", "/dev/vsock"],
    "userfaultfd": ["/dev/userfaultfd"],
    "graphics": ["/dev/dri", "/dev/fb0", "/dev/input", "/dev/snd", "/dev/bus"],
}[argument])
