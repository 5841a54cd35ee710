"""A client of the Skillbox API: run skills, publish them, keep files and sessions.

    import skillbox

    client = skillbox.Client("http://127.0.0.1:8080", "sk-...")
    result = client.run("word-counter", {"text": "one two three"})
    print(result.output["words"])

One file, standard library only, Python 3.9 or later: install the package or copy the file.
`Client` blocks and may be shared by threads; `AsyncClient` has the same methods for asyncio.

Every failure of a call is an `APIError`. A skill that fails is none: its result says so in
`status`, `error` and `reason`.
"""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
import contextlib
import email.utils
import functools
import http.client
import io
import json
import os
import random
import select
import shutil
import socket
import ssl
import stat
import tarfile
import tempfile
import threading
import time
import urllib.parse
import uuid
import zipfile
import zlib
from dataclasses import dataclass, field, fields
from typing import (
    IO, TYPE_CHECKING, Any, AsyncIterator, Awaitable, Callable, Dict, Generic, Iterable, Iterator,
    List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union, cast,
)

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec

    P = ParamSpec("P")

__version__ = "0.1.0"
__all__ = [
    "APIError", "AsyncClient", "AsyncEventStream", "Client", "Event", "EventStream", "Execution",
    "File", "Key", "Page", "PublishedSkill", "SessionFile", "ShellResult", "Skill", "SkillFile",
    "SkillVersion", "Tag", "pack_skill",
]

# Seconds of silence after which an attempt is given up. A run may be silent for as long as it
# lasts: its attempt is then sent again with the same Idempotency-Key, which asks for its answer.
_IDLE = 60.0
_RUN_IDLE = 300.0
_STREAM_IDLE = 45.0  # the server says something every 15
_CONNECT = 10.0
_LONGEST_WAIT = 60.0  # a Retry-After beyond it is an answer for the caller, not for us
_KEPT_FOR = 60.0  # the server closes a connection that was idle for 120
_MOST_KEPT = 16
_RETRIED_STATUS = (429, 502, 503, 504)
_CHUNK = 1 << 16
_MOST_EVENT_BYTES = 64 << 20
_MOST_ANSWER_BYTES = 512 << 20

_DEFAULT_URL = "http://127.0.0.1:8080"

# What an archive of a skill may hold; the server has the same limits.
_SKILL_ENTRIES = 500
_SKILL_BYTES = 256 << 20
_SKILL_RATIO, _SKILL_RATIO_FROM = 100, 1 << 20

_ARTIFACT_BYTES = 1 << 30
_ARTIFACT_FILES = 10_000
_TAR_HEADER_BYTES = 1 << 20

T = TypeVar("T")
Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview]


class APIError(Exception):
    """A call that failed. `status_code` is HTTP's, or 0 when there was no answer to have one.

    `error_code` is for programs: the server's, or one of connection_failed, timeout, bad_answer,
    bad_archive, unsafe_archive, too_large, invalid_skill, bad_request from here. `details` has a
    member per violation where the server names several.
    """

    def __init__(self, status_code: int, error_code: str, message: str, *,
                 details: Sequence[Mapping[str, Any]] = (), request_id: str = "",
                 retry_after: Optional[float] = None) -> None:
        super().__init__(f"skillbox: {status_code} {error_code}: {message}")
        self.status_code = status_code
        self.error_code = error_code
        self.message = message
        self.details = list(details)
        self.request_id = request_id
        self.retry_after = retry_after


# --- what the server answers -------------------------------------------------------------------


@dataclass(frozen=True)
class Execution:
    """A run. `raw` is the answer as it came, with members that this version does not know."""

    execution_id: str = ""
    status: str = ""
    output: Any = None
    files_url: str = ""
    files_list: List[str] = field(default_factory=list)
    logs: str = ""
    duration_ms: int = 0
    error: Optional[str] = None
    reason: str = ""
    exit_code: Optional[int] = None
    skill_digest: str = ""
    sandbox: Dict[str, Any] = field(default_factory=dict)
    skill_name: str = ""
    skill_version: str = ""
    tenant_id: str = ""
    session_id: str = ""
    input: Any = None
    created_at: str = ""
    finished_at: str = ""
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def succeeded(self) -> bool:
        return self.status == "success"

    @property
    def finished(self) -> bool:
        return self.status not in ("", "queued", "running")


@dataclass(frozen=True)
class Event:
    """Of a run that is followed: `type` is state, log or result; `data` is parsed JSON."""

    type: str
    id: str
    data: Any


@dataclass(frozen=True)
class PublishedSkill:
    name: str = ""
    version: str = ""
    description: str = ""
    lang: str = ""
    mode: str = ""
    digest: str = ""
    findings: List[Dict[str, Any]] = field(default_factory=list)
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class SkillVersion:
    """A row of a list."""

    name: str = ""
    version: str = ""
    description: str = ""
    lang: str = ""
    mode: str = ""
    status: str = ""
    digest: str = ""
    published_at: str = ""
    published_by: str = ""
    latest: bool = False
    tags: List[str] = field(default_factory=list)
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Skill:
    name: str = ""
    version: str = ""
    description: str = ""
    lang: str = ""
    image: str = ""
    instructions: str = ""
    timeout: str = ""
    resources: Dict[str, str] = field(default_factory=dict)
    mode: str = ""
    status: str = ""
    entrypoint: str = ""
    license: str = ""
    compatibility: str = ""
    metadata: Dict[str, str] = field(default_factory=dict)
    allowed_tools: List[str] = field(default_factory=list)
    schemas: Dict[str, Any] = field(default_factory=dict)
    files: List[Dict[str, Any]] = field(default_factory=list)
    unknown_keys: List[str] = field(default_factory=list)
    digest: str = ""
    archive_bytes: int = 0
    published_at: str = ""
    published_by: str = ""
    yanked: bool = False
    yanked_at: str = ""
    yank_reason: str = ""
    findings: List[Dict[str, Any]] = field(default_factory=list)
    tags: List[str] = field(default_factory=list)
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class SkillFile:
    """`content` is text, or base64 where `encoding` says so."""

    path: str = ""
    content: str = ""
    size_bytes: int = 0
    encoding: str = ""
    executable: bool = False
    omitted: bool = False
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Tag:
    name: str = ""
    tag: str = ""
    version: str = ""
    set_by: str = ""
    set_at: str = ""
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class File:
    id: str = ""
    tenant_id: str = ""
    session_id: str = ""
    execution_id: str = ""
    name: str = ""
    content_type: str = ""
    size_bytes: int = 0
    version: int = 0
    parent_id: str = ""
    created_at: str = ""
    updated_at: str = ""
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class SessionFile:
    path: str = ""
    size_bytes: int = 0
    executable: bool = False
    updated_at: str = ""
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class ShellResult:
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    timed_out: bool = False
    duration_ms: int = 0
    message: str = ""
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Key:
    """`key` is there only in the answer that makes it."""

    id: str = ""
    key: str = field(default="", repr=False)
    name: str = ""
    role: str = ""
    tenant_id: str = ""
    created_at: str = ""
    created_by: str = ""
    expires_at: str = ""
    last_used_at: str = ""
    revoked_at: str = ""
    raw: Dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


