#!/usr/bin/env python3
"""Reads the includes of every source file and says where they cross an arrow of rules.py.

Usage: architecture_check.py ROOT [--qt-headers DIR]
ROOT is the project's folder. DIR holds one folder per Qt module (QtCore, QtSql, …); with it the
Qt modules are checked by the header's real home, not by its name. Exit status 1 on any finding.
"""

import argparse
import os
import re
import sys

import rules

SOURCE_FOLDERS = ("engine", "server", "app", "tests")
SOURCE_SUFFIXES = (".h", ".hpp", ".c", ".cc", ".cpp")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
# Comments, raw strings, strings and characters, in the order a compiler would meet them.
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """Replaces what is not code by as many line breaks as it had, so that line numbers stay."""
    return " " + "\n" * match.group(0).count("\n")


TYPE = re.compile(r"\b(?:class|struct|union|enum(?:\s+(?:class|struct))?)\s+(?:\[\[[^\]]*\]\]\s*)?"
                  r"([A-Za-z_]\w*)(?:\s+final)?\s*(?::(?!:)[^;{()]*)?$")
NAMESPACE = re.compile(r"\bnamespace(?:\s+([\w:]+))?\s*$")


def named_types(code):
    """The types that `code` (without comments and strings) defines in a namespace that other files
    can share: their full names and lines. Not those inside of functions, types and nameless
    namespaces."""
    names = []
    scopes = []  # a namespace's name, or None for every other brace
    line = 1
    words = ""  # since the last brace or semicolon
    for part in re.split(r"([{};\n])", code):
        if part == "\n":
            line += 1
            words += " "
        elif part == "{":
            namespace = NAMESPACE.search(words)
            kind = TYPE.search(words)
            if namespace:
                scopes.append(namespace.group(1))
            else:
                if kind and None not in scopes and not words.lstrip().startswith("template"):
                    names.append(("::".join([*scopes, kind.group(1)]), line))
                scopes.append(None)
            words = ""
        elif part == "}":
            if scopes:
                scopes.pop()
            words = ""
        elif part == ";":
            words = ""
        else:
            words += "" if part.lstrip().startswith("#") else part
    return names


def under(path, places):
    return any(path == place or (place.endswith("/") and path.startswith(place))
               for place in places)


def source_files(root):
    for top in SOURCE_FOLDERS:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = sorted(f for f in folders if not f.startswith((".", "build")))
            for name in sorted(names):
                if name.endswith(SOURCE_SUFFIXES):
                    yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


class QtHeaders:
    """Finds the module of a Qt header by the module folder it lies in."""

    def __init__(self, directory):
        self.directory = directory
        self.modules = sorted(
            name for name in (os.listdir(directory) if directory else [])
            if name.startswith("Qt") and os.path.isdir(os.path.join(directory, name)))

    def module_of(self, header):
        first, _, rest = header.partition("/")
        if rest and first.startswith("Qt"):
            return first
        if rest or not re.match(r"Q[A-Z]|q[a-z0-9]+\.h$|Qt[A-Z]", header):
            return None
        if header in self.modules:
            return header
        # QtCore first: the engine's headers are nearly all there, and it is never wrong to say so.
        for module in sorted(self.modules, key=lambda m: m != "QtCore"):
            if os.path.exists(os.path.join(self.directory, module, header)):
                return module
        return "an unknown Qt module" if self.modules else None


