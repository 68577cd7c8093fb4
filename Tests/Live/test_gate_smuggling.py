"""Requests that two programs could read differently: refused, or forwarded as the one thing that was judged."""
import re
import urllib.parse

import pytest

from peers import Client, answer

# What is sent, and what the upstream may see of it; None: refused with 400, nothing forwarded. A user's token goes along: of the admins'
# part (under /api/v1/admin) nothing may be forwarded, however it is written.
FORWARDED = {
    "/api/v1/x": "/api/v1/x", "/api/v1": "/api/v1", "/api/v1/": "/api/v1/", "/api/v1/x/": "/api/v1/x/", "/api/v1/%78": "/api/v1/x", "/%61pi/v1/x": "/api/v1/x",
    "/api/v1/%7Ex": "/api/v1/~x", "/api/v1/%7ex": "/api/v1/~x", "/api/v1/%2Dx": "/api/v1/-x", "/api/v1/a%20b": "/api/v1/a%20b", "/api/v1/a%c3%a9": "/api/v1/a%C3%A9",
    "/api/v1/a%3fb": "/api/v1/a%3Fb", "/api/v1/a%23b": "/api/v1/a%23b", "/api/v1/a%3bb": "/api/v1/a%3Bb", "/api/v1/a%40b": "/api/v1/a%40b", "/api/v1/a@b:c,d=e&f+g!$'()*": "/api/v1/a@b:c,d=e&f+g!$'()*",
    "/api/v1/...": "/api/v1/...", "/api/v1/.x": "/api/v1/.x", "/api/v1/x.": "/api/v1/x.", "/api/v1/..x": "/api/v1/..x", "/api/v1/x?a=../../b//c\\d;e%2f%00": "/api/v1/x?a=../../b//c\\d;e%2f%00",
    "/api/v1/x?": "/api/v1/x?", "/api/v1/x??a": "/api/v1/x??a", "/api/v1/x?/api/v1/admin": "/api/v1/x?/api/v1/admin", "/api/v1/%80": "/api/v1/%80", "/api/v1/a%FF%FE": "/api/v1/a%FF%FE",
    "/api/v1/[x]": "/api/v1/[x]", "/api/v1/{x}|^`": "/api/v1/{x}|^`", "/api/v1/http://evil/": None, "/api/v1/admin%20/x": "/api/v1/admin%20/x",
    "/api/v1/admin%c2%a0": "/api/v1/admin%C2%A0", "/api/v1/%C0%AFadmin": "/api/v1/%C0%AFadmin",
}
REFUSED = [
    # Dots.
    "/api/v1/..", "/api/v1/.", "/api/v1/./x", "/api/v1/../x", "/api/v1/x/..", "/api/v1/x/../admin/y", "/api/v1/x/../../v1/admin/y", "/..", "/.", "/../api/v1/x", "/./api/v1/x",
    "/api/./v1/admin", "/api/v1/x/./../admin/y", "/api/v1/%2e", "/api/v1/%2e%2e", "/api/v1/%2E%2E/admin", "/api/v1/x/%2e%2e/admin/y", "/api/v1/x/.%2e/admin/y", "/api/v1/x/%2e./admin/y",
    "/api/v1/x%2e%2e", "/api/v1/%2e/admin", "/api/v1/a%2eb", "/api/v1/x/..%2fadmin/y", "/api/v1/x/..%5cadmin/y", "/api/v1/x/..;/admin/y", "/api/v1/x/..;a=b/admin/y", "/api/v1/x/.;/y",
    # Slashes.
    "//", "//api/v1/x", "/api//v1/x", "/api/v1//x", "/api/v1//admin/x", "/api/v1/x//", "//evil.example/api/v1/x", "///api/v1/x", "/api/v1/%2f", "/api/v1/%2F", "/api/v1/x%2fy", "/api/v1%2fadmin",
    "/api%2fv1/admin", "/api/v1/%2fadmin", "/api/v1/admin%2fx", "/api/v1/x%2f..%2fadmin", "/%2fapi/v1/x", "/%2f%2fevil/x",
    # Backslashes.
    "/api/v1\\x", "/api/v1/\\admin", "/api/v1/x\\..\\admin", "\\api\\v1\\x", "/\\evil/api/v1/x", "/api/v1/%5cadmin", "/api/v1/x%5C..%5Cadmin", "/api/v1/x/..\\admin",
    # Parameters and fragments.
    "/api/v1/admin;x", "/api/v1/admin;/x", "/api/v1;/admin", "/api/v1/x;jsessionid=1", "/;/api/v1/x", "/api/v1/x#y", "/api/v1/admin#", "/api/v1/x?a#b", "/api/v1/x?#", "#/api/v1/x",
    # Escapes of escapes, of nothing, of control characters.
    "/api/v1/%252e%252e/admin", "/api/v1/%2561dmin", "/api/v1/%25", "/api/v1/x%25", "/api/v1/x%252f", "/api/v1/%", "/api/v1/x%", "/api/v1/x%2", "/api/v1/x%2/", "/api/v1/%zz", "/api/v1/%g1",
    "/api/v1/%1", "/api/v1/%%61", "/api/v1/% 1", "/api/v1/%u0061dmin", "/api/v1/%u002e", "/api/v1/%00", "/api/v1/x%00", "/api/v1/admin%00.json", "/api/v1/%0a", "/api/v1/%0d%0aX:%20y", "/api/v1/%09",
    "/api/v1/%1f", "/api/v1/%7f", "/api/v1/%7F", "/api/v1/%08", "/api/v1/%1b",
    # Bytes that no target has.
    "/api/v1/\x00", "/api/v1/x\x00", "/api/v1/\x01", "/api/v1/\x7f", "/api/v1/x\ty", "/api/v1/x y", "/api/v1/\xe9", "/api/v1/\xc3\xa9", "/api/v1/\xff", "/api/v1/x?\xe9", "/api/v1/x?a\x00", "/api/v1/x?a\tb", "/api/v1/\r", "/api/v1/x\ry",
    # Other forms.
    "http://gate.test/api/v1/x", "http://evil.example/api/v1/x", "HTTP://gate.test/api/v1/x", "https://gate.test/api/v1/x", "http:/api/v1/x", "http:api/v1/x", "ftp://x/", "*", "gate.test:443", "api/v1/x",
    "?x", "", " /api/v1/x", "/api/v1/x ", "@/api/v1/x", "file:///etc/passwd", "://x/api/v1/x", "http:///api/v1/x", "http://a@gate.test/api/v1/x",
    "/api/v1/" + "a" * 9000, "/api/v1/x?" + "a" * 9000,
]
ADMIN = [
    "/api/v1/admin", "/api/v1/admin/", "/api/v1/admin/x", "/api/v1/admin?x", "/api/v1/admin?", "/api/v1/%61dmin", "/api/v1/%61%64%6d%69%6e/x", "/%61pi/%761/adm%69n/x", "/api/v1/admin/%78",
    "/api/v1/admin/x?../y", "/api/v1/admin/...", "/api/v1/%41dmin/../x", "/api/v1/adm%69n/", "/api/v1/users/%61dmin_dashboard", "/api/v1/users/admin%5fdashboard", "/api/v1/users/analytics?x", "/api/v1/ADMIN/x", "/api/v1/%41dmin", "/api/v1/users/Admin_Dashboard",
]