class Page(List[T], Generic[T]):
    """A list with `next_cursor`, which is empty on the last page."""

    next_cursor: str = ""


@functools.lru_cache(maxsize=None)
def _names_of(kind: Any) -> Tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name != "raw")


def _record(kind: Type[T], data: Any) -> T:
    if not isinstance(data, dict):
        raise _bad_answer()
    make = cast(Callable[..., T], kind)
    # Null stands for absent: the default then holds.
    known = {name: data[name] for name in _names_of(make) if data.get(name) is not None}
    return make(raw=data, **known)


def _records(kind: Type[T], data: Any) -> Page[T]:
    if not isinstance(data, list):
        raise _bad_answer()
    return Page(_record(kind, item) for item in data)


def _bad_answer() -> APIError:
    return APIError(0, "bad_answer", "the answer is not one of a Skillbox server")


# --- requests ----------------------------------------------------------------------------------


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Address:
    """Where a server is: http://host:port/prefix, https://…, or unix:/path/of/socket."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.socket_path = self.prefix = ""
        if text.startswith("unix:"):
            self.secure, self.host, self.port = False, "localhost", None
            self.socket_path = text[5:]
            if self.socket_path.startswith("///"):
                self.socket_path = self.socket_path[2:]
            if not self.socket_path.startswith("/"):
                raise APIError(0, "bad_request",
                               "the server's address needs an absolute path after unix:")
            return
        try:
            parts = urllib.parse.urlsplit(text)
            self.host, self.port = parts.hostname or "", parts.port
        except ValueError:
            raise APIError(0, "bad_request",
                           "the server's address is not http:// or https://") from None
        if parts.scheme not in ("http", "https") or not self.host:
            raise APIError(0, "bad_request", "the server's address is not http:// or https://")
        if parts.username is not None or parts.query or parts.fragment:
            raise APIError(0, "bad_request",
                           "the server's address has a user, a query or a fragment")
        self.secure = parts.scheme == "https"
        self.prefix = parts.path.rstrip("/")
        self.text = text.rstrip("/")

    def connection(self, context: Optional[ssl.SSLContext]) -> http.client.HTTPConnection:
        if self.socket_path:
            return _UnixConnection(self.socket_path, _CONNECT)
        if self.secure:
            return http.client.HTTPSConnection(
                self.host, self.port, timeout=_CONNECT,
                context=context or ssl.create_default_context())
        return http.client.HTTPConnection(self.host, self.port, timeout=_CONNECT)


class _Pool:
    """Connections that are kept for the next request. Thread-safe."""

    def __init__(self, address: _Address, context: Optional[ssl.SSLContext]) -> None:
        self.address = address
        self._context = context
        self._lock = threading.Lock()
        self._idle: List[Tuple[float, http.client.HTTPConnection]] = []

    def take(self) -> http.client.HTTPConnection:
        while True:
            with self._lock:
                if not self._idle:
                    break
                since, connection = self._idle.pop()
            if time.monotonic() - since < _KEPT_FOR and _is_quiet(connection):
                return connection
            connection.close()
        if self._context is None and self.address.secure:
            self._context = ssl.create_default_context()  # reads the authorities: once
        return self.address.connection(self._context)

    def give(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < _MOST_KEPT:
                self._idle.append((time.monotonic(), connection))
                return
        connection.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()


def _is_quiet(connection: http.client.HTTPConnection) -> bool:
    """Whether a kept connection is still open: one with something to read was closed."""
    try:
        return not select.select([connection.sock], [], [], 0)[0]
    except (OSError, ValueError, TypeError):
        return False


class _Body:
    """Of a request: bytes, or pieces of known length that can be made anew for each attempt."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]], length: int, kind: str) -> None:
        self.pieces, self.length, self.kind = pieces, length, kind


class _Answer:
    """Of one attempt: its body is still to be read, and then the connection to be given back."""

    def __init__(self, pool: _Pool, connection: http.client.HTTPConnection,
                 response: http.client.HTTPResponse) -> None:
        self.pool, self.connection, self.response = pool, connection, response
        self.status = response.status

    def read(self) -> bytes:
        length = self.response.length
        try:
            if length is not None and length <= _MOST_ANSWER_BYTES:
                body = self.response.read()  # an exception where it is shorter
            else:
                parts, size = [], 0
                while length is None:
                    parts.append(self.response.read(_CHUNK))
                    size += len(parts[-1])
                    if not parts[-1] or size > _MOST_ANSWER_BYTES:
                        break
                if length is not None or size > _MOST_ANSWER_BYTES:
                    raise APIError(0, "too_large",
                                   f"the answer has more than {_MOST_ANSWER_BYTES} bytes")
                body = b"".join(parts)
        except BaseException:
            self.connection.close()
            raise
        self.release()
        return body

    def pieces(self) -> Iterator[bytes]:
        try:
            while True:
                piece = self.response.read(_CHUNK)
                if not piece:
                    break
                yield piece
            if self.response.length not in (None, 0):
                raise http.client.IncompleteRead(b"", self.response.length)
        except BaseException:
            self.connection.close()
            raise
        self.release()

    def release(self) -> None:
        if self.response.will_close:
            self.connection.close()
        else:
            self.pool.give(self.connection)

    def close(self) -> None:
        self.connection.close()


_CONNECTION_ERRORS = (OSError, http.client.HTTPException)


class _Wait:
    """When to give up: the caller's limit over all attempts, or none."""

    def __init__(self, limit: Optional[float]) -> None:
        self.limit = limit
        self.end = None if limit is None else time.monotonic() + limit

    def bounded(self, seconds: float) -> float:
        if self.end is None:
            return seconds
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.over()
        return min(seconds, left)

    def over(self) -> APIError:
        return APIError(0, "timeout", f"there was no answer within {self.limit:g} s")

    def has_room_for(self, seconds: float) -> bool:
        return self.end is None or time.monotonic() + seconds < self.end


def _is_timeout(error: BaseException) -> bool:
    return isinstance(error, (socket.timeout, TimeoutError))


def _backoff(attempt: int) -> float:
    """Seconds before another attempt; by chance, so that many clients do not come at once."""
    return random.uniform(0.5, 1.0) * min(8.0, 0.2 * 2.0 ** attempt)


