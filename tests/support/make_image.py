#!/usr/bin/env python3
"""Makes container images without a registry, good ones and bad ones, for the tests of images.

Usage: make_image.py rootfs|docker|oci-dir|oci-tar OUT < SPEC.json

SPEC: {"names": […], "architecture": "amd64", "os": "linux", "path": "/usr/bin", "created": TIME,
       "compression": "none|gzip|zstd" of the layers, "outer": the same of the archive,
       "layers": [{"bash": true, "entries": [ENTRY …]} …],
       "lies": {NAME: VALUE …}, what the image says of itself instead of the truth}
ENTRY: {"path": …, "type": "file|dir|symlink|hardlink|char|block|fifo", "text": …,
        "zeros": BYTES, "target": …, "mode": …, "pax": {KEY: VALUE …}, "mtime": SECONDS}
A layer with "bash" holds this machine's bash and cat with the libraries they need. Prints the
digests as JSON. Only the standard library.
"""

import ctypes
import gzip
import hashlib
import io
import json
import os
import platform
import re
import subprocess
import sys
import tarfile

TYPES = {
    "file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE, "char": tarfile.CHRTYPE, "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def zstd(data):
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    library.ZSTD_compress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p,
                                      ctypes.c_size_t, ctypes.c_int]
    bound = library.ZSTD_compressBound(len(data))
    buffer = ctypes.create_string_buffer(bound)
    size = library.ZSTD_compress(buffer, bound, data, len(data), 1)
    return buffer.raw[:size]


def compressed(data, kind):
    if kind == "gzip":
        return gzip.compress(data, 1, mtime=0)
    return zstd(data) if kind == "zstd" else data


def bash_entries():
    """bash, cat and what they load, in a merged /usr as today's systems have it."""
    places = {}
    for program in ("/usr/bin/bash", "/usr/bin/cat"):
        places["usr/bin/" + os.path.basename(program)] = program
        listing = subprocess.run(["ldd", program], capture_output=True, text=True,
                                 check=True).stdout
        for library in re.findall(r"(/\S+) \(0x", listing):
            place = library.lstrip("/")
            places[place if place.startswith("usr/") else "usr/" + place] = library
    tops = sorted({place.split("/")[1] for place in places})
    yield {"path": "./", "type": "dir"}
    for top in tops:
        yield {"path": f"./usr/{top}", "type": "dir"}
        yield {"path": f"./{top}", "type": "symlink", "target": f"usr/{top}"}
    for place, source in sorted(places.items()):
        with open(source, "rb") as file:
            yield {"path": "./" + place, "type": "file", "bytes": file.read(), "mode": 0o755}


def layer_tar(layer):
    output = io.BytesIO()
    entries = [*(bash_entries() if layer.get("bash") else ()), *layer.get("entries", ())]
    # Written as it stands: tarfile's own open() would tidy names.
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry["path"])
            info.type = TYPES[entry.get("type", "file")]
            info.mode = entry.get("mode", 0o755 if info.type == tarfile.DIRTYPE else 0o644)
            info.uid, info.gid = 4242, 4242
            info.mtime = entry.get("mtime", 0)
            info.linkname = entry.get("target", "")
            info.pax_headers = entry.get("pax", {})
            data = entry.get("bytes", entry.get("text", "").encode()) + bytes(entry.get("zeros", 0))
            info.size = len(data) if info.type == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(data))
    return output.getvalue()


