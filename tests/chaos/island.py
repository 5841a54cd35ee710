"""A network of its own, with one road to this machine that can be cut and nobody is told."""

import os
import random
import re
import shutil
import subprocess
import time

from weather import NotInstalled

FORWARDING = "/proc/sys/net/ipv4/ip_forward"


class Island:
    """Three networks in a row: this machine, a road in a network namespace, the island in another.
    What is cut is the road's forwarding: packets vanish in its middle, with no reset and no message
    to either end, and every link stays up. Addresses are of 198.18.0.0/15, which is set aside for
    tests of networks (RFC 2544)."""

    def __init__(self):
        for program, package in (("ip", "iproute2"), ("nsenter", "util-linux"),
                                 ("unshare", "util-linux"), ("setpriv", "util-linux")):
            if not shutil.which(program):
                raise NotInstalled(f"{program} is not installed (package {package})")
        self.holders = []
        self.link = f"sbchaos{os.getpid()}"
        try:
            self._make()
        except (OSError, subprocess.CalledProcessError) as error:
            self.close()
            words = getattr(error, "stderr", None) or str(error)
            raise NotInstalled("no network namespaces with a road between them can be made here: "
                               + words.strip()) from error

    def _make(self):
        road, island = self._namespace(), self._namespace()
        taken = self._run("ip", "-4", "-o", "address")
        third = random.choice([n for n in range(256) if f"198.18.{n}." not in taken])
        self.mainland, near, far, self.address = (f"198.18.{third}.{n}" for n in (1, 2, 5, 6))
        self._run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "near", "netns",
                  str(road.pid))
        self._run("ip", "link", "add", "far", "type", "veth", "peer", "name", "coast", "netns",
                  str(island.pid), inside=road)
        for where, link, address in ((None, self.link, self.mainland), (road, "near", near),
                                     (road, "far", far), (island, "coast", self.address)):
            self._run("ip", "address", "add", address + "/30", "dev", link, inside=where)
            self._run("ip", "link", "set", "dev", link, "up", inside=where)
        self._run("ip", "link", "set", "dev", "lo", "up", inside=island)
        self._run("ip", "route", "add", "default", "via", far, inside=island)
        self._run("ip", "route", "add", f"198.18.{third}.4/30", "via", near)
        self.road, self.island = road, island
        self.mend()

    def _namespace(self):
        """It lives as long as the process that holds it, and that no longer than this one."""
        ours = os.readlink("/proc/self/ns/net")
        holder = subprocess.Popen(["unshare", "--net", "setpriv", "--pdeathsig", "KILL", "sleep",
                                   "infinity"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True)
        self.holders.append(holder)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if holder.poll() is not None:
                raise OSError(holder.stderr.read() or "unshare has ended")
            if os.readlink(f"/proc/{holder.pid}/ns/net") != ours:
                return holder
            time.sleep(0.01)
        raise OSError("unshare makes no namespace")

    def _run(self, *command, inside=None):
        through = self._entering(inside) if inside else []
        return subprocess.run([*through, *command], check=True, capture_output=True,
                              text=True).stdout

    def _entering(self, holder):
        return ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]

    @property
    def entering(self):
        """The beginning of a command that runs there."""
        return self._entering(self.island)

    def cut(self):
        self._run("sh", "-c", f"echo 0 >{FORWARDING}", inside=self.road)

    def mend(self):
        self._run("sh", "-c", f"echo 1 >{FORWARDING}", inside=self.road)

    def connections(self):
        """The TCP connections that the island takes for alive, as lines of /proc/net/tcp."""
        with open(f"/proc/{self.island.pid}/net/tcp", encoding="ascii") as file:
            return [line.strip() for line in file if re.match(r"\s*\d+: \S+ \S+ 01 ", line)]

    def close(self):
        for holder in self.holders:
            holder.kill()
            holder.wait()
            holder.stderr.close()
        self.holders = []