def _retry_after(text: Optional[str]) -> Optional[float]:
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, moment.timestamp() - time.time())


def _attempt(pool: _Pool, method: str, target: str, headers: Dict[str, str],
             body: Union[bytes, _Body, None], idle: float, wait: _Wait) -> _Answer:
    connection = pool.take()
    try:
        if connection.sock is None:
            connection.timeout = wait.bounded(_CONNECT)
            connection.connect()
        cast(socket.socket, connection.sock).settimeout(wait.bounded(idle))
        try:
            if isinstance(body, _Body):
                connection.request(method, target, cast(Any, body.pieces()), headers)
            else:
                connection.request(method, target, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses a long body answers and hangs up before it has all of it.
            try:
                return _Answer(pool, connection, connection.getresponse())
            except _CONNECTION_ERRORS:
                pass
            raise
        return _Answer(pool, connection, connection.getresponse())
    except BaseException:
        connection.close()
        raise


def _error_of(status: int, headers: http.client.HTTPMessage, body: bytes) -> APIError:
    after = _retry_after(headers.get("Retry-After"))
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("error"), str):
        return APIError(status, "bad_answer", "the answer is not one of a Skillbox server",
                        retry_after=after)
    details = data.get("details")
    return APIError(status, data["error"], str(data.get("message", "")),
                    details=details if isinstance(details, list) else (),
                    request_id=str(data.get("request_id", "")), retry_after=after)


def _segment(what: str, text: str) -> str:
    """One component of a path. Dots would be taken for a way up on their way to the server."""
    if not isinstance(text, str) or text in ("", ".", ".."):
        raise APIError(0, "bad_request", f"{json.dumps(text)} is no {what}")
    return urllib.parse.quote(text, safe="")


def _header(what: str, text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise APIError(0, "bad_request", f"the {what} has a character that a header cannot hold")
    return text


def _path(what: str, text: str) -> str:
    return "/".join(_segment(what, part) for part in text.split("/"))


def _query(**parameters: Any) -> str:
    given = {}
    for name, value in parameters.items():
        if value is True:
            given[name] = "1"
        elif value not in (None, "", False):
            given[name] = str(value)
    return "?" + urllib.parse.urlencode(given) if given else ""


def _next_cursor(link: Optional[str]) -> str:
    for part in (link or "").split(","):
        address, _, parameters = part.strip().partition(">")
        if 'rel="next"' in parameters and address.startswith("<"):
            query = urllib.parse.urlsplit(address[1:]).query
            return urllib.parse.parse_qs(query).get("cursor", [""])[0]
    return ""


def _duration(value: Union[str, float, None]) -> str:
    """Seconds as the duration text of the API."""
    return value if isinstance(value, str) else "" if value is None else f"{value:g}s"


@contextlib.contextmanager
def _local(what: str) -> Iterator[None]:
    """Failures of this machine's files; nothing in it may speak with the network."""
    try:
        yield
    except OSError as error:
        raise APIError(0, "bad_request", f"{what}: {error}") from error


# --- skills as archives ------------------------------------------------------------------------


def _is_skipped(path: str, name: str) -> bool:
    """What the engine leaves out too: version control, caches, litter of desktops."""
    return (name in (".git", "__pycache__", "__MACOSX", ".DS_Store", "Thumbs.db")
            or (name.startswith(".skillbox-") and name.endswith(".tmp"))
            or path == "node_modules/.cache" or path.endswith("/node_modules/.cache"))


def _skill_files(folder: str) -> List[Tuple[str, str, os.stat_result]]:
    found: List[Tuple[str, str, os.stat_result]] = []
    total = 0
    waiting = [("", folder)]
    while waiting:
        prefix, place = waiting.pop()
        for entry in os.scandir(place):
            path = prefix + entry.name
            if _is_skipped(path, entry.name):
                continue
            if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
                raise APIError(0, "invalid_skill", f"{json.dumps(path, ensure_ascii=False)} is no "
                               "regular file; a skill holds only files and folders")
            if entry.is_dir():
                waiting.append((path + "/", entry.path))
                continue
            status = entry.stat(follow_symlinks=False)
            total += status.st_size
            found.append((path, entry.path, status))
            if len(found) > _SKILL_ENTRIES:
                raise APIError(0, "too_large", f"there are more than {_SKILL_ENTRIES} files")
            if total > _SKILL_BYTES:
                raise APIError(0, "too_large", f"the files have more than {_SKILL_BYTES} bytes")
    if not any(path in ("SKILL.md", "skill.md") for path, _, _ in found):
        raise APIError(0, "invalid_skill", "there is no SKILL.md in the folder")
    return sorted(found, key=lambda item: os.fsencode(item[0]))


def pack_skill(folder: Union[str, "os.PathLike[str]"]) -> bytes:
    """The folder as a zip. The same files give the same bytes, whatever their times and owner."""
    buffer = io.BytesIO()
    with _local("the skill cannot be read"), zipfile.ZipFile(buffer, "w") as archive:
        for path, place, status in _skill_files(os.fspath(folder)):
            with open(place, "rb") as file:
                content = file.read()
            member = zipfile.ZipInfo(path)  # dated 1980-01-01
            member.create_system = 3
            mode = 0o755 if status.st_mode & stat.S_IXUSR else 0o644
            member.external_attr = (stat.S_IFREG | mode) << 16
            packed = len(zlib.compress(content, 6)) if len(content) > _SKILL_RATIO_FROM else 0
            # What packs better than the server accepts is stored.
            is_bomb = packed and len(content) > packed * _SKILL_RATIO
            method = zipfile.ZIP_STORED if is_bomb else zipfile.ZIP_DEFLATED
            archive.writestr(member, content, method, None if is_bomb else 6)
    return buffer.getvalue()


def _zip_of(skill: Source) -> bytes:
    if isinstance(skill, (bytes, bytearray, memoryview)):
        return bytes(skill)
    path = os.fspath(skill)
    if os.path.isdir(path):
        return pack_skill(path)
    with _local("the skill cannot be read"), open(path, "rb") as file:
        return file.read()


def _form(source: Source, name: str, more: Mapping[str, str]) -> _Body:
    """A form with the file in it, read while it is sent."""
    place = ""
    content = b""
    if isinstance(source, (bytes, bytearray, memoryview)):
        content = bytes(source)
        size = len(content)
    else:
        place = os.fspath(source)
        with _local("the file cannot be read"):
            size = os.path.getsize(place)
        name = name or os.path.basename(place)
    boundary = "skillbox-" + uuid.uuid4().hex
    head = b""
    # The name goes as a field of its own: a header could not hold every name.
    for key, value in {"name": name, **more}.items():
        if value:
            head += (f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'
                     f"{value}\r\n").encode()
    head += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n'
             "Content-Type: application/octet-stream\r\n\r\n").encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    def pieces() -> Iterator[bytes]:
        yield head
        if place:
            left = size
            with _local("the file cannot be read"):
                file = open(place, "rb")
            with file:
                while left > 0:
                    with _local("the file cannot be read"):
                        piece = file.read(min(_CHUNK, left))
                    if not piece:
                        raise APIError(0, "bad_request", "the file changed while it was sent")
                    left -= len(piece)
                    yield piece
        else:
            yield content
        yield tail

    return _Body(pieces, len(head) + size + len(tail), f"multipart/form-data; boundary={boundary}")


