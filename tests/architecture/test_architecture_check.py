#!/usr/bin/env python3
"""Shows that architecture_check.py can fail: each row is a tiny tree with one crossing."""

import os
import tempfile
import unittest

from architecture_check import Check

# name, path of the file, its text, a part of the finding it must give
CROSSINGS = [
    ("storage knows sandbox", "engine/storage/a.cpp",
     '#include "engine/sandbox/sandbox_runtime.h"\n', "engine/storage/ may not include"),
    ("sandbox knows storage", "engine/sandbox/native/a.cpp",
     '#include "engine/storage/records.h"\n', "engine/sandbox/native/ may not include"),
    ("base knows a room", "engine/base/a.cpp",
     '#include "engine/skill/manifest.h"\n', "engine/base/ may not include"),
    ("registry knows execution", "engine/registry/a.cpp",
     '#include "engine/execution/run_limits.h"\n', "engine/registry/ may not include"),
    ("a room knows the engine", "engine/execution/a.cpp",
     '#include "engine/engine.h"\n', "engine/execution/ may not include"),
    ("engine knows app", "engine/a.cpp",
     '#include "app/cli/cli_context.h"\n', "engine/ may not include"),
    ("app knows server", "app/cli/a.cpp",
     '#include "server/http/guard.h"\n', "app/ may not include"),
    ("desktop knows the server's inside", "app/desktop/a.cpp",
     '#include "server/http/guard.h"\n', "app/desktop/ may not include"),
    ("server knows app", "server/api/a.cpp",
     '#include "app/cli/cli_context.h"\n', "server/ may not include"),
    ("engine draws", "engine/execution/a.cpp",
     "#include <QImage>\n", "<QImage> of QtGui has no place here"),
    ("engine draws, by module path", "engine/execution/a.cpp",
     "#include <QtWidgets/QWidget>\n", "of QtWidgets has no place here"),
    ("engine serves", "engine/a.cpp",
     "#include <QtHttpServer/QHttpServer>\n", "of QtHttpServer has no place here"),
    ("SQL outside storage", "engine/registry/a.cpp",
     "#include <QSqlQuery>\n", "<QSqlQuery> of QtSql has no place here"),
    ("http library outside http", "server/api/a.cpp",
     "#include <QtHttpServer/QHttpServer>\n", "belongs to server/http/"),
    ("base opens files", "engine/base/a.cpp",
     "#include <QFile>\n", "base does no I/O"),
    ("base streams", "engine/base/a.cpp",
     "#include <fstream>\n", "base does no I/O"),
    ("base has objects", "engine/base/a.h",
     "#pragma once\nclass A { Q_OBJECT };\n", "plain values"),
    ("launcher knows Qt", "engine/sandbox/launcher/a.cpp",
     "#include <QString>\n", "plain C++"),
    ("launcher knows the engine", "engine/sandbox/launcher/a.cpp",
     '#include "engine/base/result.h"\n', "may not include"),
    ("protocol knows the launcher", "engine/sandbox/protocol/a.h",
     '#pragma once\n#include "engine/sandbox/launcher/a.h"\n', "may not include"),
    ("protocol knows Qt", "engine/sandbox/protocol/a.h",
     "#pragma once\n#include <QByteArray>\n", "plain C++"),
    ("engine knows the launcher", "engine/sandbox/native/a.cpp",
     '#include "engine/sandbox/launcher/a.h"\n', "engine/sandbox/native/ may not include"),
    ("a second file names an adapter", "engine/execution/a.cpp",
     '#include "engine/sandbox/native/native_runtime.h"\n', "is a concrete adapter"),
    ("app names an adapter", "app/cli/a.cpp",
     '#include "engine/storage/sqlite_store.h"\n', "is a concrete adapter"),
    ("environment read in passing", "engine/registry/a.cpp",
     'auto a = qEnvironmentVariable("HOME");\n', "composition root"),
    ("environment read by libc", "engine/sandbox/launcher/a.cpp",
     'auto a = std::getenv("HOME");\n', "composition root"),
    ("settings in passing", "app/cli/a.cpp",
     "QSettings settings;\n", "app/desktop/settings"),
    ("archive library outside its room", "engine/registry/a.cpp",
     "#include <archive.h>\n", "belongs to engine/skill/"),
    ("command line library in the engine", "engine/a.cpp",
     "#include <CLI/CLI.hpp>\n", "belongs to app/cli/"),
    ("include beside, not from the root", "engine/storage/a.cpp",
     '#include "records.h"\n', "not written from the project's root"),
    ("header without guard", "engine/storage/a.h",
     "int a();\n", "no #pragma once"),
]

