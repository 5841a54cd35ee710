"""Signing in with a real OpenID Connect provider, a real server and the real command line; the
person with the browser is played by a few requests. Skips by name where the provider is not
installed."""

import base64
import html
import http.cookiejar
import json
import os
import re
import shutil
import signal
import ssl
import stat
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

import skillbox_server
from skillbox_server import Server

LATE = "2001-01-01T00:00:00.000Z"


class Provider:
    """The provider of tests/support/oidc, until stop()."""

    def __init__(self, algorithm="RS256", key="first", port=0, tls=()):
        folder = os.path.join(skillbox_server.PROJECT, "tests", "support", "oidc")
        self.process = subprocess.Popen(
            ["node", os.path.join(folder, "provider.mjs"), str(port), key, algorithm,
             *tls], cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the provider does not start")
        self.issuer = json.loads(line)["issuer"]
        self.trust = ssl.create_default_context(cafile=tls[0]) if tls else None

    def token(self, *groups):
        """Of a program that signs in by itself."""
        form = {"grant_type": "client_credentials", "scope": " ".join(groups)}
        basic = base64.b64encode(b"svc:svc-secret").decode()
        request = urllib.request.Request(self.issuer + "/token",
                                         urllib.parse.urlencode(form).encode(),
                                         {"Authorization": "Basic " + basic})
        with urllib.request.urlopen(request, timeout=60, context=self.trust) as answer:
            return json.load(answer)["access_token"]

    def settings(self, **more):
        return {"SKILLBOX_OIDC_ISSUER": self.issuer, "SKILLBOX_OIDC_AUDIENCE": "urn:skillbox",
                "SKILLBOX_OIDC_TENANT": "local", "SKILLBOX_OIDC_ROLE_CLAIM": "groups",
                "SKILLBOX_OIDC_ROLES": "ops=admin,devs=runner",
                "SKILLBOX_OIDC_CLIENT_ID": "cli"} | more

    def stop(self):
        self.process.kill()
        self.process.wait(60)
        self.process.stdout.close()


class Browser:
    """Opens pages and sends their forms."""

    def __init__(self):
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def open(self, url, fields=None):
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            with self.opener.open(url, data, timeout=60) as answer:
                self.url, self.page = answer.geturl(), answer.read().decode()
        except urllib.error.HTTPError as answer:
            self.url, self.page = answer.geturl(), answer.read().decode()

    def send(self, **typed):
        """The page's form, with what it holds and what is typed."""
        action = re.search(r'<form[^>]* action="([^"]*)"', self.page)
        fields = {}
        for tag in re.findall(r"<input[^>]*>", self.page):
            name = re.search(r'name="([^"]*)"', tag)
            value = re.search(r'value="([^"]*)"', tag)
            if name and 'type="submit"' not in tag:
                fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
        self.open(urllib.parse.urljoin(self.url, html.unescape(action.group(1))), fields | typed)

    def sign_in(self, url, name, refuse=False):
        self.open(url)
        self.send(**({"abort": "yes"} if refuse else {"confirm": "yes"}))
        if refuse:
            return
        self.send(login=name, password="any")
        self.send()  # consent
        if "Sign-in Success" not in self.page:
            raise RuntimeError("the provider does not let the person in:\n" + self.page)


class Person:
    """Somebody with a configuration folder of their own and no key."""

    def __init__(self, **more):
        self.folder = tempfile.TemporaryDirectory(prefix="skillbox-test-")
        self.environment = {name: os.environ[name] for name in
                            ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
                            if name in os.environ}
        self.environment |= {"HOME": self.folder.name, "TZ": "UTC",
                             "XDG_CONFIG_HOME": os.path.join(self.folder.name, "config"),
                             "SKILLBOX_DATA_DIR": os.path.join(self.folder.name, "data")} | more

    def cli(self, *arguments):
        return subprocess.run([skillbox_server.PROGRAM, *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=120, cwd=self.folder.name)

    def login(self, server, name, refuse=False):
        """Exit code, the lines of JSON, what it said about errors."""
        process = subprocess.Popen([skillbox_server.PROGRAM, "login", server, "-o", "json"],
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = process.stdout.readline()
        if first:
            Browser().sign_in(json.loads(first)["verification_uri_complete"], name, refuse)
        rest, errors = process.communicate(timeout=120)
        lines = [json.loads(line) for line in (first + rest).splitlines()]
        return process.returncode, lines, errors

    def sign_ins(self):
        folder = os.path.join(self.folder.name, "config", "skillbox", "sign-ins")
        if not os.path.isdir(folder):
            return []
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json")]


class KeyRing:
    """A key ring in a session of its own, unlocked."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="skillbox-test-")
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.variables = {"DBUS_SESSION_BUS_ADDRESS": self.bus.stdout.readline().strip()}
        own = {"PATH": os.environ["PATH"], "HOME": self.folder.name,
               "XDG_RUNTIME_DIR": self.folder.name} | self.variables
        self.daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], env=own,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.daemon.stdin.write(b"password of the key ring")
        self.daemon.stdin.close()
        program = os.path.join(os.path.dirname(skillbox_server.PROGRAM), "skillbox-keychain")
        skillbox_server.until(
            lambda: subprocess.run([program, "get", "nothing"], env=own,
                                   stderr=subprocess.DEVNULL).returncode == 3,
            what="the key ring")

    def stop(self):
        for process in (self.daemon, self.bus):
            process.terminate()
            process.wait(60)
        self.bus.stdout.close()
        self.folder.cleanup()

    @staticmethod
    def installed():
        program = os.path.join(os.path.dirname(skillbox_server.PROGRAM), "skillbox-keychain")
        return os.path.exists(program) and all(
            map(shutil.which, ("dbus-daemon", "gnome-keyring-daemon")))


def installed():
    folder = os.path.join(skillbox_server.PROJECT, "tests", "support", "oidc")
    return bool(shutil.which("node")) and os.path.isdir(
        os.path.join(folder, "node_modules", "oidc-provider"))


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not installed():
            raise unittest.SkipTest("the OpenID Connect provider is not installed: "
                                    "npm ci in tests/support/oidc")
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.stop)
        cls.server = Server(environment=cls.provider.settings())
        cls.addClassCleanup(cls.server.stop)

    def person(self, **more):
        person = Person(**more)
        self.addCleanup(person.folder.cleanup)
        return person

    def ok(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def test_a_person_signs_in_works_renews_and_signs_out(self):
        mara, olga, url = self.person(), self.person(), self.server.url
        # Each login waits before it asks the provider, so they go side by side.
        other = []
        thread = threading.Thread(target=lambda: other.append(olga.login(url, "olga")))
        thread.start()
        code, lines, errors = mara.login(url, "mara")
        thread.join()
        self.assertEqual(code, 0, errors)
        self.assertEqual(other[0][0], 0, other)
        self.assertEqual(set(lines[0]), {"verification_uri", "verification_uri_complete",
                                         "user_code", "expires_in"})
        self.assertEqual((lines[1]["server"], lines[1]["issuer"]), (url, self.provider.issuer))
        self.assertTrue(lines[1]["renewable"])
        [path] = mara.sign_ins()
        self.assertEqual(path, lines[1]["kept_in"])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)

        # Commands use it: by address, by the variable, by a remote's name.
        skills = self.ok(mara.cli("skill", "list", "-s", url, "-o", "json"))
        self.assertEqual(json.loads(skills.stdout), [])
        self.ok(mara.cli("remote", "add", "team", url))
        self.ok(mara.cli("remote", "check", "team"))
        refused = mara.cli("key", "list", "-s", url)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("needs the role admin", refused.stderr)
        # A key that is given wins.
        self.assertEqual(mara.cli("skill", "list", "-s", url, "-k", "sk-wrong").returncode, 1)

        # When the token is over it is renewed, once for several at the same time: the provider
        # takes a refresh token once.
        def change(**tokens):
            with open(path) as file:
                record = json.load(file)
            record["tokens"] |= tokens
            with open(path, "w") as file:
                json.dump(record, file)
            return record

        before = change(expires_at=LATE, obtained_at=LATE)
        done = []
        threads = [
            threading.Thread(target=lambda: done.append(mara.cli("skill", "list", "-s", url)))
            for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in done:
            self.ok(one)
        with open(path) as file:
            after = json.load(file)
        self.assertNotEqual(after["tokens"]["access_token"], before["tokens"]["access_token"])
        self.assertNotEqual(after["tokens"]["refresh_token"], before["tokens"]["refresh_token"])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

        # What others could have read is not used.
        os.chmod(path, 0o644)
        self.assertIn("others on this machine can read",
                      mara.cli("skill", "list", "-s", url).stderr)
        os.chmod(path, 0o600)

        # Signing out ends it at the provider, too.
        out = self.ok(mara.cli("logout", "team", "-o", "json"))
        self.assertEqual(json.loads(out.stdout), {"server": url, "revoked": True})
        self.assertEqual(mara.sign_ins(), [])
        over = mara.cli("skill", "list", "-s", url)
        self.assertEqual(over.returncode, 1)
        self.assertIn("skillbox login", over.stderr)
        self.assertIn("not signed in", mara.cli("logout", "team").stderr)
        with open(path, "w") as file:
            json.dump(after, file)
        os.chmod(path, 0o600)
        change(expires_at=LATE, obtained_at=LATE)
        revoked = mara.cli("skill", "list", "-s", url)
        self.assertEqual(revoked.returncode, 1)
        self.assertIn("sign in anew", revoked.stderr)

        # Who did it stands in the audit as the provider names them.
        self.ok(olga.cli("key", "create", "--name", "by-olga", "-s", url))
        exported = self.ok(olga.cli("audit", "export", "-s", url)).stdout.splitlines()
        made = [record for record in map(json.loads, exported) if record["action"] == "key.create"]
        self.assertEqual(made[-1]["actor"], "oidc:olga")

    def test_a_key_ring_keeps_the_sign_in_where_there_is_one(self):
        if not KeyRing.installed():
            self.skipTest("no key ring: skillbox-keychain, gnome-keyring and dbus-daemon are "
                          "needed")
        ring = KeyRing()
        self.addCleanup(ring.stop)
        mara, url = self.person(**ring.variables), self.server.url
        code, lines, errors = mara.login(url, "mara")
        self.assertEqual((code, lines[1]["kept_in"]), (0, "keychain"), errors)
        [path] = mara.sign_ins()
        with open(path) as file:
            self.assertEqual(set(json.load(file)), {"server", "issuer", "client_id"})
        self.ok(mara.cli("skill", "list", "-s", url))
        # Another session does not have it.
        del mara.environment["DBUS_SESSION_BUS_ADDRESS"]
        elsewhere = mara.cli("skill", "list", "-s", url)
        self.assertEqual(elsewhere.returncode, 1)
        self.assertIn("key ring", elsewhere.stderr)
        mara.environment |= ring.variables
        out = self.ok(mara.cli("logout", url, "-o", "json"))
        self.assertTrue(json.loads(out.stdout)["revoked"])
        self.assertEqual(mara.sign_ins(), [])
        self.assertEqual(mara.cli("skill", "list", "-s", url).returncode, 1)

    def test_who_is_refused_or_has_no_role_is_told(self):
        refused, nobody = self.person(), self.person()
        results = {}
        threads = [
            threading.Thread(target=lambda: results.update(
                refused=refused.login(self.server.url, "mara", refuse=True))),
            threading.Thread(target=lambda: results.update(
                nobody=nobody.login(self.server.url, "eve")))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, words in (("refused", "was refused"), ("nobody", "does not let you in")):
            code, lines, errors = results[name]
            self.assertEqual((code, len(lines)), (1, 1), errors)
            self.assertIn(words, errors)
        self.assertEqual(refused.sign_ins() + nobody.sign_ins(), [])

    def test_the_server_tells_agents_where_to_sign_in(self):
        refusal = self.server.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"}, key=None)
        self.assertEqual(refusal.status, 401)
        challenge = refusal.header("WWW-Authenticate")
        where = re.search(r'resource_metadata="([^"]+)"', challenge).group(1)
        with urllib.request.urlopen(where, timeout=60) as answer:
            document = json.load(answer)
        self.assertEqual(document["resource"], self.server.url)
        self.assertEqual(document["authorization_servers"], [self.provider.issuer])

    def test_tokens_are_used_as_they_are(self):
        devs = self.provider.token("devs")
        self.assertEqual(self.server.get("/v1/skills", key=devs).status, 200)
        self.assertEqual(self.server.get("/v1/keys", key=devs).status, 403)
        self.assertEqual(self.server.get("/v1/keys", key=self.provider.token("ops")).status, 200)
        self.assertEqual(self.server.get("/v1/skills", key=devs[:-8] + "AAAAAAAA").status, 401)

    def test_a_provider_that_is_away_locks_out_nobody(self):
        provider = Provider("EdDSA")
        self.addCleanup(provider.stop)
        with Server(environment=provider.settings()) as server:
            token = provider.token("devs")
            skillbox_server.until(lambda: server.get("/v1/skills", key=token).status == 200)
            provider.stop()
            self.assertEqual(server.get("/v1/skills", key=token).status, 200)
            # Signing in needs it.
            person = self.person()
            code, lines, errors = person.login(server.url, "mara")
            self.assertEqual((code, lines), (1, []))
            self.assertIn("nothing answers there", errors)
        # A server that starts meanwhile says that it is not the token's fault.
        with Server(environment=provider.settings()) as server:
            self.assertEqual(server.get("/v1/skills", key=token).status, 503)
            self.assertEqual(server.get("/v1/skills").status, 200)  # by its key

    def test_a_provider_with_an_authority_of_its_own(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl makes the certificate and is not installed")
        with tempfile.TemporaryDirectory(prefix="skillbox-test-") as folder:
            certificate, key = (os.path.join(folder, name) for name in ("cert.pem", "key.pem"))
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                            "-out", certificate], check=True, capture_output=True, timeout=60)
            provider = Provider(tls=(certificate, key))
            self.addCleanup(provider.stop)
            token = provider.token("devs")
            settings = provider.settings(SKILLBOX_OIDC_CA_BUNDLE=certificate)
            with Server(environment=settings) as server:
                skillbox_server.until(lambda: server.get("/v1/skills", key=token).status == 200)
                # The person's program has to trust it, too.
                stranger, friend = self.person(), self.person(SKILLBOX_CA_FILE=certificate)
                self.assertIn("certificate is not trusted", stranger.login(server.url, "mara")[2])
                begun = subprocess.Popen(
                    [skillbox_server.PROGRAM, "login", server.url, "-o", "json"],
                    env=friend.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    text=True)
                self.assertTrue(json.loads(begun.stdout.readline())["user_code"])
                begun.send_signal(signal.SIGINT)
                self.assertEqual(begun.wait(60), 130)
                begun.stdout.close()
            with Server(environment=provider.settings()) as server:
                self.assertEqual(server.get("/v1/skills", key=token).status, 503)

    def test_every_kind_of_signature_of_the_provider(self):
        for algorithm in ("ES256", "PS256"):
            provider = Provider(algorithm)
            self.addCleanup(provider.stop)
            with Server(environment=provider.settings(SKILLBOX_OIDC_CREATE_TENANTS="true",
                                                      SKILLBOX_OIDC_TENANT="",
                                                      SKILLBOX_OIDC_TENANT_CLAIM="sub")) as server:
                token = provider.token("devs")
                skillbox_server.until(lambda: server.get("/v1/skills", key=token).status == 200)
                # The subject is the tenant there, so this is not ours.
                wrong = server.call("GET", "/v1/skills", key=token,
                                    headers={"X-Tenant-ID": "local"})
                self.assertEqual(wrong.status, 403)


class WithoutProvider(unittest.TestCase):
    def setUp(self):
        self.person = Person()
        self.addCleanup(self.person.folder.cleanup)

    def test_half_a_configuration_does_not_start(self):
        with self.assertRaises(RuntimeError) as started:
            Server(environment={"SKILLBOX_OIDC_ISSUER": "https://login.example.com"})
        for part in ("SKILLBOX_OIDC_AUDIENCE: is missing", "SKILLBOX_OIDC_TENANT_CLAIM: is missing",
                     "SKILLBOX_OIDC_ROLE_CLAIM: is missing", "SKILLBOX_OIDC_ROLES: is missing"):
            self.assertIn(part, str(started.exception))

    def test_a_server_without_a_sign_in_service_says_so(self):
        with Server() as server:
            done = self.person.cli("login", server.url)
            self.assertEqual(done.returncode, 1)
            self.assertIn("it takes API keys", done.stderr)

    def test_login_needs_a_server(self):
        for arguments, words in ((("login",), "name a server"), (("login", "local"), "no sign-in"),
                                 (("login", "team"), "no remote named 'team'"),
                                 (("login", "http://192.0.2.1"), "https://"),
                                 (("logout", "https://skills.example.com"), "not signed in")):
            done = self.person.cli(*arguments)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    skillbox_server.main()
