"""Bad input of any kind gets the dialect's own clear 4xx, never a 5xx, and harms nothing."""
import base64
import hashlib
import hmac
import json
import time

import pytest

from conftest import DIALECTS
from peers import Client

# Per dialect: a public route with a body, its good body, a protected route, and the top-level keys of a failure.
DOORS = {
    "xpay": ("POST", "/v1/auth/register", {"email": "a@example.com", "password": "correct horse 1", "full_name": "A", "phone": "+250788123456"}, "/v1/developer/profile", ["success", "message", "error", "error_code"]),
    "rsa-jwt": ("POST", "/api/auth/register", {"first_name": "John", "last_name": "Doe", "dob": "1995-05-15", "address": "x", "gender": "male", "nationality": "USA", "email": "a@example.com", "username": "johndoe", "phone_number": "+19876543210", "password": "John@123456", "password_confirmation": "John@123456"}, "/api/get-profile", ["success", "message"]),
    "aethermind": ("POST", "/api/auth/signup", {"email": "a@example.com", "password": "correct horse 1"}, "/api/auth/me", ["error"]),
    "servitech": ("POST", "/auth/register", {"name": "Ana", "phone": "8888888888", "email": "a@example.com", "password": "correct horse", "password_confirmation": "correct horse"}, "/user/profile", ["status", "message", "errors"]),
    "devise": ("POST", "/users", {"user": {"email": "a@example.com", "password": "correct horse", "role": "investor"}}, "/users/current_user", ["status"]),
}


def refused(answer, dialect, detail=""):
    assert 400 <= answer.status < 500, f"{dialect} {detail}: {answer}"
    assert answer.headers["content-type"] == "application/json; charset=utf-8", f"{dialect} {detail}: {answer.headers}"
    keys = list(answer.json)
    wanted = DOORS[dialect][4]
    assert keys[: len(wanted)] == wanted, f"{dialect} {detail}: {answer}"


def fields(dialect):
    body = DOORS[dialect][2]
    return body["user"] if "user" in body else body


