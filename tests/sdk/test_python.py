"""What only the SDK of Python has: types, threads, asyncio, a Unix socket. sdk_driver.py says how
it is started."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import sdk_driver
from faulty_server import FaultyServer, answer, events

ID = "6f1d6a0e-6f0b-4a0a-9a52-3f1c0a6d2b11"


class Python(unittest.TestCase):
    def setUp(self):
        sys.path.insert(0, os.path.join(sdk_driver.project, "sdk/python"))
        import skillbox
        self.skillbox = skillbox

    def test_types_hold_for_every_python(self):
        if not shutil.which("mypy"):
            self.skipTest("mypy is not installed here (Debian: mypy)")
        folder = os.path.join(sdk_driver.project, "sdk/python")
        use = os.path.join(sdk_driver.build, "typed_use.py")
        with open(use, "w") as file:
            file.write("import skillbox\n"
                       "client = skillbox.Client()\n"
                       "reveal_type(client.run('a').exit_code)\n"
                       "reveal_type(client.list_skills()[0].tags)\n"
                       "async def main() -> None:\n"
                       "    other = skillbox.AsyncClient()\n"
                       "    reveal_type(await other.get_skill('a', version='1'))\n"
                       "    await other.get_skill(1)  # type: ignore[arg-type]\n"
                       "    async for event in other.stream('a'):\n"
                       "        reveal_type(event.data)\n")
        # Whatever python3 is first in the PATH: mypy runs with its own.
        done = subprocess.run(["mypy", "--strict", "--python-version", "3.9", "--cache-dir",
                               os.path.join(sdk_driver.build, "mypy"), use], capture_output=True,
                              text=True, env=dict(os.environ, MYPYPATH=folder))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for kind in ["Union[builtins.int, None]", "builtins.list[builtins.str]", "skillbox.Skill",
                     "Any"]:
            self.assertIn(f'Revealed type is "{kind}"', done.stdout)

    def test_needs_the_standard_library_only(self):
        done = subprocess.run([sys.executable, "-I", "-S", "-B", "-W", "error", "-c",
                               "import sys; sys.path.insert(0, sys.argv[1]); import skillbox",
                               os.path.join(sdk_driver.project, "sdk/python")],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_takes_what_it_is_not_given_from_the_environment(self):
        code = ("import sys; sys.path.insert(0, sys.argv[1]); import skillbox\n"
                "client = skillbox.Client(); client.health(); print(client.base_url)")
        with FaultyServer(lambda *_: answer()) as server:
            done = subprocess.run(
                [sys.executable, "-B", "-c", code, os.path.join(sdk_driver.project, "sdk/python")],
                capture_output=True, text=True,
                env={"SKILLBOX_SERVER_URL": server.url + "/", "SKILLBOX_API_KEY": "sk-1",
                     "SKILLBOX_TENANT_ID": "me"})
            self.assertEqual(done.stdout.strip(), server.url, done.stderr)
            self.assertEqual(server.requests[0].headers["authorization"], "Bearer sk-1")
            self.assertEqual(server.requests[0].headers["x-tenant-id"], "me")

    def test_threads_share_a_client(self):
        with FaultyServer(lambda request, _: answer(body={"name": request.target})) as server, \
                self.skillbox.Client(server.url) as client:
            wrong = []

            def work(number):
                for i in range(20):
                    name = f"s{number}-{i}"
                    if client.get_skill(name).name != f"/v1/skills/{name}/latest":
                        wrong.append(name)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            self.assertEqual(wrong, [])
            self.assertEqual(len(server.requests), 160)
            # Connections are kept: never more than there were threads at once.
            self.assertLessEqual(max(request.connection for request in server.requests), 8)

    def test_a_stream_can_be_closed_by_another_thread(self):
        with FaultyServer(self.silent_stream()) as server:
            client = self.skillbox.Client(server.url)
            self.addCleanup(client.close)
            stream = client.stream(ID)
            seen = []
            thread = threading.Thread(target=lambda: seen.extend(stream))
            thread.start()
            while not seen:
                time.sleep(0.01)
            stream.close()
            thread.join(60)
            self.assertFalse(thread.is_alive())
            self.assertEqual([event.type for event in seen], ["state"])
            self.assertEqual(stream.last_event_id, "1")
            self.assertEqual(len(server.requests), 1)

    @staticmethod
    def silent_stream():
        """One event, and then nothing for as long as the client listens."""
        return lambda *_: bytes(events(b"id: 1\nevent: state\ndata: {}\n\n", whole=False))

    def test_async_calls_run_at_the_same_time(self):
        both = threading.Barrier(2, timeout=60)

        def script(request, number):
            both.wait()  # neither is answered before the other has come
            return answer(body={"name": "a"})

        async def main(url):
            async with self.skillbox.AsyncClient(url) as client:
                return await asyncio.gather(client.get_skill("a"), client.get_skill("b"))

        with FaultyServer(script) as server:
            self.assertEqual([skill.name for skill in asyncio.run(main(server.url))], ["a", "a"])

    def test_an_async_stream_can_be_left(self):
        async def main(url):
            async with self.skillbox.AsyncClient(url) as client:
                async with client.stream(ID) as stream:
                    async for event in stream:
                        return event.type

        with FaultyServer(self.silent_stream()) as server:
            self.assertEqual(asyncio.run(asyncio.wait_for(main(server.url), 60)), "state")

    def test_an_awaiting_task_can_be_cancelled(self):
        async def main(url):
            async with self.skillbox.AsyncClient(url) as client:
                async def follow():
                    async with client.stream(ID) as stream:
                        async for event in stream:
                            seen.set()
                seen = asyncio.Event()
                task = asyncio.create_task(follow())
                await asyncio.wait_for(seen.wait(), 60)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await asyncio.wait_for(task, 60)

        with FaultyServer(self.silent_stream()) as server:
            asyncio.run(main(server.url))

    def test_speaks_over_a_unix_socket(self):
        from skillbox_server import Server
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "socket")
            with Server("--listen", "unix:" + place) as server, \
                    self.skillbox.Client("unix:" + place, server.key or "") as client:
                self.assertEqual(client.health(), {"status": "ok"})
                client.register_skill(os.path.join(sdk_driver.HERE, "skills/greet"))
                result = client.run("greet", {"name": "Ada"})
                self.assertEqual(result.output["greeting"], "Hello, Ada!")
                self.assertEqual(client.download_files(result, folder + "/out"),
                                 ["card.txt", "grüße/日本 €.txt"])

    def test_an_error_carries_what_the_server_said(self):
        body = {"error": "invalid_input", "message": "no", "details": [{"pointer": "/a"}],
                "request_id": "r-7", "more": 1}
        with FaultyServer(lambda *_: answer(422, body)) as server:
            with self.assertRaises(self.skillbox.APIError) as caught, \
                    self.skillbox.Client(server.url) as client:
                client.run("a")
        error = caught.exception
        self.assertEqual((error.status_code, error.error_code, error.message, error.request_id),
                         (422, "invalid_input", "no", "r-7"))
        self.assertEqual(error.details, [{"pointer": "/a"}])
        self.assertEqual(str(error), "skillbox: 422 invalid_input: no")

    def test_input_that_is_no_json_is_refused_here(self):
        with FaultyServer(lambda *_: answer()) as server:
            circle = []
            circle.append(circle)
            for value in (float("nan"), {1, 2}, circle, "\ud800"):
                with self.assertRaises(self.skillbox.APIError) as caught:
                    self.skillbox.Client(server.url).run("a", value)
                self.assertEqual(caught.exception.error_code, "bad_request")
            self.assertEqual(server.requests, [])

    def test_numbers_and_keys_stay_as_they_are(self):
        big = {"n": 2 ** 70, "ü": [1.5, None, True]}
        body = {"execution_id": ID, "output": big}
        with FaultyServer(lambda *_: answer(body=body)) as server, \
                self.skillbox.Client(server.url) as client:
            self.assertEqual(client.run("a", big).output, big)
            self.assertEqual(json.loads(server.requests[0].body)["input"], big)


if __name__ == "__main__":
    sdk_driver.main()