# --- files of a run ----------------------------------------------------------------------------


class _TarInfo(tarfile.TarInfo):
    """Bounds what tarfile reads into memory for a long name."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> "_TarInfo":
        info = super().frombuf(buf, encoding, errors)
        if info.type in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
                         tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            if info.size > _TAR_HEADER_BYTES:
                raise APIError(0, "too_large",
                               f"the archive has a header of more than {_TAR_HEADER_BYTES} bytes")
        return info


class _Gunzip:
    """A stream to read from what is packed, which must come to its proper end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._unpacker = zlib.decompressobj(wbits=31)
        self._packed = b""

    def read(self, size: int) -> bytes:
        out = b""
        while len(out) < size and not self._unpacker.eof:
            if not self._packed:
                self._packed = next(self._pieces, b"")
                if not self._packed:
                    raise zlib.error("the packed data end too early")
            out += self._unpacker.decompress(self._packed, size - len(out))
            self._packed = self._unpacker.unconsumed_tail
        return out


def _quoted(name: str) -> str:
    text = json.dumps(name, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()


def _checked_member(member: tarfile.TarInfo) -> str:
    """The path of a file in the archive, which must lie below the folder."""
    name = member.name

    def refuse(why: str) -> APIError:
        return APIError(0, "unsafe_archive",
                        f"the archive of files is refused: {_quoted(name)} {why}")

    if member.size < 0:
        raise tarfile.ReadError("a negative size")
    if member.issym() or member.islnk():
        raise refuse("is a link")
    if (not member.isreg() or member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE)
            or member.issparse()):
        raise refuse("is no regular file")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise refuse("is not UTF-8") from None
    if "\0" in name:
        raise refuse("has a NUL in its name")
    if name.startswith("/") or (os.name == "nt" and (":" in name or "\\" in name)):
        raise refuse("is no relative path")
    for part in name.split("/"):
        if part == "..":
            raise refuse('has a ".." in its path')
        if part in ("", "."):
            raise refuse("has an empty component in its path")
    return name


def _stage(pieces: Iterator[bytes], folder: str, max_bytes: int) -> Dict[str, str]:
    """Unpacks into files with plain numbers for names; gives where each path's content is."""
    staged: Dict[str, str] = {}
    left = max_bytes
    try:
        source = cast(IO[bytes], _Gunzip(pieces))
        with tarfile.open(fileobj=source, mode="r|", tarinfo=_TarInfo,
                          encoding="utf-8", errors="surrogateescape") as archive:
            for member in archive:
                if member.isdir():
                    continue
                path = _checked_member(member)
                if path in staged:
                    raise APIError(0, "unsafe_archive", "the archive of files is refused: "
                                   f"{_quoted(path)} is there twice")
                if len(staged) >= _ARTIFACT_FILES:
                    raise APIError(0, "too_large", f"there are more than {_ARTIFACT_FILES} files")
                left -= max(member.size, 0)
                if left < 0:
                    raise APIError(0, "too_large", f"the files have more than {max_bytes} bytes")
                content = archive.extractfile(member)
                assert content is not None  # it is a regular file
                staged[path] = os.path.join(folder, str(len(staged)))
                with _local("the files cannot be saved"):
                    file = open(staged[path], "wb")
                with file:
                    for piece in iter(functools.partial(content.read, _CHUNK), b""):
                        with _local("the files cannot be saved"):
                            file.write(piece)
        while source.read(_CHUNK):  # to the end, where the checksum is
            pass
    except (tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError,
            RecursionError) as error:
        raise APIError(0, "bad_archive", "the archive of files cannot be read") from error
    return staged