def with_field(dialect, name, value):
    body = {**fields(dialect), name: value}
    return {"user": body} if dialect == "devise" else body


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b'"x"', b"null", b"{}", b'{"a":1,}', b'{"a":01}', b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"a":"\x00"}', b'{"user":{"email":"a\\u0000"}}',
    b'{"user":' * 70 + b"1" + b"}" * 70, b"[" * 100_000, b'{"email":"a@example.com","email":"b@example.com"}',
    b'{"user":{"email":"a@example.com","email":"b@example.com"}}', b"{" + b",".join(b'"k%d":1' % i for i in range(1200)) + b"}", b"a=b&c=%zz", b"\x00" * 100,
], ids=lambda b: repr(b[:24]))
def test_malformed_bodies_are_refused_in_the_dialects_shape(server, dialect, body):
    method, path = DOORS[dialect][:2]
    refused(server.call(dialect, method, path, body, {"Content-Type": "application/json"}), dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("value", [5, 1.5, True, [], ["a@example.com"], {}, {"a": 1}, "x" * 100_000, "a\u0000b"], ids=lambda v: repr(v)[:20])
def test_wrong_types_in_every_field_never_break(server, dialect, value):
    method, path = DOORS[dialect][:2]
    for name in fields(dialect):
        answer = server.call(dialect, method, path, with_field(dialect, name, value))
        if answer.status in (200, 201):
            # An optional field that the contract ignores when it cannot be read.
            assert name in ("role", "phone"), f"{dialect} {name}={value!r:.40}: {answer}"
            continue
        refused(answer, dialect, f"{name}={value!r:.40}")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_body_over_the_limit_is_413_in_the_dialects_shape(server, dialect):
    method, path = DOORS[dialect][:2]
    answer = server.call(dialect, method, path, b'{"a":"' + b"x" * (1 << 20) + b'"}', {"Content-Type": "application/json"})
    assert answer.status == 413
    refused(answer, dialect)


def test_a_refusal_reaches_a_client_that_sends_its_large_body_to_the_end(server):
    method, path = DOORS["devise"][:2]
    size, piece = 3 << 20, bytes(64 << 10)
    with Client(server.ports["devise"]) as client:
        client.send(f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode())
        for _ in range(size // len(piece)):
            client.socket.sendall(piece)
            time.sleep(0.01)
        assert client.answer().status == 413
        assert client.is_closed()


# Marks in the wrong order, raw and escaped; three that are only made of marks; and no letter at all.
PILES = ["a" + "\u0301\u0323" * 40_000, "a" + "\\u0301\\u0323" * 20_000, "a" + "\u0f73\u0f71" * 30_000, "\u0f81\u0323\u0344" * 30_000]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("pile", PILES, ids=["raw", "escaped", "starters", "bare"])
def test_marks_piled_on_a_letter_are_refused_and_cost_no_time(server, dialect, pile):
    method, path, *_ = DOORS[dialect]
    first = next(iter(fields(dialect)))
    started = server.seconds()
    for text in (f'{{"{pile}":1}}', f'{{"user":{{"{pile}":1}}}}', f'{{"{first}":"{pile}"}}', f'{{"user":{{"{first}":"{pile}"}}}}'):
        refused(server.call(dialect, method, path, text.encode(), {"Content-Type": "application/json"}), dialect)
    for text in (f"{pile}=1", f"{first}={pile}", f"user[{first}]={pile}"):
        refused(server.call(dialect, method, path, text.encode(), {"Content-Type": "application/x-www-form-urlencoded"}), dialect)
    header = base64.urlsafe_b64encode(f'{{"alg":"HS256","{pile[:4000]}":1}}'.encode()).rstrip(b"=").decode()[:12_000]
    refused(server.call(dialect, "GET", DOORS[dialect][3], headers={"Authorization": f"Bearer {header}.e30.AAAA"}), dialect)
    # A backslash between marks goes when a quoted value is read.
    apart = "".join(f"\\{mark}" for mark in "a" + "\u0301\u0323" * 1200)
    for name, value in (("Accept", f'text/html;q="{apart}"'), ("Content-Type", f'application/json;charset="{apart}"'), ("Accept-Language", f'en;q="{apart}"')):
        server.call(dialect, method, path, b"{}", {"Content-Type": "application/json", name: value.encode()})
    part = f'--b\r\nContent-Disposition: form-data; name="{apart[:3000]}"\r\n\r\nx\r\n'
    server.call(dialect, method, path, (part * 100 + "--b--\r\n").encode(), {"Content-Type": "multipart/form-data; boundary=b"})
    assert server.seconds() - started < 2, "of CPU"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_unknown_paths_and_methods_are_told_in_the_dialects_shape(server, dialect):
    refused(server.call(dialect, "GET", "/definitely/not/here"), dialect)
    method, path = DOORS[dialect][:2]
    answer = server.call(dialect, "PATCH" if dialect != "devise" else "GET", path)
    assert answer.status == 405 and method in answer.headers["allow"]
    refused(answer, dialect)


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tokens_that_are_not_ours_are_refused(server, dialect):
    claims = encoded({"sub": "1", "userId": "c" + "0" * 24, "user_id": "1", "email": "a@b", "role": "admin", "type": "access", "iat": 1, "exp": 99999999999})
    forged = hmac.new(b"secret", f"{encoded({'alg': 'HS256'})}.{claims}".encode(), hashlib.sha256).digest()
    tokens = [
        "", "x", "a.b", "a.b.c", "a.b.c.d", "." * 5000, "a" * 7000, f"{encoded({'alg': 'none'})}.{claims}.", f"{encoded({'alg': 'None'})}.{claims}.AA",
        f"{encoded({'alg': 'HS256'})}.{claims}.{base64.urlsafe_b64encode(forged).rstrip(b'=').decode()}", f"{encoded({'alg': 'RS256'})}.{claims}.AAAA",
        f"{encoded({'alg': 'HS256', 'crit': ['x'], 'x': 1})}.{claims}.AAAA", f"{encoded({'alg': 'HS256', 'jku': 'http://127.0.0.1:1/'})}.{claims}.AAAA",
    ]
    for token in tokens:
        answer = server.call(dialect, "GET", DOORS[dialect][3], headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 401, f"{dialect} {token[:40]}: {answer}"
        refused(answer, dialect, token[:40])


def test_a_token_of_one_frontend_is_foreign_to_the_others(server):
    person = {"user": {"email": "foreign@example.com", "password": "correct horse"}}
    server.call("devise", "POST", "/users", person)
    token = server.call("devise", "POST", "/users/sign_in", person).json["data"]["token"]
    for dialect in ("xpay", "aethermind", "servitech", "rsa-jwt"):
        answer = server.call(dialect, "GET", DOORS[dialect][3], headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 401, f"{dialect}: {answer}"


def test_passwords_over_72_bytes_count_whole(server):
    long = "p" * 80
    for dialect, register, login, shape in [
        ("devise", "/users", "/users/sign_in", lambda e, p: {"user": {"email": e, "password": p}}),
        ("aethermind", "/api/auth/signup", "/api/auth/login", lambda e, p: {"email": e, "password": p}),
    ]:
        made = server.call(dialect, "POST", register, shape("long@example.com", long + "1"))
        assert made.status in (200, 201), made
        assert server.call(dialect, "POST", login, shape("long@example.com", long + "2")).status == 401
        assert server.call(dialect, "POST", login, shape("long@example.com", long)).status == 401
        assert server.call(dialect, "POST", login, shape("long@example.com", long + "1")).status == 200
