"""Bodies of any size both ways, WebSockets, server-sent events, and clients of other kinds."""
import base64
import contextlib
import hashlib
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

from conftest import PASSWORD, Stage
from peers import Client, Upstream, abort, answer, ask, wait_for

# A size as large as promised takes minutes; the smaller one shows growth just as well.
LONG = os.environ.get("DRAGOMAN_LONG") == "1"
LARGE = 1 << 30 if LONG else 128 << 20
MANY = 10_000 if LONG else 1_000
PIECE = bytes(range(256)) * 4096


class MostMemory(threading.Thread):
    """What of the server was resident at most while the block ran."""

    def __init__(self, stage):
        super().__init__(daemon=True)
        self.stage, self.most, self.over = stage, stage.memory(), threading.Event()

    def __enter__(self):
        self.before = self.most
        self.start()
        return self

    def run(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, self.stage.memory())

    def __exit__(self, *_):
        self.over.set()
        self.join()
        self.growth = self.most - self.before


def head(stage, *lines, method="POST", path="/api/v1/x", name="devise"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: gate.test", f"Authorization: {stage.bearer(name)['Authorization']}", *lines, "", ""]).encode()


def upload(stage, size, chunked):
    stage.upstream.keeps_bodies = False
    with Client(stage.port(), timeout=120) as client:
        client.socket.sendall(head(stage, "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"))
        sent = 0
        while sent < size:
            piece = PIECE[: size - sent]
            client.socket.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n" if chunked else piece)
            sent += len(piece)
        if chunked:
            client.socket.sendall(b"0\r\n\r\n")
        assert client.answer().status == 200
    assert stage.upstream.seen[-1].length == size and stage.upstream.seen[-1].is_whole


def download(stage, size, chunked):
    @stage.upstream.script("/api/v1/x")
    def say(seen, peer):
        peer.socket.sendall(b"HTTP/1.1 200 OK\r\n" + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: %d\r\n\r\n" % size))
        for _ in range(size // len(PIECE)):
            peer.socket.sendall(b"%x\r\n" % len(PIECE) + PIECE + b"\r\n" if chunked else PIECE)
        return b"0\r\n\r\n" if chunked else b""

    got = [0]

    def take(piece):
        got[0] += len(piece)

    with Client(stage.port(), timeout=120) as client:
        client.send(head(stage, method="GET"))
        assert client.answer(take=take).status == 200
        assert got[0] == size


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
@pytest.mark.parametrize("way", [upload, download], ids=["up", "down"])
def test_a_large_body_passes_and_the_server_grows_by_less_than_20_mebibytes(stage, way, chunked):
    way(stage, 32 << 20, chunked)
    started = time.monotonic()
    with MostMemory(stage) as memory:
        way(stage, LARGE, chunked)
    print(f"{LARGE >> 20} MiB {way.__name__}{' chunked' if chunked else ''}: {memory.growth / (1 << 20):.1f} MiB more, {time.monotonic() - started:.1f} s")
    assert memory.growth < 20 << 20


BITE = 12 << 10
BITES = 4000


@pytest.mark.parametrize("path", ["/api/v1/x", "/_dragoman/authorize/api/v1/x", "/nowhere"])
def test_heads_that_each_leave_a_byte_for_the_next_read_cost_no_memory(stage, path):
    whole = head(stage, *[f"X-{n}: {'x' * 4000}" for n in range(3)], method="GET", path=path)
    with Client(stage.port()) as client:
        for _ in range(50):
            client.send(whole)
            client.answer()
        client.send(whole[:1])
        with MostMemory(stage) as memory:
            for _ in range(BITES):
                client.send(whole[1:] + whole[:1])
                client.answer()
    assert memory.growth < 20 << 20, f"{memory.growth >> 20} MiB more for {BITES * len(whole) >> 20} MiB of heads"


def test_an_idle_connection_keeps_little_of_what_was_read_before(stage):
    large = head(stage, "Content-Length: 60000").replace(b"Bearer", b"Nobody") + bytes(60_000)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(stage.port())) for _ in range(200)]
        for client in clients:
            assert client.ask("GET", "/api/v1/x").status == 401
        before = stage.memory()
        for _ in range(3):
            for client in clients:
                client.send(large)
            for client in clients:
                assert client.answer().status == 401
        each = (stage.memory() - before) // len(clients)
    # One buffer of 64 KiB to read into, and not four.
    assert each < 80 << 10, f"{each >> 10} KiB more each"


@pytest.mark.parametrize("way", ["up", "down"])
def test_chunks_that_each_leave_a_digit_for_the_next_read_cost_no_memory(stage, way):
    chunk, pause = b"%x\r\n" % BITE + bytes(BITE) + b"\r\n", 0.0005
    bites = [chunk[:1], *[chunk[1:] + chunk[:1]] * BITES, chunk[1:] + b"0\r\n\r\n"]
    stage.upstream.keeps_bodies, got = False, [0]

    def send(connection):
        for bite in bites:
            connection.sendall(bite)
            time.sleep(pause)

    def take(piece):
        got[0] += len(piece)

    if way == "down":
        @stage.upstream.script("/api/v1/x")
        def say(seen, peer):
            peer.socket.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            send(peer.socket)
            return b""

    with Client(stage.port(), timeout=60) as client, MostMemory(stage) as memory:
        client.send(head(stage, *["Transfer-Encoding: chunked"] * (way == "up"), method="POST" if way == "up" else "GET"))
        if way == "up":
            send(client.socket)
        assert client.answer(take=take).status == 200
    assert (stage.upstream.only.length if way == "up" else got[0]) == BITE * (BITES + 1)
    assert memory.growth < 20 << 20, f"{memory.growth >> 20} MiB more"


def test_a_large_body_arrives_byte_for_byte_both_ways_at_once(stage):
    body = os.urandom(3_000_001)

    @stage.upstream.script("/api/v1/x", early=True)
    def say(seen, peer):
        peer.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        peer.reader.pieces(len(body), peer.socket.sendall)
        return b""

    with Client(stage.port()) as client:
        client.send(head(stage, f"Content-Length: {len(body)}"))
        sending = threading.Thread(target=client.socket.sendall, args=[body])
        sending.start()
        assert client.answer().body == body
        sending.join()


def test_chunks_of_any_size_arrive_whole_both_ways(stage):
    body = os.urandom(100_000)

    @stage.upstream.script("/api/v1/x")
    def say(seen, peer):
        assert seen.body == body and seen.values("transfer-encoding") == ["chunked"]
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + cut(seen.body)

    def cut(whole):
        said, at, size = b"", 0, 1
        while at < len(whole):
            piece = whole[at : at + size]
            said += b"%X;x=y\r\n" % len(piece) + piece + b"\r\n"
            at, size = at + size, size * 3 % 4099 + 1
        return said + b"0\r\nX-Trailer: y\r\n\r\n"

    with Client(stage.port()) as client:
        for _ in range(3):
            client.send(head(stage, "Transfer-Encoding: chunked") + cut(body))
            got = client.answer()
            assert got.body == body and got.values("x-trailer") == []


def test_an_empty_chunked_body_is_an_empty_chunked_body(stage):
    with Client(stage.port()) as client:
        client.send(head(stage, "Transfer-Encoding: chunked") + b"0\r\n\r\n")
        assert client.answer().status == 200
        assert client.ask("POST", "/api/v1/x", headers=stage.bearer()).status == 200
    assert [(seen.body, seen.values("content-length")) for seen in stage.upstream.seen] == [(b"", []), (b"", ["0"])]


def test_who_waits_for_100_continue_is_told_to_go_on_once_it_may_pass(stage):
    with Client(stage.port()) as client:
        client.send(head(stage, "Content-Length: 4", "Expect: 100-continue"))
        assert client.head()[0] == 100
        client.send(b"body")
        assert client.answer().status == 200
        assert stage.upstream.only.body == b"body" and stage.upstream.only.values("expect") == []
        assert client.ask("GET", "/api/v1/x", headers=stage.bearer()).status == 200, "and the connection goes on"


def test_who_waits_for_100_continue_and_may_not_pass_keeps_its_body(stage):
    for headers in ([], ["Authorization: Bearer a.b.c"]):
        with Client(stage.port()) as client:
            client.send("\r\n".join(["POST /api/v1/x HTTP/1.1", "Host: a", "Content-Length: 1000000000", "Expect: 100-continue", *headers, "", ""]).encode())
            status, fields, _ = client.head()
            assert status == 401
    assert stage.upstream.seen == []


def test_who_waits_for_100_continue_is_answered_by_a_dead_upstream(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        stage = Stage(tmp_path, {"devise": "devise"}, f"'http://127.0.0.1:{probe.getsockname()[1]}'")
    try:
        with Client(stage.port()) as client:
            client.send(head(stage, "Content-Length: 4", "Expect: 100-continue"))
            assert client.head()[0] == 100
            client.send(b"body")
            assert client.answer().status == 502
    finally:
        assert stage.server.stop() == 0


def test_a_client_of_http_10_is_served_without_chunks_and_its_connection_ends(stage):
    stage.upstream.scripts["/api/v1/x"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
    for host in (True, False):
        with Client(stage.port()) as client:
            got = client.ask("GET", "/api/v1/x", headers=stage.bearer(), version="1.0", host=host)
            assert (got.status, got.body) == (200, b"body")
            assert got.values("transfer-encoding") == [] and client.is_closed()
    with Client(stage.port()) as client:
        got = client.ask("POST", "/api/v1/y", b"old", {**stage.bearer(), "Connection": "keep-alive"}, version="1.0")
        assert got.status == 200
    assert stage.upstream.seen[-1].body == b"old" and stage.upstream.seen[-1].version == "HTTP/1.1"


def test_a_slow_client_is_as_good_as_a_fast_one(stage):
    with Client(stage.port()) as client:
        client.send(head(stage, "Content-Length: 10"))
        for byte in b"0123456789":
            time.sleep(0.3)
            client.send(bytes([byte]))
        assert client.answer().status == 200
    assert stage.upstream.only.body == b"0123456789"


def test_a_request_that_is_cut_off_never_looks_whole_to_the_upstream(stage):
    for lines, body in ((["Content-Length: 100000"], b"half"), (["Transfer-Encoding: chunked"], b"4\r\nhalf\r\n"), (["Transfer-Encoding: chunked"], b"4\r\nha")):
        for ending in ("close", "reset", "half"):
            stage.upstream.reset()
            client = Client(stage.port())
            client.send(head(stage, *lines) + body)
            wait_for(lambda: stage.upstream.seen, what="the request")
            {"close": client.socket.close, "reset": lambda: abort(client.socket), "half": lambda: client.socket.shutdown(socket.SHUT_WR)}[ending]()
            peer = stage.upstream.only.peer
            wait_for(lambda: peer.socket.fileno() == -1, 3, "the end of the upstream's connection")
            assert not stage.upstream.only.is_whole
            client.socket.close()


# Server-sent events.


def test_events_arrive_one_by_one_as_they_are_sent(stage):
    go = threading.Event()

    @stage.upstream.script("/api/v1/x")
    def say(seen, peer):
        peer.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\r\n")
        for number in range(5):
            assert go.wait(5)
            go.clear()
            peer.socket.sendall(f"id: {number}\ndata: {{}}\n\n".encode())

    with Client(stage.port()) as client:
        client.send(head(stage, "Accept: text/event-stream", method="GET"))
        status, fields, _ = client.head()
        assert status == 200 and ("Content-Type", "text/event-stream") in fields
        for number in range(5):
            started = time.monotonic()
            go.set()
            size = int(client.reader.until(b"\r\n"), 16)
            assert client.reader.exactly(size) == f"id: {number}\ndata: {{}}\n\n".encode()
            assert client.reader.exactly(2) == b"\r\n" and time.monotonic() - started < 0.5


def test_an_event_stream_outlives_the_pause_that_ends_other_answers(stage):
    @stage.upstream.script("/api/v1/x")
    def say(seen, peer):
        peer.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;charset=utf-8\r\n\r\n")
        time.sleep(3)
        peer.socket.sendall(b"data: late\n\n")

    assert ask(stage.port(), "GET", "/api/v1/x", headers=stage.bearer()).body == b"data: late\n\n"


# WebSockets.

KEY = base64.b64encode(b"0123456789abcdef").decode()
ACCEPT = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
UPGRADE = ["Connection: keep-alive, Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Protocol: chat"]


def switch(seen, peer):
    """Answers as a WebSocket and echoes raw bytes."""
    peer.socket.sendall(
        f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\nSec-WebSocket-Protocol: chat\r\nX-Dragoman-Role: x\r\n\r\n".encode() + peer.reader.bytes)
    peer.reader.bytes = b""
    while piece := peer.socket.recv(65536):
        peer.socket.sendall(piece)


def frame(payload, masked=True):
    length = bytes([len(payload) | 0x80 * masked]) if len(payload) < 126 else bytes([126 | 0x80 * masked]) + struct.pack(">H", len(payload))
    mask = os.urandom(4) if masked else b""
    return b"\x82" + length + mask + (bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if masked else payload)


@pytest.fixture
def socket_path(stage):
    stage.upstream.scripts["/api/v1/cable"] = switch
    return "/api/v1/cable"


def test_a_websocket_passes_frame_by_frame(stage, socket_path):
    with Client(stage.port()) as client:
        client.send(head(stage, *UPGRADE, method="GET", path=socket_path))
        got = client.answer()
        assert got.status == 101 and got.headers["upgrade"].lower() == "websocket" and got.headers["connection"].lower() == "upgrade"
        assert got.headers["sec-websocket-accept"] == ACCEPT and got.headers["sec-websocket-protocol"] == "chat" and got.values("x-dragoman-role") == []
        for size in (0, 1, 125, 126, 60_000):
            sent = frame(os.urandom(size))
            client.send(sent)
            assert client.reader.exactly(len(sent)) == sent
    seen = stage.upstream.only
    assert seen.identity["account"] == "1" and seen.value("sec-websocket-key") == KEY and seen.value("sec-websocket-version") == "13"
    assert seen.value("upgrade").lower() == "websocket" and seen.value("connection").lower() == "upgrade"


def test_frames_sent_with_the_question_are_not_lost(stage, socket_path):
    with Client(stage.port()) as client:
        early = frame(b"early")
        client.send(head(stage, *UPGRADE, method="GET", path=socket_path) + early)
        assert client.answer().status == 101
        assert client.reader.exactly(len(early)) == early


def test_a_websocket_is_for_callers_who_may_pass(stage, socket_path):
    with Client(stage.port()) as client:
        client.send("\r\n".join([f"GET {socket_path} HTTP/1.1", "Host: a", *UPGRADE, "", ""]).encode())
        assert client.answer().status == 401
    assert stage.upstream.seen == []


def test_an_upstream_may_decline_a_websocket(stage):
    stage.upstream.scripts["/api/v1/x"] = answer(426, b"no", [("Upgrade", "websocket")], "Upgrade Required")
    with Client(stage.port()) as client:
        client.send(head(stage, *UPGRADE, method="GET"))
        got = client.answer()
        assert (got.status, got.body) == (426, b"no")
        assert client.ask("GET", "/users/current_user", headers=stage.bearer()).status == 200


@pytest.mark.parametrize("lines", [
    ["Connection: Upgrade", "Upgrade: h2c"], ["Connection: Upgrade", "Upgrade: websocket, h2c"], ["Upgrade: websocket"], ["Connection: Upgrade"], ["Connection: Upgrade", "Upgrade: websocket", "Upgrade: websocket"],
    ["Connection: Upgrade", "Upgrade: websocket", "Content-Length: 4"], ["Connection: Upgrade", "Upgrade: TLS/1.0"],
])
def test_other_upgrades_do_not_reach_the_upstream(stage, lines):
    with Client(stage.port()) as client:
        client.send(head(stage, *lines, method="GET") + (b"body" if "Content-Length: 4" in lines else b""))
        assert client.answer().status == 200
    assert stage.upstream.only.values("upgrade") == [] and stage.upstream.only.values("connection") == []


@pytest.mark.parametrize("who", ["client", "upstream"])
@pytest.mark.parametrize("ending", ["close", "reset"])
def test_the_end_of_one_side_of_a_websocket_is_the_end_of_the_other(stage, socket_path, who, ending):
    resets = threading.Event()
    if who == "upstream" and ending == "reset":
        # A socket that another thread reads from sends its reset only when that has read something.
        @stage.upstream.script(socket_path)
        def reset(seen, peer):
            peer.socket.sendall(f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n".encode())
            assert resets.wait(10)
            abort(peer.socket)

    client = Client(stage.port())
    client.send(head(stage, *UPGRADE, method="GET", path=socket_path))
    assert client.answer().status == 101
    peer = stage.upstream.only.peer
    if who == "client":
        abort(client.socket) if ending == "reset" else client.socket.close()
        wait_for(lambda: peer.socket.fileno() == -1, 1, "the end of the upstream's connection")
    else:
        resets.set() if ending == "reset" else peer.socket.shutdown(socket.SHUT_RDWR)
        assert client.is_closed(1)
        client.socket.close()


@pytest.mark.parametrize("speaker", ["client", "upstream", "nobody"])
def test_a_websocket_ends_when_both_sides_pause_too_long(tmp_path, speaker):
    last = 0

    def talk(connection, own):
        nonlocal last
        for _ in range(50 if speaker == own else 0):
            connection.sendall(frame(b"news"))
            last = time.monotonic()
            time.sleep(0.1)
        while connection.recv(65536):
            pass

    @(upstream := Upstream()).script("/api/v1/cable")
    def one_way(seen, peer):
        peer.socket.sendall("\r\n".join(["HTTP/1.1 101 Switching Protocols", *UPGRADE[:2], "", ""]).encode())
        talk(peer.socket, "upstream")

    stage = Stage(tmp_path, {"devise": "devise"}, f"{{ url: {upstream.url}, stream-timeout: 2s }}")
    try:
        with Client(stage.port(), timeout=10) as client:
            client.send(head(stage, *UPGRADE, method="GET", path="/api/v1/cable"))
            assert client.answer().status == 101
            started = last = time.monotonic()
            talk(client.socket, "client")
            assert 1.5 < time.monotonic() - last < 4
            assert speaker == "nobody" or last - started > 4.5
    finally:
        stage.server.stop()
        upstream.close()


def test_what_an_upstream_says_last_on_a_websocket_arrives(stage):
    last = frame(os.urandom(60_000), masked=False)

    @stage.upstream.script("/api/v1/x")
    def say(seen, peer):
        peer.socket.sendall(f"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n".encode() + last)

    with Client(stage.port()) as client:
        client.send(head(stage, *UPGRADE, method="GET"))
        assert client.answer().status == 101
        assert client.reader.rest() == last


def test_a_real_websocket_client_and_server_talk_through_the_gate(tmp_path):
    from websockets.sync import client as sync_client, server as sync_server

    seen = {}

    def echo(connection):
        seen.update(connection.request.headers.raw_items())
        for message in connection:
            connection.send(message)

    with sync_server.serve(echo, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stage = Stage(tmp_path, {"aethermind": "aethermind"}, f"'http://127.0.0.1:{server.socket.getsockname()[1]}'")
        try:
            port = stage.port("aethermind")
            key = stage.server.call("aethermind", "POST", "/api/auth/signup", {"email": "ws@example.com", "password": PASSWORD}).json["user"]["apiKey"]
            with sync_client.connect(f"ws://127.0.0.1:{port}/ws", additional_headers={"X-API-Key": key, "X-Dragoman-Email": "evil"}) as connection:
                for message in ("hello", "ü" * 1000, b"\x00" * 70_000, os.urandom(1_000_000)):
                    connection.send(message)
                    assert connection.recv(timeout=10) == message
                assert connection.protocol.extensions, "compression is agreed on through the gate"
            assert {name.lower(): value for name, value in seen.items()}["x-dragoman-email"] == "ws@example.com"
            with pytest.raises(Exception, match="401"):
                sync_client.connect(f"ws://127.0.0.1:{port}/ws")
        finally:
            assert stage.server.stop() == 0
            server.shutdown()


def test_thousands_of_idle_websockets_are_held_and_cost_others_nothing(tmp_path):
    # Two descriptors for each in the server, one here and one at the upstream's.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = min(MANY, (min(limit, 65_536) - 400) // 2)
    if count < MANY:
        print(f"{count} WebSockets instead of {MANY}: a process may have only {limit} descriptors here")
    assert count >= 200, f"with {limit} descriptors this says nothing"
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    upstream = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "idle_upstream.py")], stdout=subprocess.PIPE, text=True)
    port = int(upstream.stdout.readline())
    stage = Stage(tmp_path, {"devise": "devise"}, f"{{ url: 'http://127.0.0.1:{port}', connections: 65536 }}")
    clients = []
    try:
        ask(stage.port(), "GET", "/users/current_user", headers=stage.bearer())
        memory, sockets = stage.memory(), stage.sockets()
        question = head(stage, *UPGRADE, method="GET", path="/api/v1/cable")
        started = time.monotonic()
        while len(clients) < count:
            batch = [Client(stage.port(), 30) for _ in range(min(100, count - len(clients)))]
            for client in batch:
                client.send(question)
            for client in batch:
                assert client.head()[0] == 101
            clients += batch
        print(f"{count} idle WebSockets: opened in {time.monotonic() - started:.1f} s, {(stage.memory() - memory) / count / 1024:.1f} KiB each")
        for client in (clients[0], clients[count // 2], clients[-1]):
            client.send(frame(b"hello"))
            assert client.reader.exactly(7) == b"\x81\x05hello"
        took = []
        for _ in range(200):
            begun = time.perf_counter()
            assert ask(stage.port(), "GET", "/users/current_user", headers=stage.bearer()).status == 200
            took.append(time.perf_counter() - begun)
        assert sorted(took)[197] < 0.1
        for client in clients:
            client.socket.close()
        wait_for(lambda: stage.sockets() <= sockets + 4, 60, "the end of all connections")
    finally:
        for client in clients:
            client.socket.close()
        assert stage.server.stop() == 0
        upstream.kill()
        upstream.wait()


def test_a_server_going_down_closes_websockets(tmp_path):
    upstream = Upstream()
    upstream.scripts["/api/v1/cable"] = switch
    stage = Stage(tmp_path, {"devise": "devise"}, f"'{upstream.url}'")
    with Client(stage.port()) as client:
        client.send(head(stage, *UPGRADE, method="GET", path="/api/v1/cable"))
        assert client.answer().status == 101
        started = time.monotonic()
        assert stage.server.stop() == 0 and time.monotonic() - started < 5
        assert client.is_closed(1)
    upstream.close()


def test_more_hanging_requests_than_descriptors_do_not_bring_the_server_down(tmp_path):
    upstream = Upstream()
    upstream.script("/api/v1/x")(lambda seen, peer: peer.reader.rest() and None)
    stage = Stage(tmp_path, {"devise": "devise"}, f"{{ url: {upstream.url}, connections: 65536 }}")
    bearer = stage.bearer()
    try:
        assert stage.server.stop() == 0
        stage.server.start(descriptors=256)
        for _ in range(3):
            clients = []
            for _ in range(400):
                try:
                    client = Client(stage.port(), 2)
                except OSError:
                    continue
                client.send(head(stage, method="GET"))
                clients.append(client)
            time.sleep(0.5)
            assert stage.server.process.poll() is None, "the server ended"
            for client in clients:
                client.socket.close()
            wait_for(lambda: recovered(stage, bearer), 5, "an answer")
            upstream.drop()
    finally:
        upstream.close()
        assert stage.server.stop() == 0


def recovered(stage, bearer):
    try:
        got = ask(stage.port(), "GET", "/users/current_user", headers=bearer)
        return got is not None and got.status == 200
    except OSError:
        return False