def lenient(target):
    """The path as the most forgiving upstream could read it."""
    path = target.split("?")[0].split("#")[0]
    for _ in range(3):
        path = urllib.parse.unquote(path, errors="replace")
    path = re.sub(r"/+", "/", re.sub(r";[^/]*", "", path.replace("\\", "/").split("\x00")[0]))
    kept = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept)


def forbidden_to_a_user(target):
    return bool(re.match(r"/api/v1/(admin(/|$)|users/(admin_dashboard|analytics)$)", lenient(target)))


def sent(stage, target, method="GET", role="user"):
    with Client(stage.port()) as client:
        client.send(f"{method} {target} HTTP/1.1\r\nHost: gate.test\r\nAuthorization: {stage.bearer(role=role)['Authorization']}\r\n\r\n".encode("latin-1"))
        return client.answer(method)


@pytest.mark.parametrize("target", [t for t, f in FORWARDED.items() if f], ids=repr)
def test_a_sound_target_is_forwarded_as_it_was_judged(stage, target):
    got = sent(stage, target)
    assert got.status == 200, f"{target}: {got}"
    assert stage.upstream.only.target == FORWARDED[target]
    assert not forbidden_to_a_user(stage.upstream.only.target)


@pytest.mark.parametrize("target", REFUSED + [t for t, f in FORWARDED.items() if not f], ids=lambda t: repr(t)[:40])
@pytest.mark.parametrize("role", ["user", "admin"])
def test_a_target_that_can_be_read_in_two_ways_is_refused_in_the_dialects_words(stage, target, role):
    got = sent(stage, target, role=role)
    assert got is not None and got.status == 400, f"{target}: {got}"
    assert got.headers["content-type"] == "application/json; charset=utf-8" and got.json["status"]["code"] == 400
    assert got.headers["connection"] == "close"
    assert stage.upstream.seen == []


