"""Lists the folders of the root view, and what is in those that are made up or chosen."""
import os

from attack import broken, contained

EXPECTED = {
    "/": {"bin", "dev", "etc", "lib", "lib32", "lib64", "proc", "sandbox", "tmp", "usr"},
    "/etc": {"alternatives", "group", "hosts", "ld.so.cache", "nsswitch.conf", "passwd"},
    "/usr": {"bin", "lib", "lib32", "lib64", "local", "share"},
    "/usr/local": {"bin", "lib"},
    "/sandbox": {"input", "input.json", "out", "scripts"},
    "/sandbox/input": set(),
    "/sandbox/out": {"files"},
    "/sandbox/out/files": set(),
    "/tmp": set(),
    "/dev/shm": set(),
}
seen = 0
for folder, expected in EXPECTED.items():
    if not os.path.isdir(folder):
        continue
    names = set(os.listdir(folder))
    seen += len(names)
    if names - expected:
        broken(f"{folder} has {sorted(names - expected)}")
contained(f"{seen} names, all of them ours")