class Image:
    def __init__(self, spec):
        self.lies = spec.get("lies", {})
        self.names = spec.get("names", [])
        self.kind = spec.get("compression", "none")
        self.tars = [layer_tar(layer) for layer in spec["layers"]]
        self.layers = [compressed(tar, self.kind) for tar in self.tars]
        self.diff_ids = [sha256(tar) for tar in self.tars]
        machine = platform.machine()
        config = {
            "architecture": spec.get("architecture", ARCHITECTURES.get(machine, machine)),
            "os": spec.get("os", "linux"),
            "created": spec.get("created", "2026-01-02T03:04:05.678901234Z"),
            "config": {"Env": ["PATH=" + spec["path"], "OTHER=1"] if "path" in spec else []},
            "rootfs": {"type": "layers", "diff_ids": self.lies.get("diff_ids", self.diff_ids)},
        }
        self.platform = {key: config[key] for key in ("architecture", "os")}
        self.config = json.dumps(config).encode()

    def oci_files(self):
        suffix = {"none": "", "gzip": "+gzip", "zstd": "+zstd"}[self.kind]
        media_type = self.lies.get("media_type", "application/vnd.oci.image.layer.v1.tar" + suffix)
        stored = self.layers
        if "layer_bytes" in self.lies:
            stored = [layer[:-self.lies["layer_bytes"]] for layer in stored]
        blobs = {}

        def blob(data, kind, digest=None, size=None):
            blobs[f"blobs/sha256/{(digest or sha256(data)).split(':')[-1]}"] = data
            return {"mediaType": kind, "digest": digest or sha256(data),
                    "size": len(data) if size is None else size}

        manifest = {
            "schemaVersion": 2,
            "config": blob(self.config, self.lies.get(
                "config_type", "application/vnd.oci.image.config.v1+json")),
            "layers": [blob(data, media_type, self.lies.get("layer_digest"),
                            self.lies.get("layer_size")) for data in stored],
        }
        descriptor = blob(json.dumps(manifest).encode(),
                          "application/vnd.oci.image.manifest.v1+json",
                          self.lies.get("manifest_digest"))
        self.manifest_digest = descriptor["digest"]
        if "index" in self.lies:  # as registries have it: one for each platform
            other = {"mediaType": descriptor["mediaType"], "digest": "sha256:" + "0" * 64,
                     "size": 7, "platform": {"os": "linux", "architecture": "mips"}}
            inner = {"schemaVersion": 2, "manifests": [other]}
            if self.lies["index"] == "both":
                inner["manifests"].append(dict(descriptor, platform=self.platform))
            descriptor = blob(json.dumps(inner).encode(), "application/vnd.oci.image.index.v1+json")
        names = self.names or [None]
        index = {"schemaVersion": 2, "manifests": [
            dict(descriptor, **({"annotations": {"org.opencontainers.image.ref.name": name}}
                                if name else {})) for name in names]}
        index_bytes = json.dumps(index).encode()
        if "index_json" in self.lies:
            index_bytes = self.lies["index_json"].encode()
        return {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index_bytes, **blobs}

    def docker_files(self):
        config_name = self.lies.get("config_name", sha256(self.config).split(":")[1] + ".json")
        files = {config_name: self.config}
        layers = []
        for number, layer in enumerate(self.layers):
            name = f"{hashlib.sha256(layer).hexdigest()}/layer.tar"
            # docker save wrote a layer once and linked to it from where it is used again.
            if name in files:
                files[f"again{number}/layer.tar"] = "../" + name
                name = f"again{number}/layer.tar"
            else:
                files[name] = layer
            layers.append(name)
        manifest = [{"Config": config_name, "RepoTags": self.names or None, "Layers": layers}]
        files["manifest.json"] = json.dumps(manifest).encode()
        return files


def files_tar(files):
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, str):
                info.type, info.linkname = tarfile.SYMTYPE, data
                tar.addfile(info)
            else:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return output.getvalue()


def main():
    form, out = sys.argv[1:]
    spec = json.load(sys.stdin)
    image = Image(spec)
    image.manifest_digest = None
    if form == "oci-dir":
        for name, data in image.oci_files().items():
            os.makedirs(os.path.dirname(os.path.join(out, name)), exist_ok=True)
            with open(os.path.join(out, name), "wb") as file:
                file.write(data)
    else:
        data = {"rootfs": lambda: image.tars[0], "docker": lambda: files_tar(image.docker_files()),
                "oci-tar": lambda: files_tar(image.oci_files())}[form]()
        data = compressed(data, spec.get("outer", "none"))
        cut = spec.get("lies", {}).get("cut", 0)
        with open(out, "wb") as file:
            file.write(data[:len(data) - cut])
    print(json.dumps({"config": sha256(image.config), "manifest": image.manifest_digest,
                      "diff_ids": image.diff_ids}))


if __name__ == "__main__":
    main()
