"""What the chaos test lets happen: a Postgres, an S3 store and a container engine that fail on
request."""

import os
import signal
import subprocess
import time


class NotInstalled(Exception):
    pass


def run_script(path, action, directory, patience=300, environment=None):
    """A start script of tests/support; its daemons keep what they inherit, so nothing is a pipe."""
    said, complaint = directory + ".said", directory + ".complaint"
    with open(said, "wb") as out, open(complaint, "wb") as err:
        code = subprocess.run([path, action, directory], stdin=subprocess.DEVNULL, stdout=out,
                              stderr=err, timeout=patience,
                              env=os.environ | (environment or {})).returncode
    with open(complaint, encoding="utf-8", errors="replace") as file:
        words = file.read().strip()
    if code == 77:
        raise NotInstalled(words)
    if code != 0:
        raise RuntimeError(f"{path} {action}: {words}")
    with open(said, encoding="utf-8") as file:
        return file.read().split()


class Postgres:
    """Reached by its socket, and at `address` from other networks."""

    def __init__(self, project, directory, address):
        self.script = os.path.join(project, "tests/support/postgres.sh")
        self.directory = os.path.join(directory, "pg")
        self.address = address
        self._do("start")

    def _do(self, action):
        run_script(self.script, action, self.directory,
                   environment={"POSTGRES_LISTEN": self.address})

    @property
    def log_path(self):
        return os.path.join(self.directory, "log")

    @property
    def dsn(self):
        return "postgres://skillbox@/postgres?host=" + self.directory

    @property
    def far_dsn(self):
        return f"postgres://skillbox@{self.address}:5432/postgres?sslmode=disable"

    def restart(self):
        self._do("restart")

    def rows(self, sql):
        answer = subprocess.run(["psql", "-X", "-A", "-t", "-F", "\t", "-h", self.directory, "-U",
                                 "skillbox", "-c", sql, "postgres"],
                                capture_output=True, text=True, check=True)
        return [line.split("\t") for line in answer.stdout.splitlines() if line]

    def number(self, sql):
        return int(self.rows(sql)[0][0])

    def stop(self):
        self._do("stop")


class Ceph:
    """Reached on loopback, and at `address` from other networks."""

    access_key, secret_key = "SKILLBOX", "SKILLBOXSECRET"

    def __init__(self, project, directory, address):
        self.script = os.path.join(project, "tests/support/ceph.sh")
        self.directory = os.path.join(directory, "s3")
        self.endpoint = run_script(self.script, "start", self.directory,
                                   environment={"CEPH_LISTEN": address})[0]
        self.far_endpoint = f"http://{address}:{self.address[1]}"

    @property
    def address(self):
        host, port = self.endpoint.split("://")[1].split(":")
        return host, int(port)

    @property
    def log_path(self):
        return os.path.join(self.directory, "log/client.gateway.log")

    def environment(self, endpoint):
        return {"SKILLBOX_S3_ENDPOINT": endpoint, "SKILLBOX_S3_ACCESS_KEY": self.access_key,
                "SKILLBOX_S3_SECRET_KEY": self.secret_key}

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
                           env=os.environ
                           | {"CEPH_CONF": os.path.join(self.directory, "ceph.conf")})

    def stop(self):
        run_script(self.script, "stop", self.directory)


class Docker:
    """An engine of this test's own, so every container in it is ours."""

    image = "python:3.12-slim"  # what skills without an image run on

    def __init__(self, project, directory):
        self.script = os.path.join(project, "tests/support/docker.sh")
        self.directory = os.path.join(directory, "docker")
        self.host = run_script(self.script, "start", self.directory)[0]
        self._ask("tag", "localhost/skillbox-test:1", self.image)

    def _ask(self, *arguments):
        return subprocess.run(["docker", "--host", self.host, *arguments], check=True,
                              capture_output=True, text=True).stdout

    @property
    def log_path(self):
        return os.path.join(self.directory, "dockerd.log")

    def environment(self):
        return {"SKILLBOX_OCI_HOST": self.host, "SKILLBOX_RUNTIME": "oci"}

    def containers(self):
        return self._ask("ps", "--all", "--no-trunc", "--format",
                         "{{.Names}} {{.Status}} {{.Labels}}").splitlines()

    def volumes(self):
        return self._ask("volume", "ls", "--quiet").split()

    def stop(self):
        run_script(self.script, "stop", self.directory)
