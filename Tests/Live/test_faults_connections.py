"""Clients that hold connections, send slowly, or send tokens as large as they can."""
import contextlib
import http.client
import os
import re
import select
import socket
import threading
import time
import urllib.request

import pytest

from conftest import Dragoman
from faults import FULL, Pulse, ServerEnded, Subject, full_only, until

SLOW = 400 if FULL else 60


class Slow:
    """A client that never says all at once: a head, a body or a read that dribbles."""

    def __init__(self, port, kind):
        self.kind, self.begun, self.ended = kind, time.monotonic(), None
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.setblocking(False)
        if kind == "head":
            self.first, self.more = b"GET /up HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n"
        else:
            self.first, self.more = b"POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n", b" "
        self.socket.send(self.first)

    def dribble(self):
        if self.ended:
            return
        try:
            self.socket.send(self.more)
            while piece := self.socket.recv(4096):
                pass
            self.ended = time.monotonic() - self.begun
        except BlockingIOError:
            pass
        except OSError:
            self.ended = time.monotonic() - self.begun


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Subject(tmp_path_factory.mktemp("connections")) as running:
        running.account("owner@example.com")
        yield running
        assert running.lives and running.stop() == 0


@pytest.fixture(scope="module")
def slow(server):
    """Clients that go on dribbling behind the tests of this file."""
    clients = [Slow(server.ports["devise"], "head" if n % 4 else "body") for n in range(SLOW)]
    stopping = threading.Event()

    def dribble():
        while not stopping.wait(0.5):
            for client in clients:
                client.dribble()

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    yield clients
    stopping.set()
    thread.join()


def raw(port, message, seconds=10):
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(message)
        found = b""
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                found += piece
        return found


def test_the_server_serves_while_many_clients_dribble(server, slow):
    token = server.token("owner@example.com")
    with Pulse(lambda: server.ask_who(token)) as readers:
        time.sleep(1)
    assert set(readers.statuses) == {200} and not readers.faults and max(readers.times) < 2