@pytest.mark.parametrize("target", ADMIN)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE", "OPTIONS", "PATCH"])
def test_the_admins_part_stays_closed_however_it_is_written(stage, target, method):
    got = sent(stage, target, method)
    if ".." in target.split("?")[0].split("/"):
        assert got.status == 400
    else:
        assert got.status == 403, f"{target}: {got}"
    assert stage.upstream.seen == []


@pytest.mark.parametrize("method, status", [
    ("CONNECT", 400), ("TRACE", 405), ("TRACK", 405), ("get", 405), ("Get", 405), ("PROPFIND", 405), ("PURGE", 405), ("DEBUG", 405), ("QUERY", 405), ("LINK", 405), ("GETT", 405), ("GE", 405),
    ("POST\x00", 400), ("G\tET", 400), ("", 400), ("G" * 33, 400), ("G\xc9T", 400), ("GET,POST", 400), ("(GET)", 400),
])
def test_methods_that_no_api_has_are_refused(stage, method, status):
    target = "evil.example:443" if method == "CONNECT" else "/api/v1/x"
    got = sent(stage, target, method)
    assert got.status == status and got.status in (400, 405, 501), got
    assert stage.upstream.seen == []


def request(stage, *lines, line="POST /api/v1/x HTTP/1.1", host="Host: gate.test", end="\r\n\r\n", body=b""):
    head = "\r\n".join([line, *([host] if host else []), f"Authorization: {stage.bearer()['Authorization']}", *lines]) + end
    return head.encode("latin-1") + body


SECOND = b"GET /api/v1/smuggled HTTP/1.1\r\nHost: gate.test\r\n\r\n"
CHUNKED = b"4\r\nbody\r\n0\r\n\r\n"

