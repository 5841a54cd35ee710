#!/usr/bin/env python3
"""Writes the seeds of fuzz_archive: small zips, honest and hostile, the same bytes at each run.

    make_archive_corpus.py tests/fuzz/corpus/archive
"""
import pathlib
import stat
import struct
import sys
import zlib

MANIFEST = b"---\nname: word-counter\ndescription: Counts words.\n---\n# Words\n"
FILE, DIRECTORY = stat.S_IFREG | 0o644, stat.S_IFDIR | 0o755


class Entry:
    """One member; fields set by keyword overrule what an honest writer would put there."""

    def __init__(self, name, content=b"", **fields):
        self.name = name.encode() if isinstance(name, str) else name
        self.content = content
        self.mode = FILE
        self.method = 8
        self.flags = 0x0800
        self.host = 3
        self.descriptor = False
        self.local_extra = self.central_extra = self.after = b""
        self.local_name = self.packed = self.size = self.crc = self.offset = None
        self.__dict__.update(fields)


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def zip_of(*entries, prefix=b"", suffix=b"", comment=b"", count=None):
    data, directory = prefix, b""
    for e in entries:
        packed = e.packed
        if packed is None:
            packed = deflate(e.content) if e.method == 8 else e.content
        crc = zlib.crc32(e.content) if e.crc is None else e.crc
        size = len(e.content) if e.size is None else e.size
        offset = len(data) if e.offset is None else e.offset
        flags = e.flags | (8 if e.descriptor else 0)
        name = e.name if e.local_name is None else e.local_name
        sums = (0, 0, 0) if e.descriptor else (crc, len(packed), size)
        data += struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, e.method, 0, 33, *sums,
                            len(name), len(e.local_extra)) + name + e.local_extra + packed
        if e.descriptor:
            data += struct.pack("<4sIII", b"PK\7\10", crc, len(packed), size)
        data += e.after
        directory += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", e.host << 8 | 20, 20, flags,
                                 e.method, 0, 33, crc, len(packed), size, len(e.name),
                                 len(e.central_extra), 0, 0, 0, e.mode << 16, offset)
        directory += e.name + e.central_extra
    count = len(entries) if count is None else count
    return data + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count,
                                          len(directory), len(data), len(comment)) + comment + suffix


def seeds():
    skill = Entry("SKILL.md", MANIFEST)
    main = Entry("scripts/main.py", b"print('{}')\n", mode=stat.S_IFREG | 0o755)
    good = zip_of(skill, main)
    folder = dict(mode=DIRECTORY, method=0)
    yield "good", good
    yield "stored", zip_of(Entry("SKILL.md", MANIFEST, method=0), Entry("a", b"abc", method=0))
    yield "top-folder", zip_of(Entry("top/", **folder), Entry("top/SKILL.md", MANIFEST),
                               Entry("top/scripts/", **folder), Entry("top/scripts/run.sh", b"ls\n"))
    yield "lower-case-manifest", zip_of(Entry("skill.md", MANIFEST))
    yield "litter", zip_of(skill, Entry("__MACOSX/._SKILL.md", b"x"), Entry(".DS_Store", b"x"))
    yield "descriptor", zip_of(Entry("SKILL.md", MANIFEST, descriptor=True), main)
    yield "stored-descriptor", zip_of(skill, Entry("a", b"abc", method=0, descriptor=True))
    yield "comment", zip_of(skill, comment=b"0123456789abcdef")
    yield "dot-components", zip_of(Entry("./", **folder), Entry("./SKILL.md", MANIFEST))
    yield "unicode-names", zip_of(skill, Entry("ünï/日本語.txt", b"x"))
    yield "zip64-local", zip_of(skill, Entry("a", b"abc", method=0,
                                             local_extra=struct.pack("<HHQQ", 1, 16, 3, 3)))
    yield "unicode-path-field", zip_of(
        Entry("SKILL.md", MANIFEST, central_extra=struct.pack(
            "<HHBI", 0x7075, 13, 1, zlib.crc32(b"SKILL.md")) + b"SKILL.md"))
    yield "empty-files", zip_of(skill, Entry("a", method=0), Entry("b"), Entry("c/d", method=0))
    yield "deep", zip_of(skill, Entry("a/b/c/d/e/f", b"x"))
    yield "too-deep", zip_of(skill, Entry("a/b/c/d/e/f/g", b"x"))
    yield "skipped-names", zip_of(skill, Entry(".git/config", b"x"), Entry("__pycache__/a", b"x"))
    yield "ratio", zip_of(skill, Entry("zeros", bytes(100_000)))
    yield "lying-size", zip_of(skill, Entry("zeros", bytes(100_000), size=100))
    yield "lying-size-descriptor", zip_of(skill, Entry("z", bytes(9000), size=100, descriptor=True))
    yield "wrong-crc", zip_of(skill, Entry("a/b/c", b"abc", crc=1))
    yield "parent", zip_of(skill, Entry("../evil", b"x"))
    yield "absolute", zip_of(skill, Entry("/tmp/evil", b"x"))
    yield "drive", zip_of(skill, Entry("C:/evil", b"x"))
    yield "backslash", zip_of(skill, Entry("..\\evil", b"x"))
    yield "nul", zip_of(skill, Entry(b"a\0b", b"x"))
    yield "latin1", zip_of(skill, Entry(b"caf\xe9", b"x", flags=0))
    yield "symlink", zip_of(skill, Entry("link", b"/etc", mode=stat.S_IFLNK | 0o777),
                            Entry("link/passwd", b"x"))
    yield "setuid", zip_of(skill, Entry("su", b"x", mode=stat.S_IFREG | 0o4755))
    yield "device", zip_of(skill, Entry("sda", mode=stat.S_IFBLK | 0o600, method=0))
    yield "case", zip_of(skill, Entry("Skill.MD", b"x"))
    yield "composition", zip_of(skill, Entry("caf\u00e9", b"x"), Entry("cafe\u0301", b"y"))
    yield "duplicate", zip_of(skill, skill)
    yield "file-and-folder", zip_of(skill, Entry("a", b"x"), Entry("a/b", b"y"))
    yield "encrypted", zip_of(skill, Entry("a", b"x", flags=0x0801))
    yield "bzip2", zip_of(skill, Entry("a", b"x", method=12))
    yield "local-name", zip_of(skill, Entry("safe", b"x", local_name=b"evil"))
    yield "gap", zip_of(Entry("SKILL.md", MANIFEST, after=zip_of(main)[:60]), Entry("z", b"z"))
    body = deflate(b"x")
    early = struct.pack("<4sIII", b"PK\7\10", zlib.crc32(b"x"), len(body), 1)
    yield "behind-the-stream", zip_of(Entry("SKILL.md", b"x", descriptor=True,
                                            packed=body + early + good[:80]))
    yield "overlap", zip_of(skill, Entry("SKILL.md2", MANIFEST, offset=0))
    yield "prefix", zip_of(skill, prefix=b"#!/bin/sh\n")
    yield "suffix", good + b"trailing"
    yield "two-zips", good + good
    yield "zip-in-comment", zip_of(skill, comment=good[:200])
    yield "truncated", good[:-30]
    yield "no-entries", zip_of()
    yield "wrong-count", zip_of(skill, main, count=1)
    yield "many-entries", zip_of(skill, *(Entry(f"f{i}", method=0) for i in range(20)))
    yield "not-a-zip", b"#!/bin/sh\necho hello\n"
    yield "no-manifest", zip_of(main)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (folder / f"{name}.zip").write_bytes(data)


if __name__ == "__main__":
    main()
