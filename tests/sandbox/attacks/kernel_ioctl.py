"""Terminal commands, also with bits above the 32 that the kernel looks at (CVE-2019-10063)."""
from attack import REFUSALS, argument, broken, call, contained, name_of

COMMANDS = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C, "TIOCSETD": 0x5423, "TIOCSCTTY": 0x540E,
            "FICLONE": 0x40049409, "FS_IOC_SETFLAGS": 0x40086602}
command = COMMANDS[argument.removesuffix("+high")]
if argument.endswith("+high"):
    command |= 0x1_0000_0000
_, error = call("ioctl", 1, command, b"x")
if error in REFUSALS:
    contained(name_of(error))
broken(f"reached: {name_of(error)}")