# Lines beside a sound head, and the body. All are 400 (or what is named), end the connection, and nothing of them is forwarded.
FRAMINGS = [
    (["Content-Length: 4", "Transfer-Encoding: chunked"], CHUNKED), (["Transfer-Encoding: chunked", "Content-Length: 4"], CHUNKED), (["Content-Length: 0", "Transfer-Encoding: chunked"], CHUNKED),
    (["Content-Length: 4", "Content-Length: 4"], b"body"), (["Content-Length: 4", "Content-Length: 5"], b"body1"), (["Content-Length: 4, 4"], b"body"), (["Content-Length: 4,5"], b"body1"),
    (["Content-Length: +4"], b"body"), (["Content-Length: -4"], b"body"), (["Content-Length: 0x4"], b"body"), (["Content-Length: 4.0"], b"body"), (["Content-Length: 4e0"], b"body"), (["Content-Length: "], b"body"),
    (["Content-Length:"], b""), (["Content-Length: 4 4"], b"body"), (["Content-Length: 4;"], b"body"), (["Content-Length: '4'"], b"body"), (["Content-Length: \"4\""], b"body"), (["Content-Length: four"], b"body"),
    (["Content-Length: 99999999999999999999"], b"body"), (["Content-Length: 18446744073709551616"], b"body"), (["Content-Length: 9223372036854775807"], b"body"), (["Content-Length: 9007199254740993"], b"body"), (["Content-Length: 18446744073709551620"], b"body"), (["Content-Length: \x0b4"], b"body"), (["Content-Length: 4\x00"], b"body"),
    (["Content-Length: \xb2"], b"bo"), (["Content-Length : 4"], b"body"), (["Content-Length\t: 4"], b"body"), ([" Content-Length: 4"], b"body"), (["Content-Length: 4", " 5"], b"body"), (["X: a", "\tb"], b""), ([" X: a"], b""),
    (["Transfer-Encoding: chunked, chunked"], CHUNKED), (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], CHUNKED), (["Transfer-Encoding: identity"], b""), (["Transfer-Encoding: gzip, chunked"], CHUNKED),
    (["Transfer-Encoding: chunked, identity"], CHUNKED), (["Transfer-Encoding: gzip"], b""), (["Transfer-Encoding: xchunked"], CHUNKED), (["Transfer-Encoding: chunkedx"], CHUNKED), (["Transfer-Encoding: \"chunked\""], CHUNKED),
    (["Transfer-Encoding: 'chunked'"], CHUNKED), (["Transfer-Encoding: chunked;q=1"], CHUNKED), (["Transfer-Encoding: chunked,"], CHUNKED), (["Transfer-Encoding: ,chunked"], CHUNKED), (["Transfer-Encoding:"], b""),
    (["Transfer-Encoding: \x0bchunked"], CHUNKED), (["Transfer-Encoding: chunked\x00"], CHUNKED), (["Transfer-Encoding : chunked"], CHUNKED), (["Transfer-Encoding\x00: chunked"], CHUNKED), (["Transfer-Encoding:", " chunked"], CHUNKED),
    (["Transfer-Encoding: chu", " nked"], CHUNKED), (["\x00Transfer-Encoding: chunked"], CHUNKED), (["Transfer-Encoding: chunked\xa0"], CHUNKED), (["Transfer-Encoding: identity", "Transfer-Encoding: chunked"], CHUNKED),
    (["Content-Length: 4", "Transfer-Encoding: identity"], b"body"), (["transfer-encoding: chunked", "content-length: 4"], CHUNKED),
    (["NoColon"], b""), ([": novalue"], b""), (["X Y: z"], b""), (["X\x00: z"], b""), (["X(: z"], b""), (["X: a\x00b"], b""), (["X: a\x01b"], b""), (["X: a\x7fb"], b""), (["X\xe9: z"], b""), (["X: a\rb"], b""), (["X: a\nb: c"], b""),
    (["X: a\n"], b""), (["X: a\r\r"], b""), (["\rX: a"], b""), (["X[]: z"], b""), (["X,Y: z"], b""), (["X;Y: z"], b""), (["\"X\": z"], b""), (["X@Y: z"], b""), (["{X}: z"], b""),
    (["Connection: " + ",".join(["x"] * 101)], b""), (["Connection: " + ",".join(["x"] * 60)] * 2, b""),
    (["Host: other.test"], b""), (["Host: gate.test"], b""), (["host: gate.test"], b""),
    (["X: " + "a" * 20_000], b""), ([f"X{n}: a" for n in range(150)], b""),
]


