"""The end of a process that has work in its hands."""
import http.client
import http.server
import re
import signal
import socket
import threading
import time

import pytest

from faults import FULL, PASSWORD, Subject, full_only

PERIOD = 1 / 200 if FULL else 1 / 60


class SlowUpstream(http.server.BaseHTTPRequestHandler):
    """Takes as long for an answer as its path says, and gives half of it before; a WebSocket is open after that time."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Upgrade"):
            time.sleep(float(self.path.rsplit("/", 1)[1]))
            self.send_response(101)
            self.send_header("Connection", "Upgrade")
            self.send_header("Upgrade", "websocket")
            self.end_headers()
            self.rfile.read(1)
            return
        self.send_response(200)
        self.send_header("Content-Length", "20000")
        self.end_headers()
        self.wfile.write(b"x" * 10_000)
        time.sleep(float(self.path.rsplit("/", 1)[1]))
        self.wfile.write(b"y" * 10_000)

    def log_message(self, *_):
        pass


@pytest.fixture
def upstream():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowUpstream)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def server(tmp_path, upstream):
    subject = Subject(tmp_path)
    subject.config.write_text(subject.config.read_text() + f"    upstreams: {{ app: \"{upstream}\" }}\n")
    with subject:
        yield subject


class Load:
    """Requests of their own connections, at an even pace, each with what became of it."""

    def __init__(self, server, ask):
        self.server, self.ask, self.threads, self.outcomes, self.stopping = server, ask, [], [], False
        self.clock = threading.Thread(target=self.run)

    def run(self):
        while not self.stopping:
            thread = threading.Thread(target=self.one)
            thread.start()
            self.threads.append(thread)
            time.sleep(PERIOD)

    def one(self):
        begun = time.monotonic()
        try:
            answer = self.ask()
            outcome = answer.status
        except http.client.IncompleteRead:
            outcome = "truncated"
        except http.client.HTTPException:
            outcome = "closed"
        except ConnectionRefusedError:
            outcome = "refused"
        except OSError:
            outcome = "reset"
        self.outcomes.append((begun, outcome))

    def __enter__(self):
        self.clock.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.clock.join()
        for thread in self.threads:
            thread.join()


def posted(server, body, sent):
    """A connection that has said its head and so much of its body."""
    connection = socket.create_connection(("127.0.0.1", server.ports["devise"]), timeout=30)
    connection.sendall(f"POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:sent])
    return connection


def read_answer(connection):
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer, answer.read()


def test_a_drain_under_load_answers_all_that_was_asked_before_and_loses_nothing(server, tmp_path):
    token = server.account("owner@example.com")
    bearer = {"Authorization": f"Bearer {token}"}
    body = b'{"user":{"email":"half@example.com","password":"correct horse"}}'
    idle = socket.create_connection(("127.0.0.1", server.ports["devise"]), timeout=30)
    forwarded = []

    def forward():
        try:
            forwarded.append(server.call("devise", "GET", "/api/v1/slow/2", headers=bearer).body)
        except (OSError, http.client.HTTPException) as fault:
            forwarded.append(fault)

    slow = [threading.Thread(target=forward) for _ in range(8)]
    with Load(server, lambda: server.ask_who(token)) as load:
        time.sleep(1)
        halves = [posted(server, body.replace(b"half", b"half%d" % n), 20) for n in range(3)]
        mailed = server.register("mailed@example.com")
        for thread in slow:
            thread.start()
        time.sleep(0.7)
        told = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        readiness = server.manage("/readyz").status
        time.sleep(0.5)
        for n, half in enumerate(halves):
            half.sendall(body.replace(b"half", b"half%d" % n)[20:])
        answers = [read_answer(half) for half in halves]
        code = server.process.wait(30)
        took = time.monotonic() - told
    for thread in slow:
        thread.join()
    assert code == 0 and took < 25, f"exit {code} after {took:.1f} s"
    assert readiness == 503, "whoever balances load learns of it"
    assert [(answer.status, answer.getheader("Connection")) for answer, _ in answers] == [(200, "close")] * 3
    assert all(body == b"x" * 10_000 + b"y" * 10_000 for body in forwarded), [body if isinstance(body, Exception) else len(body) for body in forwarded]
    assert idle.recv(1) == b"", "a connection that asks nothing is closed"
    before = [outcome for begun, outcome in load.outcomes if begun < told - 0.5]
    after = {outcome for begun, outcome in load.outcomes if begun >= told - 0.5}
    assert len(before) > 20 and set(before) == {200}, set(before)
    assert after <= {200, "refused", "reset", "closed"}, after
    assert mailed.status == 200
    server.start()
    for address in ["mailed@example.com"] + [f"half{n}@example.com" for n in range(3)]:
        server.mail(address)
        server.token(address)
    files = list(server.folder.glob("state/mailbox/**/*.eml"))
    identifiers = {re.search(rb"(?im)^Message-ID: *(\S+)", file.read_bytes()).group(1) for file in files}
    assert len(identifiers) == len(files) == 5, "each mail once"
    assert server.stop() == 0


def test_a_keep_alive_connection_is_told_to_end_and_not_cut_off(server):
    token = server.account("owner@example.com")
    busy = http.client.HTTPConnection("127.0.0.1", server.ports["devise"], timeout=30)
    bearer = {"Authorization": f"Bearer {token}"}
    busy.request("GET", "/users/current_user", headers=bearer)
    assert busy.getresponse().read()
    busy.request("GET", "/api/v1/slow/1", headers=bearer)
    time.sleep(0.3)
    server.process.send_signal(signal.SIGTERM)
    answer = busy.getresponse()
    assert answer.status == 200 and len(answer.read()) == 20_000
    assert server.process.wait(20) == 0


def test_what_has_connected_before_the_signal_is_answered_if_nobody_has_accepted_it_yet(server):
    token = server.account("owner@example.com")
    server.process.send_signal(signal.SIGSTOP)
    waiting = [socket.create_connection(("127.0.0.1", server.ports["devise"]), timeout=30) for _ in range(50)]
    for connection in waiting:
        connection.sendall(f"GET /users/current_user HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGCONT)
    answers = [read_answer(connection)[0] for connection in waiting]
    assert [(answer.status, answer.getheader("Connection")) for answer in answers] == [(200, "close")] * 50
    assert server.process.wait(20) == 0


@pytest.mark.parametrize("what", ["the rest of a body that nobody wants", "a WebSocket"])
def test_what_comes_to_rest_while_the_server_goes_down_does_not_hold_it(server, what):
    token = server.account("owner@example.com")
    connection = socket.create_connection(("127.0.0.1", server.ports["devise"]), timeout=30)
    if what == "a WebSocket":
        connection.sendall(
            f"GET /api/v1/slow/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        time.sleep(0.3)
    else:
        connection.sendall(b"POST /api/v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + b"x" * 100)
        assert read_answer(connection)[0].status == 401
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    if what != "a WebSocket":
        time.sleep(1)
        connection.sendall(b"x" * 59_900)
    assert server.process.wait(40) == 0
    assert time.monotonic() - begun < 10, "and not until the limit of the drain"
    connection.close()


def test_a_second_signal_does_not_harm_a_drain(server):
    token = server.account("owner@example.com")
    got = []
    thread = threading.Thread(target=lambda: got.append(server.call("devise", "GET", "/api/v1/slow/1.5", headers={"Authorization": f"Bearer {token}"}).body))
    thread.start()
    time.sleep(0.4)
    for _ in range(2):
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    assert server.process.wait(20) == 0
    thread.join()
    assert len(got[0]) == 20_000


@full_only
def test_a_drain_ends_in_time_when_a_client_never_does(server):
    token = server.account("owner@example.com")
    half = posted(server, b'{"user":{"email":"half@example.com","password":"correct horse"}}', 20)
    stuck = socket.create_connection(("127.0.0.1", server.ports["devise"]), timeout=60)
    stuck.sendall(f"GET /api/v1/slow/50 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    time.sleep(0.5)
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(60)
    assert time.monotonic() - begun < 32, "the limit of the drain"
    assert code == 0, code
    half.close(), stuck.close()
    server.start()
    assert server.log_in("owner@example.com", PASSWORD).status == 200
    assert server.stop() == 0
