#!/usr/bin/env python3
"""What `cmake --install` leaves works in its place, and is what the freedesktop.org specifications want.

Usage: test_install.py CMAKE BUILD SOURCE
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

CMAKE, BUILD, SOURCE = sys.argv[1:4]

# id-is-not-rdns: the project has no domain, see installers/desktop/README.md.
APPSTREAM = ["appstreamcli", "validate", "--no-net", "--override", "cid-desktopapp-is-not-rdns=info"]


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = os.path.join(cls.folder.name, "usr")
        cls.has_desktop = os.path.exists(os.path.join(BUILD, "bin", "skillbox-desktop"))
        for component in ["tools"] + ["desktop"] * cls.has_desktop:
            subprocess.run([CMAKE, "--install", BUILD, "--prefix", cls.prefix, "--component", component],
                           check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, *parts):
        return os.path.join(self.prefix, *parts)

    def run_program(self, *words):
        home = os.path.join(self.folder.name, "home")
        os.makedirs(home, exist_ok=True)
        environment = {"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                       "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": home}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        return subprocess.run([self.path("bin", words[0]), *words[1:]], env=environment, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def need_desktop(self):
        if not self.has_desktop:
            self.skipTest("the desktop was not built")

    def check_with(self, tool, *words):
        if not shutil.which(tool):
            self.skipTest(f"{tool} is not installed")
        found = subprocess.run([tool, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, check=False)
        self.assertEqual(found.returncode, 0, found.stdout)

    def test_a_skill_runs_in_its_sandbox(self):
        done = self.run_program("skillbox", "run", os.path.join(SOURCE, "skills", "word-counter"),
                                "--input", '{"text":"a b a"}', "--output", "json")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn('"status":"success"', done.stdout.replace(" ", ""))

    def test_the_server_is_found(self):
        done = self.run_program("skillbox", "serve", "--help")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("--listen", done.stdout)

    def test_the_desktop_starts(self):
        self.need_desktop()
        done = self.run_program("skillbox-desktop", "--version")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue(os.access(self.path("libexec", "skillbox", "skillbox-preview"), os.X_OK))

    def test_the_menu_entry_is_valid(self):
        self.need_desktop()
        self.check_with("desktop-file-validate",
                        self.path("share", "applications", "skillbox-desktop.desktop"))

    def test_what_software_centres_show_is_valid(self):
        self.need_desktop()
        self.check_with(*APPSTREAM, self.path("share", "metainfo", "skillbox-desktop.metainfo.xml"))

    def test_the_manual_page_has_no_mistakes(self):
        self.need_desktop()
        if not shutil.which("groff"):
            self.skipTest("groff is not installed")
        page = self.path("share", "man", "man1", "skillbox-desktop.1")
        said = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], check=False, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertEqual((said.returncode, said.stderr), (0, ""))

    def test_icons_are_as_large_as_their_folders_say(self):
        self.need_desktop()
        theme = self.path("share", "icons", "hicolor")
        self.assertIn("scalable", os.listdir(theme))
        sizes = sorted(int(name.split("x")[0]) for name in os.listdir(theme) if name != "scalable")
        self.assertIn(48, sizes)  # the one that the icon theme specification asks for
        for size in sizes:
            with open(os.path.join(theme, f"{size}x{size}", "apps", "skillbox-desktop.png"), "rb") as icon:
                head = icon.read(24)
            self.assertEqual(struct.unpack(">II", head[16:24]), (size, size))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
