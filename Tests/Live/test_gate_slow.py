"""Clients that send or read slowly: they wait, and nobody else does."""
import contextlib
import re
import signal
import socket
import threading
import time

import pytest

from conftest import Stage
from peers import Client, Upstream, answer, ask, wait_for

# Each event loop may have so many connections to the upstream.
CONNECTIONS = 4
# Enough for every event loop to be asked, whichever a connection is given to.
MANY = 24
OPEN = "/health"


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    upstream = Upstream()
    stage = Stage(
        tmp_path_factory.mktemp("slow"), {"aethermind": "aethermind", "roomy": "aethermind"},
        {"aethermind": f"{{ url: {upstream.url}, connections: {CONNECTIONS}, answer-timeout: 60s }}", "roomy": f"'{upstream.url}'"},
        extra="trusted-proxies: [127.0.0.1]\n")
    stage.upstream = upstream
    yield stage
    upstream.drop()
    assert stage.server.stop() == 0
    upstream.close()


class Download(threading.Thread):
    """A client that reads a large answer at its own pace for longer than an answer may be left unread, and then all of the rest."""

    SIZE, SECONDS = 40 << 20, 45

    def __init__(self, port, rate):
        super().__init__(daemon=True)
        self.port, self.rate, self.count = port, rate, 0
        self.start()

    def run(self):
        with socket.socket() as taker, contextlib.suppress(ConnectionError):
            taker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 200_000)
            taker.settimeout(30)
            taker.connect(("127.0.0.1", self.port))
            taker.sendall(b"GET /health?size=%d HTTP/1.1\r\nHost: a\r\n\r\n" % self.SIZE)
            end = time.monotonic() + self.SECONDS
            while time.monotonic() < end:
                if self.rate:
                    self.count += len(taker.recv(self.rate // 4))
                time.sleep(0.25)
            while self.count < self.SIZE and (piece := taker.recv(1 << 20)):
                self.count += len(piece)


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    """Under way while the other tests run."""
    upstream = Upstream()
    upstream.scripts[OPEN] = lambda seen, peer: answer(200, bytes(int(seen.target.partition("=")[2])))
    stage = Stage(tmp_path_factory.mktemp("downloads"), {"aethermind": "aethermind"}, f"'{upstream.url}'")
    yield {rate: Download(stage.port("aethermind"), rate) for rate in (0, 15_000)}
    assert stage.server.stop() == 0
    upstream.close()


@pytest.fixture(autouse=True)
def begun(downloads):
    pass


@pytest.fixture
def stage(crowded):
    crowded.upstream.drop()
    crowded.upstream.reset()
    return crowded


@contextlib.contextmanager
def clients(stage, count=MANY):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Client(stage.port("aethermind"))) for _ in range(count)]


def refused(client):
    """Whether the client has been told that there is no room."""
    client.socket.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        got = client.answer()
        assert got.status == 502, got
        return True
    return False


def all_pass(stage, headers=()):
    return [ask(stage.port("aethermind"), "GET", OPEN, headers=headers).status for _ in range(MANY)] == [200] * MANY


