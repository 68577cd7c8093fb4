"""What stands on both sides of the gate: a client that sends any bytes, and an upstream that records what arrives and answers as told."""
import contextlib
import json
import re
import socket
import struct
import threading
import time

from conftest import Answer


def wait_for(condition, seconds=5, what="it"):
    """Polls until the condition is true and returns what it said."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what} did not come within {seconds} s"
        time.sleep(0.005)


def abort(connection):
    """Closes with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Reader:
    """Messages out of a socket."""

    def __init__(self, connection):
        self.socket, self.bytes = connection, b""

    def more(self):
        try:
            piece = self.socket.recv(1 << 18)
        except ConnectionError:
            piece = b""
        self.bytes += piece
        return bool(piece)

    def until(self, mark):
        """Up to the mark and with it; None when the end comes first."""
        while mark not in self.bytes:
            if not self.more():
                return None
        end = self.bytes.index(mark) + len(mark)
        found, self.bytes = self.bytes[:end], self.bytes[end:]
        return found

    def exactly(self, count):
        while len(self.bytes) < count:
            if not self.more():
                raise EOFError(f"{count - len(self.bytes)} bytes are missing")
        found, self.bytes = self.bytes[:count], self.bytes[count:]
        return found

    def rest(self):
        while self.more():
            pass
        found, self.bytes = self.bytes, b""
        return found

    def pieces(self, count, take):
        """Gives `count` bytes to `take` as they come, and keeps none."""
        while count:
            if not self.bytes and not self.more():
                raise EOFError(f"{count} bytes are missing")
            piece, self.bytes = self.bytes[:count], self.bytes[count:]
            count -= len(piece)
            take(piece)

    def chunks(self, take):
        """A chunked body; returns its trailers."""
        while True:
            line = self.until(b"\r\n")
            if line is None:
                raise EOFError("a chunk's size is missing")
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            self.pieces(size, take)
            assert self.exactly(2) == b"\r\n"
        trailers = []
        while (line := self.until(b"\r\n")) != b"\r\n":
            if line is None:
                raise EOFError("the trailers have no end")
            trailers.append(tuple(part.strip() for part in line.decode("latin-1").split(":", 1)))
        return trailers


def fields_of(head):
    return [tuple(part.strip() for part in line.split(":", 1)) for line in head.decode("latin-1").split("\r\n")[1:] if line]


class RawAnswer(Answer):
    """An answer with its fields as they came, repeated ones too."""

    def __init__(self, status, fields, body, interim, head):
        super().__init__(status, {name.lower(): value for name, value in fields}, body)
        self.fields, self.interim, self.raw_head = fields, interim, head

    def values(self, name):
        return [value for found, value in self.fields if found.lower() == name.lower()]


class Client:
    """A connection that sends what it is told, sound or not."""

    def __init__(self, port, timeout=15):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)
        return self

    def head(self):
        """The next head, interim answers included: status, fields, bytes; None at the end of the connection."""
        head = self.reader.until(b"\r\n\r\n")
        if head is None:
            return None
        return int(head.split(b" ", 2)[1]), fields_of(head), head

    def answer(self, method="GET", take=None):
        """The next whole answer; None when the connection ends without one. `take` is given the pieces of the body instead."""
        interim = []
        while True:
            found = self.head()
            if found is None:
                return None
            status, fields, head = found
            if status >= 200 or status == 101:
                break
            interim.append(status)
        named = {name.lower(): value for name, value in fields}
        body = bytearray()
        take = take or body.extend
        if method == "HEAD" or status in (101, 204, 304):
            pass
        elif named.get("transfer-encoding") == "chunked":
            self.reader.chunks(take)
        elif "content-length" in named:
            self.reader.pieces(int(named["content-length"]), take)
        else:
            take(self.reader.rest())
        return RawAnswer(status, fields, bytes(body), interim, head)

    def ask(self, method, target, body=b"", headers=(), version="1.1", host=True):
        """A sound request and its answer; `headers` are pairs or a map, sent as they are."""
        pairs = list(headers.items() if isinstance(headers, dict) else headers)
        lines = [f"{method} {target} HTTP/{version}"] + (["Host: gate.test"] if host else []) + [f"{n}: {v}" for n, v in pairs]
        if body and not any(n.lower() in ("content-length", "transfer-encoding") for n, _ in pairs):
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        return self.answer(method)

    def is_closed(self, seconds=5):
        """Whether the other side has closed, or does so in time, without saying more."""
        self.socket.settimeout(seconds)
        try:
            return self.reader.bytes == b"" and self.socket.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


def raw(port, data, timeout=15):
    """All that a connection answers to the bytes, until it ends or nothing comes for a while."""
    with Client(port, timeout) as client:
        client.send(data)
        return client.reader.rest()


