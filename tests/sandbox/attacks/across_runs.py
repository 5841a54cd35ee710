"""One run leaves something, another that runs at the same time looks for it."""
import os
import socket
import sys
import time

from attack import bait, broken, call, contained, name_of

what, side = sys.argv[1:3]
planting = side == "plant"
token = bait("token")
KEY = int(token[:6], 16)
IPC_CREAT, KEY_SPEC_SESSION_KEYRING, KEYCTL_SEARCH = 0o1000, -3, 10


def planted(result):
    """Says so and stays, until the test has looked from the other run."""
    print(f"PLANTED {result}", flush=True)
    time.sleep(600)


def file(folder):
    path = f"{folder}/{token}"
    if planting:
        with open(path, "w", encoding="ascii") as target:
            target.write("residue")
        os.chmod(path, 0o666)
        planted(path)
    if os.path.exists(path):
        broken(f"found {path}")
    contained(str(os.listdir(folder)))


def shared_memory():
    result, error = call("shmget", KEY, 4096, 0o666 | (IPC_CREAT if planting else 0))
    if planting:
        planted(name_of(error) if error else result)
    if error:
        contained(name_of(error))
    broken(f"found segment {result}")


def abstract_socket():
    endpoint = socket.socket(socket.AF_UNIX)
    if planting:
        endpoint.bind("\0" + token)
        endpoint.listen()
        planted("listening")
    try:
        endpoint.connect("\0" + token)
    except OSError as error:
        contained(name_of(error.errno))
    broken("connected")


def keyring():
    if planting:
        result, error = call("add_key", b"user", token.encode(), b"secret", 6,
                             KEY_SPEC_SESSION_KEYRING)
        planted(name_of(error) if error else result)
    result, error = call("keyctl", KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, b"user",
                         token.encode(), 0)
    if error:
        contained(name_of(error))
    broken(f"found key {result}")


{"tmp": lambda: file("/tmp"), "shm": lambda: file("/dev/shm"), "out": lambda: file("/sandbox/out"),
 "session": lambda: file("/sandbox/session"),
 "shared_memory": shared_memory, "abstract_socket": abstract_socket, "keyring": keyring}[what]()
