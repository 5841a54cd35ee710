#!/usr/bin/env python3
"""Writes the seeds of fuzz_image: small images, honest and hostile, the same bytes at each run.

    make_image_corpus.py tests/fuzz/corpus/image
"""
import json
import pathlib
import subprocess
import sys

MAKE_IMAGE = pathlib.Path(__file__).parent.parent / "support" / "make_image.py"

ETC = [{"path": "./", "type": "dir"}, {"path": "etc/", "type": "dir"},
       {"path": "etc/file", "text": "x"}, {"path": "etc/tool", "text": "#!", "mode": 0o755}]
UPPER = [{"path": "etc/.wh.file"}, {"path": "var/.wh..wh..opq"}, {"path": "etc/new", "text": "y"}]
LINKS = ETC + [{"path": "l", "type": "symlink", "target": "/etc"}, {"path": "l/in", "text": "z"},
               {"path": "h", "type": "hardlink", "target": "l/in"},
               {"path": "up", "type": "symlink", "target": "../../.."},
               {"path": "up/out", "text": "o"}]
SPARSE = {"path": "etc/holes", "text": "abc", "pax": {
    "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.numblocks": "1",
    "GNU.sparse.map": "0,3", "GNU.sparse.size": "4096"}}


def layers(*lists):
    return {"names": ["fuzz:1"], "architecture": "amd64",
            "layers": [{"entries": list(entries)} for entries in lists]}


SEEDS = {
    "root": ("rootfs", layers(ETC)),
    "root-gzip": ("rootfs", {**layers(ETC), "outer": "gzip"}),
    "root-zstd": ("rootfs", {**layers(ETC), "outer": "zstd"}),
    "root-whiteouts": ("rootfs", layers(ETC + UPPER)),
    "root-links": ("rootfs", layers(LINKS)),
    "root-sparse": ("rootfs", layers([*ETC, SPARSE])),
    "root-devices": ("rootfs", layers(ETC + [
        {"path": "dev/null", "type": "char"}, {"path": "dev/sda", "type": "block"},
        {"path": "run/pipe", "type": "fifo"}])),
    "root-setuid": ("rootfs", layers(ETC + [{"path": "etc/su", "text": "x", "mode": 0o6755}])),
    "root-parent": ("rootfs", layers(ETC + [{"path": "../canary", "text": "dead"}])),
    "root-parent-whiteout": ("rootfs", layers(ETC + [{"path": "up", "type": "symlink",
                             "target": "../.."}, {"path": "up/.wh.canary"},
                             {"path": "etc/.wh..."}])),
    "root-hard-link-out": ("rootfs", layers(ETC + [
        {"path": "h", "type": "hardlink", "target": "../../canary"}])),
    "root-cut": ("rootfs", {**layers(ETC), "lies": {"cut": 9216}}),
    "docker": ("docker", layers(ETC, UPPER)),
    "docker-same-layer": ("docker", layers(ETC, UPPER, ETC)),
    "docker-gzip": ("docker", {**layers(ETC, UPPER), "outer": "gzip", "compression": "gzip"}),
    "docker-deep-json": ("docker", {**layers(ETC), "lies": {"config_name": "[[[[[[[["}}),
    "oci": ("oci-tar", {**layers(ETC, UPPER), "compression": "zstd"}),
    "oci-index": ("oci-tar", {**layers(ETC), "lies": {"index": "both"}}),
    "oci-lying": ("oci-tar", {**layers(ETC), "lies": {"layer_digest": "sha256:" + "0" * 64}}),
    "oci-deep-json": ("oci-tar", {**layers(ETC), "lies": {"index_json": "[" * 500}}),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (form, spec) in SEEDS.items():
        subprocess.run([sys.executable, MAKE_IMAGE, form, folder / name], check=True, text=True,
                       input=json.dumps(spec), stdout=subprocess.DEVNULL)
    (folder / "no-tar").write_bytes(b"hello\n" * 200)
    (folder / "zeros").write_bytes(bytes(2048))


if __name__ == "__main__":
    main()