def ask(port, method, target, body=b"", headers=(), **more):
    with Client(port) as client:
        return client.ask(method, target, body, headers, **more)


class Seen:
    """A request as it arrived at the upstream."""

    def __init__(self, head, number):
        self.head, self.connection = head, number
        self.line = head.split(b"\r\n", 1)[0].decode("latin-1")
        self.method, self.target, self.version = self.line.split(" ")
        self.path = self.target.split("?")[0]
        self.fields = fields_of(head)
        self.body, self.length, self.trailers = b"", 0, []
        self.is_whole = False

    def values(self, name):
        return [value for found, value in self.fields if found.lower() == name.lower()]

    def value(self, name):
        """Of a field that stands there once, or not at all."""
        values = self.values(name)
        assert len(values) < 2, f"{name} arrived {len(values)} times: {self.head}"
        return values[0] if values else None

    @property
    def identity(self):
        """All fields that any server could take for one of the gateway's, by folded name."""
        folded = [(re.sub(r"[^a-z0-9]", "-", name.lower()), value) for name, value in self.fields]
        assert len({n for n, _ in folded if n.startswith("x-dragoman-")}) == len([n for n, _ in folded if n.startswith("x-dragoman-")]), self.head
        return {name.removeprefix("x-dragoman-"): value for name, value in folded if name.startswith("x-dragoman-")}

    def __repr__(self):
        return f"{self.line} {self.fields} {self.body[:100]!r}"


def answer(status=200, body=b"", fields=(), reason="OK"):
    """The bytes of a sound answer."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{n}: {v}" for n, v in fields), f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Upstream:
    """Takes connections on a port of its own, one thread each.

    `scripts` are by path: bytes, or a function of the request and its `Peer` that returns bytes, or None when it has done all itself (then
    the connection is closed). A function with the attribute `early` is called before the body is read.
    """

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.seen, self.scripts, self.peers = [], {}, []
        self.faults = []
        self.keeps_bodies = True
        self.isClosed = False
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def accept(self):
        number = 0
        while not self.isClosed:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            number += 1
            peer = Peer(self, connection, number)
            self.peers.append(peer)
            threading.Thread(target=peer.run, daemon=True).start()

    def reset(self):
        self.seen.clear()
        self.scripts.clear()
        self.faults.clear()
        self.keeps_bodies = True

    def close(self):
        self.isClosed = True
        self.listener.close()
        self.drop()

    def drop(self):
        """Closes all connections."""
        for peer in self.peers:
            with contextlib.suppress(OSError):
                peer.socket.shutdown(socket.SHUT_RDWR)
        self.peers.clear()

    @property
    def only(self):
        """The one request that arrived."""
        assert len(self.seen) == 1, f"{len(self.seen)} requests arrived: {self.seen}"
        return self.seen[0]

    def script(self, path, early=False):
        """Names the decorated function as the answer at the path."""
        def named(function):
            function.early = early
            self.scripts[path] = function
            return function
        return named


class Peer:
    """One connection to the upstream."""

    def __init__(self, upstream, connection, number):
        self.upstream, self.socket, self.number = upstream, connection, number
        self.reader = Reader(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self):
        try:
            with self.socket:
                while self.serve():
                    pass
        except (OSError, EOFError):
            pass
        except Exception as fault:
            self.upstream.faults.append(fault)
            raise

    def serve(self):
        head = self.reader.until(b"\r\n\r\n")
        if head is None:
            return False
        seen = Seen(head, self.number)
        seen.peer = self
        self.upstream.seen.append(seen)
        script = self.upstream.scripts.get(seen.path, DEFAULT)
        if not getattr(script, "early", False):
            self.read_body(seen)
        said = script(seen, self) if callable(script) else script
        if said is None:
            return False
        if seen.method == "HEAD":
            said = said[: said.index(b"\r\n\r\n") + 4]
        self.socket.sendall(said)
        return True

    def read_body(self, seen):
        body = bytearray()

        def take(piece):
            seen.length += len(piece)
            if self.upstream.keeps_bodies:
                body.extend(piece)

        lengths, codings = seen.values("content-length"), seen.values("transfer-encoding")
        if (lengths and codings) or len(lengths) > 1 or len(codings) > 1:
            self.upstream.faults.append(AssertionError(f"two framings: {seen.head}"))
        if codings:
            seen.trailers = self.reader.chunks(take)
        elif lengths:
            self.reader.pieces(int(lengths[0]), take)
        seen.body, seen.is_whole = bytes(body), True

    def is_closed(self, seconds):
        """Whether the gateway closes in time."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


def DEFAULT(seen, peer):
    return answer(200, {"upstream": "app", "account": seen.values("x-dragoman-account")}, [("Content-Type", "application/json")])