@pytest.mark.parametrize("lines, body", FRAMINGS, ids=lambda v: repr(v)[:60])
def test_a_head_that_can_be_read_in_two_ways_ends_the_connection_and_nothing_is_forwarded(stage, lines, body):
    with Client(stage.port()) as client:
        client.send(request(stage, *lines, body=body + SECOND))
        got = client.answer()
        assert got is not None and got.status == 400, got
        assert got.headers["connection"] == "close" and got.json["status"]["code"] == 400
        assert client.is_closed(), "what came behind is not read as a request"
    assert stage.upstream.seen == []


@pytest.mark.parametrize("host", ["", "Host:", "Host: ", "Host: a b", "Host: a/b", "Host: a@b", "Host: a:b", "Host: a:99999", "Host: [::1", "Host: a,b", "Host: a\\b", "Host: ?", "Host: a#b", "Host: \xe9", "Host : a", "Host: http://a"])
def test_a_missing_or_invalid_host_is_refused(stage, host):
    with Client(stage.port()) as client:
        client.send(request(stage, host=host))
        assert client.answer().status == 400
    assert stage.upstream.seen == []


@pytest.mark.parametrize("line", [
    "POST /api/v1/x", "POST /api/v1/x HTTP/0.9", "POST /api/v1/x HTTP/2.0", "POST /api/v1/x HTTP/1.2", "POST /api/v1/x HTTP/1.10", "POST /api/v1/x http/1.1", "POST /api/v1/x HTTP/1", "POST /api/v1/x HTTP/1.1 ",
    "POST  /api/v1/x HTTP/1.1", "POST /api/v1/x  HTTP/1.1", "POST\t/api/v1/x HTTP/1.1", "POST /api/v1/x\tHTTP/1.1", " POST /api/v1/x HTTP/1.1", "POST /api/v1/x HTTP/11", "POST /api/v1/x XTTP/1.1", "POST /api/v1/x HTTPS/1.1",
    "POST /api/v1/x HTTP/1.1\x00", "", "PRI * HTTP/2.0", "POST /a /api/v1/x HTTP/1.1", "\rPOST /api/v1/x HTTP/1.1", "HTTP/1.1 200 OK",
])
def test_a_request_line_that_is_none_is_refused(stage, line):
    with Client(stage.port()) as client:
        client.send(request(stage, line=line, body=SECOND))
        got = client.answer()
        assert got is None or got.status in (400, 405, 505), got
        assert client.is_closed()
    assert stage.upstream.seen == []


@pytest.mark.parametrize("data", [
    b"POST /api/v1/x HTTP/1.1\nHost: gate.test\nContent-Length: 0\n\n", b"POST /api/v1/x HTTP/1.1\r\nHost: gate.test\n\r\n", b"POST /api/v1/x HTTP/1.1\nHost: gate.test\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 64, b"\r\n" * 40, b"\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /api/v1/x HTTP/1.1\r\nHost: a\r\n\r\n", b"\xff" * 100, b"A" * 20_000,
], ids=lambda d: repr(d)[:30])
def test_what_is_no_request_at_all_is_refused_and_ends_the_connection(stage, data):
    with Client(stage.port()) as client:
        client.send(data)
        got = client.answer()
        assert got is None or got.status in (400, 405, 505), got
        assert client.is_closed()
    assert stage.upstream.seen == []