ALLOWED = [
    ("engine/make_engine.cpp", '#include "engine/storage/sqlite_store.h"\n'
                               '#include "engine/sandbox/native/native_runtime.h"\n'),
    ("engine/engine_config.cpp", 'auto a = qEnvironmentVariable("HOME");\n'),
    ("engine/storage/b.cpp", '#include "engine/base/result.h"\n#include <QSqlQuery>\n'),
    ("engine/execution/b.cpp", '#include "engine/registry/registry.h"\n#include <QString>\n'
                               "// getenv() would be wrong, so would QSettings\n"
                               'const char *s = "getenv(x)"; /*\n#include <QImage>\n*/\n'),
    ("engine/sandbox/launcher/b.cpp", '#include "engine/sandbox/protocol/messages.h"\n'
                                      "#include <seccomp.h>\n#include <unistd.h>\n"),
    ("app/cli/b.cpp", '#include "engine/engine.h"\n#include <CLI/CLI.hpp>\n#include "b.moc"\n'),
    ("app/desktop/b.cpp", '#include "server/local_server.h"\n#include <QImage>\n'),
    ("tests/engine/b.cpp", '#include "engine/storage/sqlite_store.h"\n#include <QTest>\n'),
]

QT_HEADERS = {"QtCore": ["QString", "QFile"], "QtGui": ["QImage"], "QtSql": ["QSqlQuery"],
              "QtWidgets": ["QWidget"], "QtHttpServer": ["QHttpServer"], "QtTest": ["QTest"]}


def write(root, path, text):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(text)


class ArchitectureCheckTest(unittest.TestCase):
    def findings(self, files):
        with tempfile.TemporaryDirectory() as root:
            qt = os.path.join(root, "qt")
            for module, headers in QT_HEADERS.items():
                for header in headers:
                    write(qt, f"{module}/{header}", "")
            for path, text in files:
                write(root, path, text)
            return Check(root, qt).run()

    def test_finds_each_crossing(self):
        for name, path, text, expected in CROSSINGS:
            with self.subTest(name):
                findings = self.findings([(path, text)])
                self.assertEqual(len(findings), 1, findings)
                self.assertIn(expected, findings[0])
                self.assertTrue(findings[0].startswith(path + ":"), findings[0])

    def test_accepts_what_the_house_allows(self):
        self.assertEqual(self.findings(ALLOWED), [])

    def test_finds_one_name_for_two_types(self):
        rows = [
            ("class SkillFile {\n};\n", True),
            ("struct SkillFile final : Base {\n};\n", True),
            ("enum class SkillFile { A };\n", True),
            ("namespace {\nstruct SkillFile { };\n}\n", False),
            ("namespace other {\nstruct SkillFile { };\n}\n", False),
            ("struct Outer {\n    struct SkillFile { };\n};\n", False),
            ("struct SkillFile;\nSkillFile make();\n", False),
            ("struct Outer::SkillFile { };\n", False),
            ("void f()\n{\n    struct SkillFile { };\n}\n", False),
        ]
        first = "#pragma once\nnamespace skillbox {\nstruct SkillFile { };\n}\n"
        for text, wrong in rows:
            with self.subTest(text):
                second = "namespace skillbox {\n" + text + "}\n"
                findings = self.findings([("engine/registry/a.h", first), ("engine/skill/a.cpp", second)])
                self.assertEqual(len(findings), 1 if wrong else 0, findings)
                if wrong:
                    self.assertIn("skillbox::SkillFile is defined at engine/registry/a.h:3 too",
                                  findings[0])

    def test_names_the_line_behind_a_block_comment(self):
        text = '/* one\ntwo */\n#include "engine/sandbox/sandbox_runtime.h"\n'
        findings = self.findings([("engine/storage/a.cpp", text)])
        self.assertTrue(findings[0].startswith("engine/storage/a.cpp:3:"), findings)


if __name__ == "__main__":
    unittest.main()