def _place(staged: Mapping[str, str], directory: str) -> List[str]:
    """Moves what was unpacked to its places; through no link, and over no folder."""
    for path in staged:
        place = directory
        parts = path.split("/")
        for part in parts[:-1]:
            place = os.path.join(place, part)
            if os.path.lexists(place) and (os.path.islink(place) or not os.path.isdir(place)):
                raise APIError(0, "unsafe_archive",
                               f"{_quoted(path)} cannot be saved: a link or a file is in the way")
        target = os.path.join(directory, *parts)
        if os.path.isdir(target) and not os.path.islink(target):
            raise APIError(0, "unsafe_archive",
                           f"{_quoted(path)} cannot be saved: a folder is in the way")
        if any(path.startswith(other + "/") for other in staged):
            raise APIError(0, "unsafe_archive",
                           f"{_quoted(path)} cannot be saved: a link or a file is in the way")
    with _local("the files cannot be saved"):
        for path, content in staged.items():
            target = os.path.join(directory, *path.split("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(content, target)
    return sorted(staged)


# --- the client --------------------------------------------------------------------------------


class Client:
    """A Skillbox server. Blocks; may be used by many threads at once.

    `base_url` is http://…, https://… or unix:/path/of/socket; without one SKILLBOX_SERVER_URL
    counts, and then http://127.0.0.1:8080. `api_key` and `tenant_id` fall back to SKILLBOX_API_KEY
    and SKILLBOX_TENANT_ID.

    `timeout` is how many seconds a call may take with all its attempts. Without one an attempt is
    given up after 60 s of silence, and a run may last as long as the server lets it.

    What is safe to repeat (reading, `run`, `cancel`, `register_skill` and `validate_skill`) is sent
    up to `max_retries` times more when the connection breaks or the server answers 429, 502, 503
    or 504; `Retry-After` is heeded.
    """

    def __init__(self, base_url: str = "", api_key: str = "", tenant_id: str = "",
                 timeout: Optional[float] = None, *, max_retries: int = 3,
                 ssl_context: Optional[ssl.SSLContext] = None) -> None:
        address = _Address(base_url or os.environ.get("SKILLBOX_SERVER_URL") or _DEFAULT_URL)
        self.base_url = address.text
        self.timeout = timeout
        self.max_retries = max_retries
        self._pool = _Pool(address, ssl_context)
        self._ssl_context = ssl_context
        self._headers = {"Accept": "application/json",
                         "User-Agent": "skillbox-python/" + __version__}
        key = api_key or os.environ.get("SKILLBOX_API_KEY", "")
        tenant = tenant_id or os.environ.get("SKILLBOX_TENANT_ID", "")
        if key:
            self._headers["Authorization"] = "Bearer " + _header("key", key)
        if tenant:
            self._headers["X-Tenant-ID"] = _header("tenant", tenant)

    def close(self) -> None:
        """Closes the connections that were kept. The client can be used again."""
        self._pool.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- service

    def health(self) -> Dict[str, Any]:
        return cast(Dict[str, Any], self._json("GET", "/health"))

    def ready(self) -> Dict[str, Any]:
        """An APIError not_ready where something that the server needs does not work."""
        return cast(Dict[str, Any], self._json("GET", "/ready"))

    def server_version(self) -> Dict[str, Any]:
        return cast(Dict[str, Any], self._json("GET", "/version"))

    # --- runs

    def run(self, skill: str, input: Any = None, *, version: str = "",
            env: Optional[Mapping[str, str]] = None, input_files: Sequence[str] = (),
            session_id: str = "", entrypoint: str = "",
            timeout: Union[str, float, None] = None, idempotency_key: str = "") -> Execution:
        """Runs a skill and waits for its end. How it went is in the result's `status`.

        `input` is anything that json can write; `input_files` are ids of uploaded files; `timeout`
        (seconds, or text as in "1m30s") shortens what the skill is allowed. The run has an
        Idempotency-Key, so that it happens once however often the request has to be sent.
        """
        body = _run_request(skill, input, version, env, input_files, session_id, entrypoint,
                            timeout)
        key = _header("idempotency key", idempotency_key or str(uuid.uuid4()))
        return _record(Execution, self._json("POST", "/v1/executions", body, repeat=True,
                                             headers={"Idempotency-Key": key}, idle=_RUN_IDLE))

    def start(self, skill: str, input: Any = None, *, version: str = "",
              env: Optional[Mapping[str, str]] = None, input_files: Sequence[str] = (),
              session_id: str = "", entrypoint: str = "",
              timeout: Union[str, float, None] = None, idempotency_key: str = "") -> Execution:
        """Like run, but comes back at once with `execution_id` and `status` alone."""
        body = _run_request(skill, input, version, env, input_files, session_id, entrypoint,
                            timeout)
        key = _header("idempotency key", idempotency_key or str(uuid.uuid4()))
        headers = {"Idempotency-Key": key, "Prefer": "respond-async"}
        return _record(Execution, self._json("POST", "/v1/executions", body, repeat=True,
                                             headers=headers))

    def wait(self, execution_id: str) -> Execution:
        """Waits for the end of a run that was started, and gives all of it."""
        with self.stream(execution_id) as events:
            for _ in events:
                pass
        return self.get_execution(execution_id)

    def get_execution(self, execution_id: str) -> Execution:
        target = "/v1/executions/" + _segment("id", execution_id)
        return _record(Execution, self._json("GET", target))

    def get_execution_logs(self, execution_id: str) -> str:
        target = f"/v1/executions/{_segment('id', execution_id)}/logs"
        return self._bytes("GET", target).decode("utf-8", "replace")

    def get_execution_file(self, execution_id: str, path: str) -> bytes:
        """One file that a run made."""
        return self._bytes("GET", f"/v1/executions/{_segment('id', execution_id)}/files/"
                           + _path("path", path))

    def list_executions(self, *, skill: str = "", status: str = "", session: str = "",
                        since: str = "", until: str = "", limit: int = 0,
                        cursor: str = "") -> Page[Execution]:
        """A page of runs, newest first, without inputs, outputs, logs and files."""
        return self._page(Execution, "/v1/executions" + _query(
            skill=skill, status=status, session=session, since=since, until=until, limit=limit,
            cursor=cursor))

    def cancel(self, execution_id: str) -> Execution:
        """Kills the run with all its processes. Cancelling what has ended changes nothing."""
        target = f"/v1/executions/{_segment('id', execution_id)}/cancel"
        return _record(Execution, self._json("POST", target, repeat=True))

    def stream(self, execution_id: str, last_event_id: str = "") -> "EventStream":
        """What a run tells while it goes on, up to its result. A connection that breaks is made
        again and goes on behind the last event."""
        return EventStream(self, execution_id, last_event_id)

    def download_files(self, result: Union[Execution, str],
                       directory: Union[str, "os.PathLike[str]"], *,
                       max_bytes: int = _ARTIFACT_BYTES) -> List[str]:
        """Saves the files that a run made, and gives their paths below `directory`, sorted.

        Files of the same name are replaced. An archive with a link, a device or a path that leads
        out of the folder is refused as a whole, and so is one with more than `max_bytes`.
        """
        if isinstance(result, str):
            result = self.get_execution(result)
        if not result.files_url:
            return []
        try:
            return self._download(result.files_url, os.fspath(directory), max_bytes)
        except APIError as error:
            # The link has its hour; whoever may see the run gets another.
            if error.status_code != 403 or not result.execution_id:
                raise
        fresh = self.get_execution(result.execution_id)
        return self._download(fresh.files_url, os.fspath(directory), max_bytes)

    # --- skills

    def register_skill(self, skill: Source) -> PublishedSkill:
        """Publishes a skill: its folder, its zip, or the zip's bytes."""
        return _record(PublishedSkill, self._json("POST", "/v1/skills", _zip_of(skill), repeat=True,
                                                  headers={"Content-Type": "application/zip"}))

    def register_skill_from_fields(self, name: str, description: str, *, code: str = "",
                                   lang: str = "", instructions: str = "",
                                   version: str = "") -> PublishedSkill:
        """Publishes a skill of one script; the server packs it."""
        given = {"name": name, "description": description, "code": code, "lang": lang,
                 "instructions": instructions, "version": version}
        body = {key: value for key, value in given.items() if value}
        return _record(PublishedSkill,
                       self._json("POST", "/v1/skills/from-fields", body, repeat=True))

    def validate_skill(self, skill: Source) -> PublishedSkill:
        """Checks a skill without storing it. What is wrong is an APIError with `details`."""
        return _record(PublishedSkill,
                       self._json("POST", "/v1/skills/validate", _zip_of(skill), repeat=True,
                                  headers={"Content-Type": "application/zip"}))

    def list_skills(self, *, name: str = "", q: str = "", latest: bool = False, limit: int = 0,
                    cursor: str = "") -> Page[SkillVersion]:
        """All versions of all skills, or with `latest` one row per skill; `q` searches. With a
        `limit` it is one page."""
        page: Page[SkillVersion] = self._page(SkillVersion, "/v1/skills" + _query(
            name=name, q=q, latest=latest, limit=limit, cursor=cursor))
        while page.next_cursor and not limit:
            more: Page[SkillVersion] = self._page(SkillVersion, "/v1/skills" + _query(
                name=name, q=q, latest=latest, cursor=page.next_cursor))
            page.extend(more)
            page.next_cursor = more.next_cursor
        return page

    def list_skill_versions(self, name: str) -> Page[SkillVersion]:
        return self._page(SkillVersion, f"/v1/skills/{_segment('name', name)}/versions")

    def get_skill(self, name: str, version: str = "latest") -> Skill:
        """`version` may be a tag."""
        return _record(Skill, self._json("GET", _skill_path(name, version)))

    def get_skill_files(self, name: str, version: str = "latest",
                        path: str = "") -> List[SkillFile]:
        return _records(SkillFile, self._json("GET", _skill_path(name, version) + "/files"
                                              + _query(path=path)))

    def get_skill_archive(self, name: str, version: str = "latest") -> bytes:
        """The zip as it was published."""
        return self._bytes("GET", _skill_path(name, version) + "/archive")

    def yank_skill(self, name: str, version: str, reason: str = "") -> Skill:
        """Takes a version out of use: it is neither run nor `latest` any more."""
        body = {"reason": reason} if reason else {}
        return _record(Skill, self._json("POST", _skill_path(name, version) + "/yank", body))

    def unyank_skill(self, name: str, version: str) -> Skill:
        return _record(Skill, self._json("POST", _skill_path(name, version) + "/unyank"))

    def delete_skill(self, name: str, version: str) -> None:
        self._none("DELETE", _skill_path(name, version))

    def list_skill_tags(self, name: str) -> List[Tag]:
        return _records(Tag, self._json("GET", f"/v1/skills/{_segment('name', name)}/tags"))

    def set_skill_tag(self, name: str, tag: str, version: str) -> Tag:
        target = f"/v1/skills/{_segment('name', name)}/tags/{_segment('tag', tag)}"
        return _record(Tag, self._json("PUT", target, {"version": version}))

    def delete_skill_tag(self, name: str, tag: str) -> None:
        self._none("DELETE", f"/v1/skills/{_segment('name', name)}/tags/{_segment('tag', tag)}")

    # --- files

    def list_files(self, *, session_id: str = "", execution_id: str = "", limit: int = 0,
                   offset: int = 0) -> List[File]:
        return _records(File, self._json("GET", "/v1/files" + _query(
            session_id=session_id, execution_id=execution_id, limit=limit, offset=offset)))

    def get_file(self, file_id: str) -> File:
        return _record(File, self._json("GET", "/v1/files/" + _segment("id", file_id)))

    def upload_file(self, source: Source, name: str = "", session_id: str = "") -> File:
        """Stores a file: a path, which is read while it is sent, or bytes with a `name`."""
        return _record(File, self._json("POST", "/v1/files",
                                        _form(source, name, {"session_id": session_id})))

    def download_file(self, file_id: str,
                      path: Union[str, "os.PathLike[str]", None] = None) -> bytes:
        """The content; with a `path` it goes there piece by piece, and nothing is returned."""
        target = f"/v1/files/{_segment('id', file_id)}/download"
        if path is None:
            return self._bytes("GET", target)
        with _local("the file cannot be saved"):
            file = open(path, "wb")
        with file:
            try:
                for piece in self._send("GET", target).pieces():
                    with _local("the file cannot be saved"):
                        file.write(piece)
            except _CONNECTION_ERRORS as error:
                raise self._lost() from error
        return b""

    def update_file(self, file_id: str, source: Source, name: str = "") -> File:
        """Stores a new version, which has an id of its own."""
        return _record(File, self._json("PUT", "/v1/files/" + _segment("id", file_id),
                                        _form(source, name, {})))

    def delete_file(self, file_id: str) -> None:
        self._none("DELETE", "/v1/files/" + _segment("id", file_id))

    def list_file_versions(self, file_id: str) -> List[File]:
        return _records(File, self._json("GET", f"/v1/files/{_segment('id', file_id)}/versions"))

    # --- sessions

    def list_session_files(self, session_id: str) -> List[SessionFile]:
        return _records(SessionFile, self._json(
            "GET", f"/v1/sessions/{_segment('session', session_id)}/files"))

    def get_session_file(self, session_id: str, path: str) -> bytes:
        return self._bytes("GET", f"/v1/sessions/{_segment('session', session_id)}/files/"
                           + _path("path", path))

    def write_session_file(self, session_id: str, path: str, content: bytes,
                           append: bool = False) -> SessionFile:
        body = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64",
                "append": append}
        return _record(SessionFile, self._json("POST", "/v1/sandbox/write-file", body,
                                               headers=_in_session(session_id)))

    def delete_session_file(self, session_id: str, path: str) -> None:
        self._none("DELETE", f"/v1/sessions/{_segment('session', session_id)}/files/"
                   + _path("path", path))

    def delete_session(self, session_id: str) -> None:
        self._none("DELETE", "/v1/sessions/" + _segment("session", session_id))

    def execute(self, session_id: str, command: str, workdir: str = "",
                timeout_ms: int = 0) -> ShellResult:
        """Runs a shell command in a fresh sandbox with the session's files."""
        body: Dict[str, Any] = {"command": command}
        if workdir:
            body["workdir"] = workdir
        if timeout_ms:
            body["timeout_ms"] = timeout_ms
        return _record(ShellResult, self._json("POST", "/v1/sandbox/execute", body, idle=_RUN_IDLE,
                                               headers=_in_session(session_id)))

    # --- keys

    def create_key(self, name: str, role: str = "", expires_at: str = "") -> Key:
        """Its `key` is shown this once."""
        given = {"name": name, "role": role, "expires_at": expires_at}
        return _record(Key, self._json("POST", "/v1/keys", {k: v for k, v in given.items() if v}))

    def list_keys(self) -> List[Key]:
        return _records(Key, self._json("GET", "/v1/keys"))

    def revoke_key(self, key_id: str) -> None:
        self._none("DELETE", "/v1/keys/" + _segment("id", key_id))

    # --- how it is sent

    def _json(self, method: str, target: str, body: Any = None, *, repeat: bool = False,
              headers: Optional[Mapping[str, str]] = None, idle: float = _IDLE) -> Any:
        return self._load(self._read(method, target, body, repeat, headers, idle)[1])

    def _page(self, kind: Type[T], target: str) -> Page[T]:
        headers, body = self._read("GET", target, None, False, None, _IDLE)
        page = _records(kind, self._load(body))
        page.next_cursor = _next_cursor(headers.get("Link"))
        return page

    def _bytes(self, method: str, target: str) -> bytes:
        return self._read(method, target, None, False, None, _IDLE)[1]

    def _none(self, method: str, target: str) -> None:
        self._read(method, target, None, False, None, _IDLE)

    @staticmethod
    def _load(body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise _bad_answer() from None

    def _lost(self) -> APIError:
        return APIError(0, "connection_failed", f"there was no answer from {self.base_url}")

    def _read(self, method: str, target: str, body: Any, repeat: bool,
              headers: Optional[Mapping[str, str]],
              idle: float) -> Tuple[http.client.HTTPMessage, bytes]:
        """The headers and the whole body. A body that breaks off is another attempt's matter."""
        outcome: List[bytes] = []
        answer = self._send(method, target, body, repeat=repeat, headers=headers, idle=idle,
                            then=lambda got: outcome.append(got.read()))
        return answer.response.headers, outcome[-1]

    def _send(self, method: str, target: str, body: Any = None, *, repeat: bool = False,
              headers: Optional[Mapping[str, str]] = None, idle: float = _IDLE,
              then: Optional[Callable[[_Answer], None]] = None) -> _Answer:
        """An answer that is no error; `then` belongs to the attempt. Sends again what is safe."""
        sent = dict(self._headers)
        payload: Union[bytes, _Body, None] = None
        if isinstance(body, _Body):
            sent["Content-Type"], sent["Content-Length"] = body.kind, str(body.length)
            payload = body
        elif isinstance(body, bytes):
            payload = body
        elif body is not None:
            payload = _json_bytes(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        repeat = repeat or method == "GET"
        wait = _Wait(self.timeout)
        target = self._pool.address.prefix + target
        failures = 0
        was_broken = False
        while True:
            try:
                answer = _attempt(self._pool, method, target, sent, payload, idle, wait)
                if answer.status < 300:
                    if then:
                        then(answer)
                    return answer
                error = _error_of(answer.status, answer.response.headers, answer.read())
            except _CONNECTION_ERRORS as cause:
                if _is_timeout(cause):
                    wait.bounded(idle)  # the caller's own limit speaks first
                failures += 1
                was_broken = True
                if not repeat or failures > self.max_retries:
                    if _is_timeout(cause):
                        raise APIError(0, "timeout",
                                       f"there was no answer within {idle:g} s") from cause
                    raise self._lost() from cause
                pause = _backoff(failures)
            else:
                if was_broken and error.status_code == 409 and error.error_code == "conflict":
                    # Our own first attempt is still running; its answer will be there.
                    failures = 0
                    pause = error.retry_after or 1.0
                elif (repeat and error.status_code in _RETRIED_STATUS
                      and failures < self.max_retries):
                    failures += 1
                    pause = _backoff(failures)
                    if error.retry_after is not None:
                        if error.retry_after > _LONGEST_WAIT:
                            raise error
                        pause = error.retry_after + random.uniform(0, 0.1 + error.retry_after / 10)
                else:
                    raise error
                if not wait.has_room_for(pause):
                    raise error
            time.sleep(wait.bounded(pause))

    # --- downloads

    def _download(self, url: str, directory: str, max_bytes: int) -> List[str]:
        with _local("the files cannot be saved"):
            os.makedirs(directory, exist_ok=True)
            folder = tempfile.mkdtemp(prefix=".skillbox-", suffix=".tmp", dir=directory)
        try:
            failures = 0
            while True:
                try:
                    return _place(_stage(self._fetch(url), folder, max_bytes), directory)
                except _CONNECTION_ERRORS as cause:
                    failures += 1
                    if failures > self.max_retries:
                        raise self._lost() from cause
                    pause = _backoff(failures)
                except APIError as error:
                    failures += 1
                    if error.status_code not in _RETRIED_STATUS or failures > self.max_retries:
                        raise
                    pause = min(error.retry_after or _backoff(failures), _LONGEST_WAIT)
                time.sleep(pause)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetch(self, url: str, redirects: int = 5) -> Iterator[bytes]:
        """The bytes behind a link, which is its own permission: no header says who we are."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise APIError(0, "bad_answer", "the link to the files is no http address")
        address = _Address(f"{parts.scheme}://{parts.netloc}")
        if self._pool.address.socket_path and address.host == "localhost" and address.port is None:
            address = self._pool.address
        pool = _Pool(address, self._ssl_context)
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        answer = _attempt(pool, "GET", target, {"User-Agent": self._headers["User-Agent"]}, None,
                          _IDLE, _Wait(self.timeout))
        location = answer.response.headers.get("Location")
        if answer.status in (301, 302, 303, 307, 308) and location and redirects:
            answer.close()
            yield from self._fetch(urllib.parse.urljoin(url, location), redirects - 1)
            return
        if answer.status != 200:
            raise _error_of(answer.status, answer.response.headers, answer.read())
        try:
            yield from answer.pieces()
        finally:
            answer.close()


def _json_bytes(value: Any) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise APIError(0, "bad_request", f"this cannot be written as JSON: {error}") from error


def _in_session(session_id: str) -> Dict[str, str]:
    return {"X-Session-ID": _header("session", session_id)}


def _skill_path(name: str, version: str) -> str:
    return f"/v1/skills/{_segment('name', name)}/{_segment('version', version)}"


def _run_request(skill: str, input: Any, version: str, env: Optional[Mapping[str, str]],
                 input_files: Sequence[str], session_id: str, entrypoint: str,
                 timeout: Union[str, float, None]) -> Dict[str, Any]:
    body: Dict[str, Any] = {"skill": skill}
    given = {"version": version, "input": input, "env": dict(env or {}),
             "input_files": list(input_files), "session_id": session_id, "entrypoint": entrypoint,
             "timeout": _duration(timeout)}
    for name, value in given.items():
        if name == "input":
            if value is not None:
                body[name] = value
        elif value:
            body[name] = value
    return body


class EventStream(Iterator[Event]):
    """The events of a run, once. Ends behind the result, or by `close` from any thread."""

    def __init__(self, client: Client, execution_id: str, last_event_id: str = "") -> None:
        self._client = client
        self._target = f"/v1/executions/{_segment('id', execution_id)}/events"
        self.last_event_id = last_event_id
        self._answer: Optional[_Answer] = None
        self._over = False
        self._closed = False
        self._failures = 0

    def __enter__(self) -> "EventStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._closed = self._over = True
        answer = self._answer
        if answer:
            sock = answer.connection.sock
            try:
                if sock:
                    sock.shutdown(socket.SHUT_RDWR)  # wakes a thread that reads
            except OSError:
                pass

    def __next__(self) -> Event:
        while not self._over:
            try:
                if self._answer is None:
                    self._open()
                event = self._read_event()
            except _CONNECTION_ERRORS:
                event = None
            if event is not None:
                self._failures = 0
                if event.type == "result":
                    self._over = True
                    self._drop()
                return event
            self._drop()
            if self._closed:
                break
            self._failures += 1
            if self._failures > self._client.max_retries:
                self._over = True
                raise self._client._lost()
            time.sleep(_backoff(self._failures))
        self._drop()
        raise StopIteration

    def _open(self) -> None:
        headers = {"Accept": "text/event-stream"}
        if self.last_event_id:
            headers["Last-Event-ID"] = self.last_event_id
        try:
            self._answer = self._client._send("GET", self._target, headers=headers,
                                              idle=_STREAM_IDLE)
            # The caller's limit was for the answer to begin; a run may then be silent.
            if self._answer.connection.sock:
                self._answer.connection.sock.settimeout(_STREAM_IDLE)
        except APIError:
            self._over = True
            raise
        if self._closed:
            self._drop()

    def _drop(self) -> None:
        answer, self._answer = self._answer, None
        if answer:
            answer.close()

    def _read_event(self) -> Optional[Event]:
        """One event, or None where the connection ended. What came of an event then is dropped."""
        answer = self._answer
        if answer is None:
            return None
        kind, identity, size = "message", self.last_event_id, 0
        data: List[str] = []
        while True:
            line = answer.response.readline(_MOST_EVENT_BYTES)
            if not line.endswith(b"\n"):
                if size + len(line) >= _MOST_EVENT_BYTES:
                    self._over = True
                    raise APIError(0, "too_large",
                                   f"an event has more than {_MOST_EVENT_BYTES} bytes")
                return None
            size += len(line)
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text:
                size = 0
                if data:
                    break
                kind = "message"
                continue
            name, _, value = text.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "event":
                kind = value
            elif name == "id":
                identity = value
            elif name == "data":
                data.append(value)
        self.last_event_id = identity
        try:
            return Event(kind, identity, json.loads("\n".join(data)))
        except (ValueError, RecursionError):
            self._over = True
            raise _bad_answer() from None


# --- asyncio -----------------------------------------------------------------------------------


def _awaitable(method: "Callable[Concatenate[Client, P], T]",
               ) -> "Callable[Concatenate[AsyncClient, P], Awaitable[T]]":
    @functools.wraps(method)
    async def call(self: "AsyncClient", *args: Any, **kwargs: Any) -> T:
        return await self._in_thread(functools.partial(method, self._client, *args, **kwargs))

    return cast("Callable[Concatenate[AsyncClient, P], Awaitable[T]]", call)


class AsyncClient:
    """The same for asyncio: every method of Client, to be awaited.

    The calls are made by threads of its own, at most `max_concurrency` at a time; further ones
    wait. To cancel the awaiting task leaves the call and does not cancel a run: that is what
    `cancel` does.
    """

    def __init__(self, base_url: str = "", api_key: str = "", tenant_id: str = "",
                 timeout: Optional[float] = None, *, max_retries: int = 3,
                 ssl_context: Optional[ssl.SSLContext] = None, max_concurrency: int = 32) -> None:
        self._client = Client(base_url, api_key, tenant_id, timeout, max_retries=max_retries,
                              ssl_context=ssl_context)
        self.base_url = self._client.base_url
        self._threads = concurrent.futures.ThreadPoolExecutor(max_concurrency, "skillbox")

    async def close(self) -> None:
        self._client.close()
        self._threads.shutdown(wait=False)

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def stream(self, execution_id: str, last_event_id: str = "") -> "AsyncEventStream":
        return AsyncEventStream(self, EventStream(self._client, execution_id, last_event_id))

    health = _awaitable(Client.health)
    ready = _awaitable(Client.ready)
    server_version = _awaitable(Client.server_version)
    run = _awaitable(Client.run)
    start = _awaitable(Client.start)
    wait = _awaitable(Client.wait)
    get_execution = _awaitable(Client.get_execution)
    get_execution_logs = _awaitable(Client.get_execution_logs)
    get_execution_file = _awaitable(Client.get_execution_file)
    list_executions = _awaitable(Client.list_executions)
    cancel = _awaitable(Client.cancel)
    download_files = _awaitable(Client.download_files)
    register_skill = _awaitable(Client.register_skill)
    register_skill_from_fields = _awaitable(Client.register_skill_from_fields)
    validate_skill = _awaitable(Client.validate_skill)
    list_skills = _awaitable(Client.list_skills)
    list_skill_versions = _awaitable(Client.list_skill_versions)
    get_skill = _awaitable(Client.get_skill)
    get_skill_files = _awaitable(Client.get_skill_files)
    get_skill_archive = _awaitable(Client.get_skill_archive)
    yank_skill = _awaitable(Client.yank_skill)
    unyank_skill = _awaitable(Client.unyank_skill)
    delete_skill = _awaitable(Client.delete_skill)
    list_skill_tags = _awaitable(Client.list_skill_tags)
    set_skill_tag = _awaitable(Client.set_skill_tag)
    delete_skill_tag = _awaitable(Client.delete_skill_tag)
    list_files = _awaitable(Client.list_files)
    get_file = _awaitable(Client.get_file)
    upload_file = _awaitable(Client.upload_file)
    download_file = _awaitable(Client.download_file)
    update_file = _awaitable(Client.update_file)
    delete_file = _awaitable(Client.delete_file)
    list_file_versions = _awaitable(Client.list_file_versions)
    list_session_files = _awaitable(Client.list_session_files)
    get_session_file = _awaitable(Client.get_session_file)
    write_session_file = _awaitable(Client.write_session_file)
    delete_session_file = _awaitable(Client.delete_session_file)
    delete_session = _awaitable(Client.delete_session)
    execute = _awaitable(Client.execute)
    create_key = _awaitable(Client.create_key)
    list_keys = _awaitable(Client.list_keys)
    revoke_key = _awaitable(Client.revoke_key)


class AsyncEventStream(AsyncIterator[Event]):
    """An EventStream for `async for`. Whoever leaves it early closes it, best by `async with`."""

    def __init__(self, client: AsyncClient, events: EventStream) -> None:
        self._client, self._events = client, events

    async def __aenter__(self) -> "AsyncEventStream":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._events.close()

    async def __anext__(self) -> Event:
        def following() -> Optional[Event]:
            return next(self._events, None)

        try:
            event = await self._client._in_thread(following)
        except asyncio.CancelledError:
            self.close()
            raise
        if event is None:
            raise StopAsyncIteration
        return event
