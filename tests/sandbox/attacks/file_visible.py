"""Looks for files and folders of the host by their well-known names."""
from attack import argument, nothing_visible

nothing_visible({
    "passwords": ["/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh", "/etc/machine-id"],
    "homes": ["/root", "/home"],
    "sockets": ["/run/docker.sock", "/var/run/docker.sock", "/run/dbus", "/run/containerd", "/run"],
    "data": ["/var", "/srv", "/opt", "/mnt", "/media", "/boot", "/usr/src", "/sys"],
}[argument])
