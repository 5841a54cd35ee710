"""A server that does to a client what a real one would not do on demand: it says what a test
makes it say, byte by byte, and hangs up when told to. On a free port of this machine only."""

import json
import socket
import threading


class Request:
    def __init__(self, method, target, headers, body, connection):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.connection = connection  # a number per connection


class HangUp(bytes):
    """Bytes after which the connection is closed."""


def answer(status=200, body=b"{}", **headers):
    """A whole answer. A body that is no bytes goes as JSON."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)),
               **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = f"HTTP/1.1 {status} Whatever\r\n" + "".join(f"{name}: {value}\r\n"
                                                      for name, value in headers.items())
    return head.encode("latin-1") + b"\r\n" + body


def problem(status, code, message="so it is", **headers):
    return answer(status, {"error": code, "message": message, "request_id": "r-1"}, **headers)


def events(*parts, whole=True):
    """The beginning of a stream of events, each part a chunk of its own."""
    head = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return HangUp(head + chunks + (b"0\r\n\r\n" if whole else b""))


class FaultyServer:
    """`script(request, number)` gives the bytes to say to the request of that number, from 0;
    HangUp ends the connection behind them, None without a word. What is no bytes is iterated, and the
    connection ended."""

    def __init__(self, script):
        self.script = script
        self.requests = []
        self.closed = 0  # connections
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.sockets = []
        self.failure = None
        self.is_closing = False
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                if self.is_closing:
                    peer.close()
                    return
                self.sockets.append(peer)
                thread = threading.Thread(target=self._serve, args=(peer, len(self.sockets)),
                                          daemon=True)
                self.threads.append(thread)
            thread.start()

    def _serve(self, peer, connection):
        try:
            with peer, peer.makefile("rb") as stream:
                while True:
                    request = self._read(stream, connection)
                    if request is None:
                        return
                    with self.lock:
                        number = len(self.requests)
                        self.requests.append(request)
                    try:
                        said = self.script(request, number)
                    except BaseException as error:
                        self.failure = error
                        raise
                    if said is None:
                        return
                    if not isinstance(said, bytes):  # pieces, in their own time
                        for piece in said:
                            peer.sendall(piece)
                        return
                    peer.sendall(said)
                    if isinstance(said, HangUp):
                        return
        except OSError:
            pass  # the client left
        finally:
            with self.lock:
                self.closed += 1

    @staticmethod
    def _read(stream, connection):
        line = stream.readline(65536).decode("latin-1").split()
        if len(line) != 3:
            return None
        headers = {}
        while True:
            text = stream.readline(65536).decode("latin-1").strip()
            if not text:
                break
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = b""
        if "chunked" in headers.get("transfer-encoding", ""):
            while True:
                size = int(stream.readline().split(b";")[0], 16)
                body += stream.read(size)
                stream.readline()
                if size == 0:
                    break
        else:
            body = stream.read(int(headers.get("content-length", 0)))
        return Request(line[0], line[1], headers, body, connection)

    def close(self):
        with self.lock:
            self.is_closing = True
            sockets = list(self.sockets)
        # Closing alone does not wake a thread in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for peer in sockets:
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        if self.failure:
            raise self.failure