@pytest.mark.parametrize("framing", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
def test_bodies_that_dribble_leave_half_of_an_upstreams_connections_to_others(stage, framing):
    with clients(stage) as slow:
        for client in slow:
            client.send(f"POST {OPEN} HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n1\r\n".encode())
        kept = [client for client in slow if not refused(client)]
        assert 0 < len(kept) <= len(slow) - 2
        assert all_pass(stage)


@pytest.mark.parametrize("size", [2, 16 * 1024])
def test_a_small_body_takes_no_connection_before_it_is_whole(stage, size):
    with clients(stage) as slow:
        for client in slow:
            client.send(f"POST {OPEN} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * (size - 1))
        assert all_pass(stage)
        assert not [seen for seen in stage.upstream.seen if seen.method == "POST"]
        for client in slow:
            client.send(b"y")
            assert client.answer().status == 200
        assert [bytes(seen.body) for seen in stage.upstream.seen if seen.method == "POST"] == [b"x" * (size - 1) + b"y"] * MANY


def test_a_small_body_that_is_cut_off_reaches_no_upstream(stage):
    with clients(stage, 4) as slow:
        for client in slow:
            client.send(f"POST {OPEN} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx".encode())
    time.sleep(0.2)
    assert stage.upstream.seen == [] and all_pass(stage)


def test_one_caller_holds_half_of_an_upstreams_connections_at_most(stage):
    told = threading.Event()

    @stage.upstream.script(OPEN)
    def slow(seen, peer):
        told.wait(20)
        return answer(200)

    def question(address):
        return f"GET {OPEN}?from={address} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {address}\r\n\r\n".encode()

    try:
        with clients(stage) as greedy, clients(stage) as others:
            for client in greedy:
                client.send(question("203.0.113.7"))
            waiting = [client for client in greedy if not refused(client)]
            # As many as half of what any number of event loops has, each of which has one asked by so many.
            assert 0 < len(waiting) <= MANY // 2
            served = 0
            for number, client in enumerate(others):
                client.send(question(f"203.0.113.{100 + number}"))
            wait_for(lambda: len(stage.upstream.seen) >= 2 * len(waiting), what="the others' requests")
            told.set()
            for client in waiting:
                assert client.answer().status == 200
            for client in others:
                served += client.answer().status == 200
            assert served >= len(waiting)
    finally:
        told.set()
    assert all_pass(stage, {"X-Forwarded-For": "203.0.113.7"}), "what was held is given back"


def test_what_ends_in_any_way_gives_its_share_back(stage):
    """Requests that end well, are refused, are left by their client, or fail at the upstream's."""
    @stage.upstream.script(OPEN, early=True)
    def say(seen, peer):
        if seen.method == "PATCH":
            return None
        if seen.method != "PUT":
            peer.read_body(seen)
        return answer(413 if seen.method == "PUT" else 200)

    for method in ["POST", "PUT", "PATCH", "DELETE"] * 3:
        with clients(stage, 8) as several:
            for client in several:
                client.send(f"{method} {OPEN} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 99999\r\n\r\n".encode() + b"x" * 20_000)
            if method == "POST":
                for client in several:
                    client.send(b"x" * 79_999)
    stage.upstream.reset()
    wait_for(lambda: all_pass(stage, {"X-Forwarded-For": "203.0.113.9"}), what="room for all")
    for _ in range(MANY):
        got = ask(stage.port("aethermind"), "POST", OPEN, b"x" * 50_000, headers={"X-Forwarded-For": "203.0.113.9"})
        assert got.status == 200


@pytest.mark.parametrize("ending", [b"zz\r\n", b"5\r\nagain\r\n0\r\n\r\n"])
def test_a_body_that_breaks_off_while_its_connection_is_made_costs_the_upstream_none(stage, ending):
    for _ in range(MANY * 2):
        # None is idle, so each request wants a new one.
        stage.upstream.drop()
        with Client(stage.port("aethermind")) as client:
            client.send(f"POST {OPEN} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".encode() + ending)
            client.answer()
    assert all_pass(stage)


def test_the_last_answer_of_a_connection_arrives_whole_however_slowly_it_is_read(stage):
    """As large as what the kernels hold and a little more, so that some end while there is no room."""
    @stage.upstream.script(OPEN)
    def say(seen, peer):
        return answer(200, b"x" * int(seen.target.partition("=")[2]))

    missing = []

    def take(size):
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 200_000)
            slow.settimeout(15)
            slow.connect(("127.0.0.1", stage.port("roomy")))
            slow.sendall(f"GET {OPEN}?size={size} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            got = b""
            while piece := slow.recv(30_000):
                got += piece
                time.sleep(0.1)
        if len(got.partition(b"\r\n\r\n")[2]) != size:
            missing.append(size - len(got.partition(b"\r\n\r\n")[2]))

    takers = [threading.Thread(target=take, args=((3 << 20) + number * 48 * 1024,)) for number in range(MANY)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert not missing


def test_who_reads_slowly_but_steadily_gets_all_of_it_and_who_does_not_read_is_cut_off(downloads):
    for download in downloads.values():
        download.join()
    assert downloads[15_000].count >= Download.SIZE
    # The rest is what the kernels had taken by then.
    assert downloads[0].count < Download.SIZE // 2


@pytest.mark.parametrize("way", ["drain", "half close"])
def test_an_answer_that_the_kernel_has_no_room_for_outlasts_the_end_of_its_connection(tmp_path, way):
    """The upstream has ended it; kernels take a few megabytes from one to the other, and what is beyond waits with us."""
    upstream = Upstream()
    upstream.scripts[OPEN] = lambda seen, peer: answer(200, bytes(int(seen.target.partition("=")[2])))
    stage = Stage(tmp_path, {"aethermind": "aethermind"}, f"'{upstream.url}'")
    log = tmp_path / "server.log"

    def begin(size):
        taker = socket.socket()
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        taker.settimeout(10)
        taker.connect(("127.0.0.1", stage.port("aethermind")))
        taker.sendall(b"GET /health?size=%d HTTP/1.1\r\nHost: a\r\n\r\n" % size)
        return taker

    def half_close(taker):
        taker.sendall(b"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\nhalf")
        taker.shutdown(socket.SHUT_WR)

    def count(taker):
        got = b""
        while piece := taker.recv(1 << 20):
            got += piece
        taker.close()
        return len(got.partition(b"\r\n\r\n")[2])

    # How much passes before the upstream is read no more: what the kernels take and 64 KiB, at least, that wait with us.
    probe = begin(16 << 20)
    time.sleep(1)
    probe.close()
    given = wait_for(lambda: re.search(r"event=request bytes=(\d+)", log.read_text()), what="the end of the probe")
    most = int(given.group(1))
    assert 1 << 20 < most < 16 << 20
    takers = {most - number * 5000: begin(most - number * 5000) for number in range(1, 16)}
    time.sleep(1)
    ended = {size: taker for size, taker in takers.items() if f"bytes={size} " in log.read_text()}
    assert len(ended) >= 5, "the others' kernels took less than that of the first"
    if way == "drain":
        stage.server.process.send_signal(signal.SIGTERM)
    else:
        for taker in ended.values():
            half_close(taker)
    time.sleep(0.5)
    assert [size - count(taker) for size, taker in ended.items()] == [0] * len(ended)
    for size in takers.keys() - ended.keys():
        takers[size].close()
    assert stage.server.process.wait(40) == 0 if way == "drain" else stage.server.stop() == 0
    upstream.close()


@pytest.mark.parametrize("way", ["upstream", "silence", "half close", "kill", "whole"])
def test_an_http_10_client_takes_no_answer_that_was_cut_off_for_a_whole_one(tmp_path, way):
    """It knows the end of the answer by the end of the connection."""
    upstream, told = Upstream(), threading.Event()

    @upstream.script(OPEN)
    def say(seen, peer):
        peer.socket.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        told.wait(20)
        peer.socket.sendall(b"0\r\n\r\n" if way == "whole" else b"")

    stage = Stage(tmp_path, {"aethermind": "aethermind"}, f"{{ url: '{upstream.url}', idle-timeout: {2 if way == 'silence' else 30}s }}")
    with socket.create_connection(("127.0.0.1", stage.port("aethermind")), 10) as taker:
        taker.sendall(b"GET /health HTTP/1.0\r\nHost: a\r\n\r\n")
        got = b""
        while not got.endswith(b"hello"):
            got += taker.recv(1000)
        match way:
            case "upstream" | "whole": told.set()
            case "half close": taker.shutdown(socket.SHUT_WR)
            case "kill": stage.server.process.kill()
        if way == "whole":
            assert taker.recv(1000) == b""
        else:
            with pytest.raises(ConnectionResetError):
                taker.recv(1000)
    told.set()
    assert stage.server.process.wait(10) != 0 if way == "kill" else stage.server.stop() == 0
    upstream.close()