class Check:
    def __init__(self, root, qt_headers=None):
        self.root = root
        self.qt = QtHeaders(qt_headers)
        self.findings = []
        self.files = 0
        self.types = {}  # full name: where it was first defined

    def run(self):
        for path in source_files(self.root):
            self.files += 1
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                text = file.read()
            self.check_file(path, text)
        return self.findings

    def report(self, path, line, message):
        self.findings.append(f"{path}:{line}: {message}")

    def check_file(self, path, text):
        # A block comment may hold an old #include; what stands in quotes must survive here.
        without_comments = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
        for number, line in enumerate(without_comments.split("\n"), 1):
            match = INCLUDE.match(line)
            if match and match.group(1):
                self.check_project_include(path, number, match.group(1))
            elif match:
                self.check_system_include(path, number, match.group(2))
        code = NOT_CODE.sub(blank, text)
        for number, line in enumerate(code.split("\n"), 1):
            for pattern, why, places in rules.CONFINED_WORDS:
                found = re.search(pattern, line)
                if found and not under(path, places):
                    self.report(path, number, f"{found.group(0).strip('( ')}: {why}")
        if not under(path, rules.PROGRAMS_OF_THEIR_OWN):
            self.check_types(path, code)
        if path.endswith((".h", ".hpp")) and "#pragma once" not in text:
            self.report(path, 1, "the header has no #pragma once")

    def check_types(self, path, code):
        for name, line in named_types(code):
            first = self.types.setdefault(name, f"{path}:{line}")
            if first != f"{path}:{line}":
                self.report(path, line, f"{name} is defined at {first} too; in one program that "
                            "breaks the rule of one definition")

    def check_project_include(self, path, number, target):
        if target.endswith(rules.GENERATED_SUFFIXES):
            return
        if not target.startswith(tuple(f"{top}/" for top in SOURCE_FOLDERS)):
            self.report(path, number,
                        f'"{target}" is not written from the project\'s root')
            return
        if ".." in target.split("/"):
            self.report(path, number, f'"{target}" climbs out of its folder')
            return
        plain = next((f for f in rules.PLAIN_CPP if path.startswith(f)), None)
        if plain:
            if not under(target, rules.PLAIN_CPP[plain]):
                self.report(path, number, f'{plain} is plain C++ and may not include "{target}"')
            return
        owner = rules.CONCRETE_ADAPTERS.get(target)
        if owner and not under(path, [owner, rules.COMPOSITION_FILE, "tests/"]):
            self.report(path, number,
                        f'"{target}" is a concrete adapter: only {rules.COMPOSITION_FILE} names it')
        folder = max((f for f in rules.ARROWS if path.startswith(f)), key=len, default=None)
        if folder is None:
            self.report(path, number, "no rule says what this folder may include")
        elif not under(target, [folder, *rules.ARROWS[folder]]):
            self.report(path, number, f'{folder} may not include "{target}"')

    def check_system_include(self, path, number, target):
        module = self.qt.module_of(target)
        if under(path, rules.PLAIN_CPP):
            if module or target.startswith(("Qt", "tl/")):
                self.report(path, number, f"the launcher and its protocol are plain C++: <{target}>")
        elif module and path.startswith("engine/"):
            if not under(path, rules.ENGINE_QT_MODULES.get(module, [])):
                self.report(path, number, f"<{target}> of {module} has no place here")
        elif module and not path.startswith("tests/"):
            confined = rules.QT_MODULE_CONFINED.get(module)
            if confined is not None and not under(path, confined):
                self.report(path, number,
                            f"<{target}> of {module} belongs to {', '.join(confined)}")
        if path.startswith("engine/base/") and target.rsplit("/", 1)[-1] in (
                h.rsplit("/", 1)[-1] for h in rules.BASE_FORBIDDEN_HEADERS):
            self.report(path, number, f"base does no I/O and has no QObject: <{target}>")
        if not path.startswith("tests/"):
            for pattern, places in rules.FOREIGN_HEADERS:
                if re.fullmatch(pattern, target) and not under(path, places):
                    self.report(path, number, f"<{target}> belongs to "
                                f"{', '.join(places)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root")
    parser.add_argument("--qt-headers")
    options = parser.parse_args()
    check = Check(options.root, options.qt_headers)
    findings = check.run()
    for finding in findings:
        print(finding)
    if check.files == 0:
        print(f"no sources below {options.root}")
        return 1
    print(f"{check.files} files read, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