TOKENS = {
    "as long as a head may be": "e" * 15_000,
    "all dots": "." * 15_000,
    "of thousands of parts": "a.a.a" * 3000,
    "of empty JSON": "e30." * 3700,
    "with a header that says the most": "eyJhbGciOiJIUzI1NiJ9." + "e" * 14_000 + ".x",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_huge_token_costs_next_to_nothing(server, slow, token):
    assert server.ask_who(token).status == 401
    memory, cpu = server.memory, server.cpu
    for _ in range(50):
        assert server.ask_who(token).status == 401
    assert (server.cpu - cpu) / 50 < 0.05, f"{(server.cpu - cpu) / 50 * 1000:.1f} ms of CPU each"
    assert server.memory - memory < 20, f"{server.memory - memory:.0f} MiB more"


def test_a_head_of_a_megabyte_is_cut_off_and_leaves_nothing_behind(server, slow):
    memory, cpu = server.memory, server.cpu
    for _ in range(10):
        answer = raw(server.ports["devise"], b"GET /users/current_user HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + b"a.a.a" * 200_000 + b"\r\n\r\n")
        assert answer == b"" or answer.split(b" ")[1] in (b"400", b"431"), answer[:200]
    assert server.cpu - cpu < 2 and server.memory - memory < 30
    assert server.call("devise", "GET", "/up").status == 200


def hold(port, count):
    """That many connections that say nothing; those that cannot be made are left out."""
    held = []
    for _ in range(count):
        connection = socket.socket()
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            connection.connect(("127.0.0.1", port))
        held.append(connection)
    return held


def test_more_connections_than_descriptors_never_end_the_process(tmp_path):
    with Subject(tmp_path).start(prefix=["prlimit", "--nofile=256:256"]) as server:
        token = server.account("owner@example.com")
        kept = http.client.HTTPConnection("127.0.0.1", server.ports["devise"], timeout=10)
        kept.connect()

        def ask_on_kept():
            kept.request("GET", "/users/current_user", headers={"Authorization": f"Bearer {token}"})
            answer = kept.getresponse()
            answer.read()
            return answer.status

        assert ask_on_kept() == 200
        for round_number in range(50 if FULL else 2):
            held = hold(server.ports["devise"], 700)
            for _ in range(60 if FULL and round_number == 0 else 4):
                time.sleep(0.4)
                assert server.lives, server.told[-2000:]
                assert ask_on_kept() == 200, "who was there first is served"
                assert server.manage("/readyz").status == 200, "the store and the operator have descriptors left"
            kept.request("POST", "/users", '{"user":{"email":"during%d@example.com","password":"correct horse"}}' % round_number, {"Content-Type": "application/json"})
            answer = kept.getresponse()
            assert (answer.status, answer.read())[0] == 200
            for connection in held:
                connection.close()

            def serves():
                with contextlib.suppress(OSError):
                    return server.ask_who(token, timeout=5).status == 200

            _, took = until(serves, 10, "a new connection after the others have gone")
            assert took < 5, f"it took {took:.1f} s"
        server.mail("during0@example.com")
        kept.close()
        assert server.stop() == 0


def address_of_this_machine():
    """One that is not the loopback's, whose connections are not counted."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]


def test_a_client_with_too_many_connections_is_turned_away_and_others_are_served(tmp_path):
    address = address_of_this_machine()
    if address is None or address.startswith("127."):
        pytest.skip("this machine has no address but the loopback's")
    server = Subject(tmp_path)
    server.config.write_text(server.config.read_text().replace(f"listen: 127.0.0.1:{server.ports['devise']}", f"listen: 0.0.0.0:{server.ports['devise']}"))
    with server.start(prefix=["prlimit", "--nofile=512:512"]):
        metric = lambda name: int(re.search(rf"^dragoman_connections_{name}{{.*}} (\d+)", urllib.request.urlopen(f"http://127.0.0.1:{server.management}/metrics").read().decode(), re.M).group(1))
        limit = metric("limit")
        held = [socket.create_connection((address, server.ports["devise"]), timeout=10) for _ in range(limit * 2)]
        # Which of those that come at once are kept is the event loops' to say.
        turned_away = 0
        ends = time.monotonic() + 10
        while turned_away < limit * 2 - limit // 2 and time.monotonic() < ends:
            readable, _, _ = select.select(held, [], [], 0.2)
            for connection in readable:
                with contextlib.suppress(ConnectionError):
                    assert connection.recv(1) == b""
                held.remove(connection)
                connection.close()
                turned_away += 1
        assert len(held) == limit // 2, "who has half of the connections gets more"
        assert metric("open") == limit // 2 and metric("refused_total") == limit * 2 - limit // 2
        for _ in range(limit):
            assert server.call("devise", "GET", "/up", timeout=2).status == 200
        for connection in held:
            connection.close()
        assert server.stop() == 0


def test_too_few_descriptors_are_refused_at_the_start(tmp_path):
    with pytest.raises(ServerEnded) as refused:
        Subject(tmp_path).start(prefix=["prlimit", "--nofile=80:80"])
    assert refused.value.code > 0 and "raise `ulimit -n`" in refused.value.told


def test_heads_that_dribble_are_cut_off_in_time(server, slow):
    heads = [client for client in slow if client.kind == "head"]
    until(lambda: all(client.ended for client in heads), 40, "the end of slow heads")
    assert all(10 < client.ended < 30 for client in heads), sorted(client.ended for client in heads)


@full_only
def test_bodies_that_dribble_are_cut_off_in_time(server, slow):
    bodies = [client for client in slow if client.kind == "body"]
    until(lambda: all(client.ended for client in bodies), 90, "the end of slow bodies")
    assert all(50 < client.ended < 80 for client in bodies), sorted(client.ended for client in bodies)


@full_only
def test_connections_that_say_nothing_are_closed_after_a_minute(server):
    held = hold(server.ports["devise"], 3000)
    time.sleep(70)
    assert server.call("devise", "GET", "/up").status == 200

    def closed(connection):
        try:
            return connection.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    assert all(closed(connection) for connection in held)
    for connection in held:
        connection.close()


def test_a_log_that_nobody_reads_stops_nobody(tmp_path):
    reading, writing = os.pipe()
    server = Dragoman(tmp_path, ["devise"]).start(log=writing)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.ports["devise"], timeout=5)
        # Several times what a pipe holds.
        for _ in range(2000):
            connection.request("GET", "/users/current_user")
            answer = connection.getresponse()
            assert answer.read() and answer.status == 401
        connection.close()
        started = time.monotonic()
        assert server.stop() == 0 and time.monotonic() - started < 10
        # What was written is whole lines to the last but one.
        os.close(writing)
        lines = os.read(reading, 1 << 20).decode().split("\n")
        assert sum("event=request" in line and "status=401" in line for line in lines) > 100
    finally:
        server.kill()
        os.close(reading)


def test_a_log_whose_reader_has_gone_stops_nobody(tmp_path):
    reading, writing = os.pipe()
    server = Dragoman(tmp_path, ["devise"]).start(log=writing)
    os.close(writing)
    os.close(reading)
    for _ in range(3):
        assert server.call("devise", "GET", "/users/current_user").status == 401
    assert server.stop() == 0


def test_silent_connections_keep_a_probe_waiting_for_seconds_and_not_for_a_minute(tmp_path):
    server = Dragoman(tmp_path, ["devise"]).start()
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.management)))
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", server.management, timeout=30)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200 and time.monotonic() - started < 12
    assert server.stop() == 0
