"""Those who ask for runs while things fail."""

import hashlib
import http.client
import random
import threading
import time
import uuid

SKILL = """import hashlib, json, os, time
task = json.loads(os.environ['SANDBOX_INPUT'])
print('begin', task['n'], flush=True)
time.sleep(task['sleep'])
data = hashlib.sha256(str(task['n']).encode()).hexdigest().encode() * task['repeat']
with open(os.environ['SANDBOX_FILES_DIR'] + 'out.txt', 'wb') as file:
    file.write(data)
print('end', task['n'])
"""


def content_of(task):
    """What the run of a task leaves as out.txt; no two tasks leave the same."""
    return hashlib.sha256(str(task["n"]).encode()).hexdigest().encode() * task["repeat"]


class Client(threading.Thread):
    """Asks for runs one after the other, each with a key of its own, and asks again, of any server,
    until it has an answer."""

    def __init__(self, number, servers, mark, stop):
        super().__init__(daemon=True)
        self.number, self.servers, self.mark, self.stop = number, servers, mark, stop
        self.random = random.Random(number)
        self.answers = {}  # id of the run: its task
        self.keys = {}  # idempotency key: id of the run
        self.surprises = []
        self.refusals = 0

    def run(self):
        count = 0
        while not self.stop.is_set():
            task = {"n": f"{self.mark}-{self.number}-{count}",
                    "sleep": self.random.choice([0, 0.05, 0.4]),
                    "repeat": self.random.choice([1, 500])}
            self.ask(task, is_async=count % 3 == 0)
            count += 1

    def ask(self, task, is_async):
        key = str(uuid.uuid4())
        headers = {"Idempotency-Key": key} | ({"Prefer": "respond-async"} if is_async else {})
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                answer = self.random.choice(self.servers).post(
                    "/v1/executions", {"skill": "chaos", "input": task}, headers=headers, timeout=6)
            except (OSError, http.client.HTTPException, TypeError):  # no key yet: it is starting
                self.refusals += 1
                time.sleep(0.1)
                continue
            if answer.status in (200, 202):
                run = answer.json["execution_id"]
                if self.keys.setdefault(key, run) != run:
                    self.surprises.append(f"{key} ran twice: {run}, {self.keys[key]}")
                self.answers[run] = task
                return
            self.refusals += 1
            # 401: the key of a server that was started again meanwhile.
            if answer.status not in (401, 409, 429, 500, 502, 503):
                self.surprises.append(f"{answer.status} {answer.text}")
            time.sleep(0.3)
        self.surprises.append(f"no answer for {task}")