# Broken in the first line, and further on.
BROKEN_AT_ONCE = [
    b"4\nbody\r\n0\r\n\r\n", b"0x4\r\nbody\r\n0\r\n\r\n", b"+4\r\nbody\r\n0\r\n\r\n", b"-4\r\nbody\r\n0\r\n\r\n", b" 4\r\nbody\r\n0\r\n\r\n", b"4 \r\nbody\r\n0\r\n\r\n", b"4\t\r\nbody\r\n0\r\n\r\n",
    b"\r\n4\r\nbody\r\n0\r\n\r\n", b"g\r\nbody\r\n0\r\n\r\n", b"\r\n\r\n", b"4;\r\nbody\r\n0\r\n\r\n", b"4;a\nb\r\nbody\r\n0\r\n\r\n", b"4;a\x00\r\nbody\r\n0\r\n\r\n", b"4,5\r\nbody\r\n0\r\n\r\n",
    b"fffffffffffffffff\r\nbody", b"10000000000000004\r\nbody\r\n0\r\n\r\n", b"ffffffffffffffff\r\nbody", b"4\r\r\nbody\r\n0\r\n\r\n", b"4;" + b"a" * 2000 + b"\r\nbody\r\n0\r\n\r\n", b"\xb2\r\nbo\r\n0\r\n\r\n",
    b"4\xa0\r\nbody\r\n0\r\n\r\n", b"0_4\r\nbody\r\n0\r\n\r\n", b"0\r\nX : y\r\n\r\n", b"0\n\n", b"0\r\n X: y\r\n\r\n",
]
BROKEN_LATER = [
    b"4\r\nbody\n0\r\n\r\n", b"4\r\nbody\r\n0\n\n", b"4\r\nbodyX\r\n0\r\n\r\n", b"4\r\nbody0\r\n\r\n", b"4\r\nbody\r\n0\r\nX: y\n\r\n", b"4\r\nbody\r\n0\r\nNoColon\r\n\r\n", b"4\r\nbody\r\n0\r\nX : y\r\n\r\n",
    b"4\r\nbody\r\n0\r\n X: y\r\n\r\n", b"4\r\nbody\r\n0\r\nX: \x00\r\n\r\n", b"1;" + b"a" * 900 + b"\r\nb\r\n" + (b"1;" + b"a" * 900 + b"\r\nb\r\n") * 30 + b"0\r\n\r\n",
    b"4\r\nbody\r\n0\r\n" + b"X: y\r\n" * 3000 + b"\r\n", b"4\r\nbody\r\n0" + b"0" * 3000 + b"\r\n\r\n", b"4\r\nbody\r\n\r\n", b"4\r\nbody\r\n4 \r\nbody\r\n0\r\n\r\n", b"4\r\nbody\r\ng\r\n",
]


@pytest.mark.parametrize("chunks", BROKEN_AT_ONCE + BROKEN_LATER, ids=lambda c: repr(c)[:40])
def test_a_broken_chunked_body_never_arrives_as_a_whole_one(stage, chunks):
    with Client(stage.port()) as client:
        client.send(request(stage, "Transfer-Encoding: chunked", body=chunks + SECOND))
        got = client.answer()
        assert got is None or got.status >= 400, got
        assert client.is_closed()
    assert all(seen.path == "/api/v1/x" and not seen.is_whole for seen in stage.upstream.seen), stage.upstream.seen


SOUND = [
    (["Content-Length: 4"], b"body"), (["content-length:4"], b"body"), (["CONTENT-LENGTH: \t 4 \t"], b"body"), (["Content-Length: 0004"], b"body"), (["Transfer-Encoding: chunked"], CHUNKED), (["transfer-encoding:CHUNKED"], CHUNKED),
    (["TRANSFER-ENCODING: \t chUnked \t"], CHUNKED), (["Transfer-Encoding: chunked"], b"004\r\nbody\r\n000\r\n\r\n"), (["Transfer-Encoding: chunked"], b"1\r\nb\r\n3\r\nody\r\n0\r\n\r\n"),
    (["Transfer-Encoding: chunked"], b"4;a=b;c=\"d\"\r\nbody\r\n0;x=y\r\n\r\n"), (["Transfer-Encoding: chunked"], b"4\r\nbody\r\n0\r\nX-A: b\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n"),
    (["Transfer_Encoding: chunked", "Content-Length: 4"], b"body"), (["Content_Length: 9", "Content-Length: 4"], b"body"), (["X-Transfer-Encoding: chunked", "Content-Length: 4"], b"body"),
    (["Content-Length: 4", "Connection: Content-Length"], b"body"), (["Transfer-Encoding: chunked", "Connection: Transfer-Encoding"], CHUNKED), (["Content.Length: 9", "Content-Length: 4"], b"body"),
    (["Content-Length: 4", "X:", "Y: ", "Z:a"], b"body"),
]


