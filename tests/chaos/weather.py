"""What the chaos test lets happen: a Postgres, an S3 store and a network that fail on request."""

import os
import signal
import socket
import subprocess
import threading
import time


class NotInstalled(Exception):
    pass


def run_script(path, action, directory, patience=180):
    """A start script of tests/support; its daemons keep what they inherit, so nothing is a pipe."""
    said, complaint = directory + ".said", directory + ".complaint"
    with open(said, "wb") as out, open(complaint, "wb") as err:
        code = subprocess.run([path, action, directory], stdin=subprocess.DEVNULL, stdout=out,
                              stderr=err, timeout=patience).returncode
    with open(complaint, encoding="utf-8", errors="replace") as file:
        words = file.read().strip()
    if code == 77:
        raise NotInstalled(words)
    if code != 0:
        raise RuntimeError(f"{path} {action}: {words}")
    with open(said, encoding="utf-8") as file:
        return file.read().split()


class Postgres:
    def __init__(self, project, directory):
        self.script = os.path.join(project, "tests/support/postgres.sh")
        self.directory = os.path.join(directory, "pg")
        run_script(self.script, "start", self.directory)

    @property
    def socket_path(self):
        return os.path.join(self.directory, ".s.PGSQL.5432")

    @property
    def dsn(self):
        return "postgres://skillbox@/postgres?host=" + self.directory

    def restart(self):
        run_script(self.script, "restart", self.directory)

    def rows(self, sql):
        answer = subprocess.run(["psql", "-X", "-A", "-t", "-F", "\t", "-h", self.directory, "-U",
                                 "skillbox", "-c", sql, "postgres"],
                                capture_output=True, text=True, check=True)
        return [line.split("\t") for line in answer.stdout.splitlines() if line]

    def stop(self):
        run_script(self.script, "stop", self.directory)


class Ceph:
    def __init__(self, project, directory):
        self.script = os.path.join(project, "tests/support/ceph.sh")
        self.directory = os.path.join(directory, "s3")
        self.endpoint = run_script(self.script, "start", self.directory)[0]

    @property
    def address(self):
        host, port = self.endpoint.split("://")[1].split(":")
        return host, int(port)

    def environment(self, endpoint=None):
        return {"SKILLBOX_S3_ENDPOINT": endpoint or self.endpoint,
                "SKILLBOX_S3_ACCESS_KEY": "SKILLBOX", "SKILLBOX_S3_SECRET_KEY": "SKILLBOXSECRET"}

    def stop_gateway(self):
        """What is stored stays with the storage daemon."""
        with open(os.path.join(self.directory, "run/client.gateway.pid"), encoding="ascii") as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGKILL)
        while os.path.exists(f"/proc/{pid}"):
            time.sleep(0.02)

    def start_gateway(self):
        with open(self.directory + ".gateway", "wb") as log:
            subprocess.run(["radosgw", "-n", "client.gateway"], check=True, stdout=log, stderr=log,
                           stdin=subprocess.DEVNULL,
                           env=os.environ | {"CEPH_CONF": os.path.join(self.directory, "ceph.conf")})

    def stop(self):
        run_script(self.script, "stop", self.directory)


class Network:
    """A TCP relay on a port of its own. While it is cut it passes no byte, and closes nothing: as a
    cable that was pulled looks to both ends."""

    def __init__(self, target):
        self.target = target  # (host, port), or the path of a socket
        self.passes = threading.Event()
        self.passes.set()
        self.ended = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self.passes.clear()

    def mend(self):
        self.passes.set()

    def close(self):
        self.ended = True
        self.passes.set()
        self.listener.close()

    def _accept(self):
        while not self.ended:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near):
        self.passes.wait()
        far = socket.socket(socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET)
        try:
            far.connect(self.target)
        except OSError:
            near.close()
            far.close()
            return
        back = threading.Thread(target=self._pass_on, args=(far, near), daemon=True)
        back.start()
        self._pass_on(near, far)
        back.join()
        near.close()
        far.close()

    def _pass_on(self, source, sink):
        try:
            while data := source.recv(65536):
                self.passes.wait()
                sink.sendall(data)
        except OSError:
            pass
        self.passes.wait()
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