@pytest.mark.parametrize("lines, body", SOUND, ids=lambda v: repr(v)[:60])
def test_a_body_arrives_once_with_one_framing_and_the_next_request_is_the_clients_next(stage, lines, body):
    with Client(stage.port()) as client:
        client.send(request(stage, *lines, body=body) + request(stage, line="GET /api/v1/second HTTP/1.1"))
        assert client.answer().status == 200
        assert client.answer().status == 200
    first, second = stage.upstream.seen
    assert (first.line, first.body, second.line) == ("POST /api/v1/x HTTP/1.1", b"body", "GET /api/v1/second HTTP/1.1")
    framing = [re.sub(r"[^a-z]", "-", name.lower()) for name, _ in first.fields]
    assert framing.count("content-length") + framing.count("transfer-encoding") == 1, first.head


@pytest.mark.parametrize("lines", [["Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Connection: keep-alive"]])
def test_chunks_of_an_http_10_client_are_refused(stage, lines):
    with Client(stage.port()) as client:
        client.send(request(stage, *lines, line="POST /api/v1/x HTTP/1.0", body=CHUNKED + SECOND))
        assert client.answer().status == 400 and client.is_closed()
    assert stage.upstream.seen == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_a_body_where_none_is_usual_is_forwarded_as_a_body_and_not_read_as_a_request(stage, method):
    with Client(stage.port()) as client:
        client.send(request(stage, f"Content-Length: {len(SECOND)}", line=f"{method} /api/v1/x HTTP/1.1", body=SECOND))
        assert client.answer(method).status == 200
        client.send(request(stage, line="GET /api/v1/next HTTP/1.1"))
        assert client.answer().status == 200
    assert [seen.path for seen in stage.upstream.seen] == ["/api/v1/x", "/api/v1/next"]
    assert stage.upstream.seen[0].body == SECOND


def test_a_body_that_was_refused_is_not_read_as_a_request(stage):
    with Client(stage.port()) as client:
        head = f"POST /api/v1/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: {len(SECOND)}\r\n\r\n".encode()
        client.send(head + SECOND + request(stage, line="GET /api/v1/next HTTP/1.1"))
        assert client.answer().status == 401
        following = client.answer()
        assert following is None or following.status == 200
    assert all(seen.path == "/api/v1/next" for seen in stage.upstream.seen)


def test_pipelined_requests_are_answered_in_order_each_by_its_own_guard(stage):
    stage.upstream.script("/api/v1/slow")(lambda seen, peer: answer(200, b"slow"))
    with Client(stage.port()) as client:
        client.send(b"".join([
            request(stage, line="GET /api/v1/slow HTTP/1.1"), request(stage, line="GET /api/v1/admin/x HTTP/1.1"), request(stage, "Content-Length: 3", body=b"abc"),
            b"GET /api/v1/x HTTP/1.1\r\nHost: a\r\n\r\n", request(stage, line="GET /users/current_user HTTP/1.1"), request(stage, line="GET /api/v1/last HTTP/1.1")]))
        assert [client.answer().status for _ in range(6)] == [200, 403, 200, 401, 200, 200]
    assert [seen.path for seen in stage.upstream.seen] == ["/api/v1/slow", "/api/v1/x", "/api/v1/last"]


def test_a_head_in_single_bytes_is_read_as_one_in_a_piece(stage):
    with Client(stage.port()) as client:
        for byte in request(stage, "Content-Length: 4", body=b"body"):
            client.socket.sendall(bytes([byte]))
        assert client.answer().status == 200
    assert stage.upstream.only.body == b"body"


@pytest.mark.parametrize("value", ["200-ok", "100-continue, x", "", "100-continue\x00"])
def test_other_expectations_are_refused_and_not_forwarded(stage, value):
    with Client(stage.port()) as client:
        client.send(request(stage, "Content-Length: 4", f"Expect: {value}", body=b"body"))
        assert client.answer().status in (400, 417)
    assert stage.upstream.seen == []
