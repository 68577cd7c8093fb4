"""Who may pass a guard, who is told what, and what the upstream learns of the caller."""
import json
import socket
import threading
import time

import pytest

from conftest import PASSWORD, Stage, free_port
from peers import Client, Upstream, abort, answer, ask, wait_for

# Spellings of an identity field that some server takes for the field itself.
SPELLINGS = [
    "X-Dragoman-Account", "x-dragoman-account", "X-DRAGOMAN-ACCOUNT", "x-Dragoman-aCCount", "X_Dragoman_Account", "X_DRAGOMAN_ACCOUNT", "x-dragoman_account",
    "x_dragoman-account", "X.Dragoman.Account", "x!dragoman!account", "x~dragoman~account", "x*dragoman*account", "X-Dragoman_Role", "X-Dragoman-Email",
    "X_Dragoman_Role", "x-dragoman-role", "X-Dragoman-Serial", "X-Dragoman-Realm", "X-Dragoman-Plan", "X-Dragoman-Usage-Limit", "X-Dragoman-Language",
    "X-Dragoman-Anything-Else", "X-Dragoman-", "X+Dragoman+Account", "X|Dragoman|Account", "X^Dragoman`Account", "X'Dragoman'Account", "X#Dragoman#Account",
]


def test_a_signed_in_caller_passes_and_the_upstream_learns_who_it_is(stage):
    got = ask(stage.port(), "GET", "/api/v1/campaigns?sort=new&x=%2F..%2f", headers=stage.bearer())
    assert got.status == 200 and got.json["upstream"] == "app"
    seen = stage.upstream.only
    assert seen.line == "GET /api/v1/campaigns?sort=new&x=%2F..%2f HTTP/1.1"
    assert seen.identity == {"account": "1", "serial": "1", "email": "user@example.com", "role": "visitor", "realm": "devise"}
    assert seen.value("authorization") == stage.bearer()["Authorization"], "an upstream that checks the same token keeps working"
    assert seen.value("host") == f"127.0.0.1:{stage.upstream.port}"
    assert seen.value("x-forwarded-host") == "gate.test" and seen.value("x-forwarded-proto") == "http"
    assert seen.value("x-forwarded-for") == "127.0.0.1" and seen.value("x-real-ip") == "127.0.0.1"
    assert seen.value("x-forwarded-port") == str(stage.port())


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_every_method_passes_with_its_body(stage, method):
    body = b"" if method in ("GET", "HEAD", "OPTIONS") else b'{"a":"\xc3\xa9\x00"}'
    got = ask(stage.port(), method, "/api/v1/campaigns/7", body, {**stage.bearer(), "Content-Type": "application/json"})
    assert got.status == 200
    assert stage.upstream.only.method == method and stage.upstream.only.body == body
    assert stage.upstream.only.value("content-type") == "application/json"


@pytest.mark.parametrize("headers, words", [
    ({}, "Authentication required. Please provide a valid token."),
    ({"Authorization": "Bearer a.b.c"}, None), ({"Authorization": "Bearer"}, None), ({"Authorization": "Basic dTpw"}, None),
    ({"X-API-Key": "aethermind_" + "0" * 64}, "Authentication required. Please provide a valid token."),
    ([("Authorization", "Bearer a.b.c"), ("Authorization", "Bearer a.b.d")], None),
], ids=["nothing", "no token", "empty", "another scheme", "a key", "two tokens"])
def test_whoever_is_not_signed_in_is_told_so_by_devise_and_nothing_is_forwarded(stage, headers, words):
    got = ask(stage.port(), "GET", "/api/v1/campaigns", headers=headers)
    assert got.status == 401 and got.json["status"]["code"] == 401
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert words is None or got.json["status"]["message"] == words
    assert stage.upstream.seen == []


def test_two_tokens_of_which_one_is_good_pass_nobody(stage):
    good = stage.bearer()["Authorization"]
    for pair in ([good, "Bearer a.b.c"], ["Bearer a.b.c", good], [good, good], [f"{good}, Bearer x"], [f"Basic x, {good}"]):
        got = ask(stage.port(), "GET", "/api/v1/campaigns", headers=[("Authorization", value) for value in pair])
        assert got.status == 401, f"{pair}: {got}"
    assert stage.upstream.seen == []


def test_a_token_in_the_query_a_cookie_or_a_form_counts_for_nothing(stage):
    token = stage.token()
    for target, headers, body in [
        (f"/api/v1/x?access_token={token}", {}, b""), (f"/api/v1/x?token={token}", {}, b""), ("/api/v1/x", {"Cookie": f"token={token}; Authorization=Bearer%20{token}"}, b""),
        ("/api/v1/x", {"Content-Type": "application/x-www-form-urlencoded"}, f"access_token={token}".encode()), ("/api/v1/x", {"X-Authorization": f"Bearer {token}"}, b""),
        ("/api/v1/x", {"Proxy-Authorization": f"Bearer {token}"}, b""), ("/api/v1/x", {"Authorization_": f"Bearer {token}"}, b""),
    ]:
        assert ask(stage.port(), "POST" if body else "GET", target, body, headers).status == 401
    assert stage.upstream.seen == []


@pytest.mark.parametrize("path", ["/api/v1/admin", "/api/v1/admin/", "/api/v1/admin/users/7", "/api/v1/users/admin_dashboard", "/api/v1/users/analytics"])
def test_devise_lets_only_admins_and_backadmins_into_the_admins_part(stage, path):
    got = ask(stage.port(), "GET", path, headers=stage.bearer())
    assert got.status == 403 and got.json == {"status": {"code": 403, "message": "Forbidden"}}
    assert ask(stage.port(), "GET", path).status == 401
    assert stage.upstream.seen == []
    for role in ("admin", "backadmin"):
        assert ask(stage.port(), "GET", path, headers=stage.bearer(role=role)).status == 200
    assert [seen.identity["role"] for seen in stage.upstream.seen] == ["admin", "backadmin"]


@pytest.mark.parametrize("path", ["/api/v1/users/admin_dashboard/", "/api/v1/users/analytics/"])
def test_a_slash_at_the_end_of_an_admins_path_opens_nothing(stage, path):
    assert ask(stage.port(), "GET", path, headers=stage.bearer()).status in (403, 404)
    assert stage.upstream.seen == []


@pytest.mark.parametrize("path", ["/api/v1/Admin", "/api/v1/ADMIN/users", "/api/v1/users/Admin_Dashboard", "/api/v1/users/ANALYTICS.json", "/api/v1/Users/analytics/", "/api/v1/users/admin_dashboar%44"])
def test_another_letter_case_of_an_admins_path_opens_nothing(stage, path):
    assert ask(stage.port(), "GET", path, headers=stage.bearer()).status == 403
    assert ask(stage.port(), "GET", path).status == 401
    assert stage.upstream.seen == []
    assert ask(stage.port(), "GET", path, headers=stage.bearer(role="admin")).status == 200
    assert stage.upstream.only.target == path.replace("%44", "D"), "the very path that was judged"


@pytest.mark.parametrize("fields, status", [
    ({"X-Original-URI": "/articles/7"}, 400), ({"X-Original-URI": "/articles/7", "X-Forwarded-Method": "POST"}, 400), ({"X-Forwarded-Uri": "/articles/7"}, 400),
    ({"X-Forwarded-Uri": "/articles/7", "X-Original-Method": "POST"}, 400), ({"X-Forwarded-Uri": "/articles/7", "X-Forwarded-Method": "GET", "X-Original-Method": "GET"}, 400),
    ({"X-Original-URI": "/articles/7", "X-Original-Method": "POST"}, 401), ({"X-Original-URI": "/articles/7", "X-Original-Method": "GET"}, 200),
])
def test_another_proxy_that_names_no_method_is_told_so(stage, fields, status):
    assert ask(stage.port("servitech"), "POST", "/_dragoman/authorize", headers=fields).status == status


@pytest.mark.parametrize("prefix", ["", "/api/v1", "/en", "/es", "/api/v1/en", "/api/v1/es"])
def test_servitech_keeps_categories_and_repairs_for_admins_under_every_prefix(stage, prefix):
    port = stage.port("servitech")
    for path in ("/category", "/category/", "/category/7/x", "/repair-request", "/repair-request/1"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            got = ask(port, method, prefix + path)
            assert got.status == 401 and got.json["status"] == 401, f"{method} {prefix}{path}: {got}"
            for role in ("user", "employee"):
                got = ask(port, method, prefix + path, headers=stage.bearer("servitech", role))
                assert got.status == 403 and got.json["status"] == 403, f"{method} {prefix}{path} by a {role}: {got}"
        assert stage.upstream.seen == []
        got = ask(port, "POST", prefix + path, b"{}", {**stage.bearer("servitech", "admin"), "Content-Type": "application/json"})
        assert got.status == 200
        assert stage.upstream.only.target == prefix + path and stage.upstream.only.identity["role"] == "admin"
        stage.upstream.reset()


@pytest.mark.parametrize("prefix", ["", "/api/v1", "/en", "/es", "/api/v1/en", "/api/v1/es"])
def test_servitech_lets_anybody_read_articles_and_only_admins_write_them(stage, prefix):
    port = stage.port("servitech")
    assert ask(port, "GET", prefix + "/articles/phones").status == 200
    assert stage.upstream.only.identity == {}, "nobody signed in: nobody is told of"
    stage.upstream.reset()
    for method in ("POST", "PUT", "DELETE"):
        assert ask(port, method, prefix + "/articles/7").status == 401
        assert ask(port, method, prefix + "/articles/7", headers=stage.bearer("servitech")).status == 403
    assert ask(port, "PATCH", prefix + "/articles/7", headers=stage.bearer("servitech", "admin")).status == 405
    assert stage.upstream.seen == []
    assert ask(port, "DELETE", prefix + "/articles/7", headers=stage.bearer("servitech", "admin")).status == 200


def test_servitech_words_its_refusals_in_the_language_asked_for_and_tells_the_upstream_of_it(stage):
    port, user = stage.port("servitech"), stage.bearer("servitech")
    english = ask(port, "GET", "/category", headers={**user, "Accept-Language": "en"}).json["message"]
    spanish = ask(port, "GET", "/category", headers={**user, "Accept-Language": "es"}).json["message"]
    assert english == "User does not have the right roles." and spanish != english
    assert ask(port, "GET", "/es/category", headers=user).json["message"] == spanish
    assert ask(port, "GET", "/support-request", headers={**user, "Accept-Language": "es"}).status == 200
    assert stage.upstream.only.identity["language"] == "es"


def test_xpay_passes_keys_of_the_old_backend_unjudged_and_its_own_tokens_judged(stage):
    port = stage.port("xpay")
    for headers in ({"X-API-Key": "sk_live_51abc"}, {"X-API-Key": "pk_sandbox_1"}, {"X-API-Key": "xpay_live_9"}, {"Authorization": "Bearer sk_sandbox_2"}):
        got = ask(port, "POST", "/v1/payments", b'{"amount":1}', {**headers, "X-Dragoman-Account": "1", "X-Dragoman-Role": "admin"})
        assert got.status == 200, f"{headers}: {got}"
        seen = stage.upstream.only
        assert seen.identity == {}, "whose key it is, only the upstream knows"
        assert [seen.value(name) for name in headers] == list(headers.values())
        stage.upstream.reset()
    assert ask(port, "GET", "/v1/payments/7", headers=stage.bearer("xpay")).status == 200
    assert stage.upstream.only.identity["email"] == "user@example.com"


def test_xpay_refuses_other_keys_and_foreign_keys_where_only_tokens_count(stage):
    port = stage.port("xpay")
    for path, headers in [
        ("/v1/payments/7", {}), ("/v1/payments/7", {"X-API-Key": "sk_other_1"}), ("/v1/payments/7", {"Authorization": "Bearer a.b.c"}),
        ("/v1/developer/webhooks", {"X-API-Key": "sk_live_1"}), ("/v1/developer/webhooks", {"Authorization": "Bearer sk_live_1"}),
        ("/v1/api/merchants/m/payments/7", {"Authorization": f"Bearer {stage.token('xpay')}"}),
        ("/v1/payments/7", [("X-API-Key", "sk_live_1"), ("X-API-Key", "sk_live_2")]),
    ]:
        got = ask(port, "GET", path, headers=headers)
        assert got.status == 401 and got.json["success"] is False, f"{path} {headers}: {got}"
    assert stage.upstream.seen == []


class TestAethermind:
    @pytest.fixture
    def person(self, stage, request):
        answer = stage.server.call("aethermind", "POST", "/api/auth/signup", {"email": f"{abs(hash(request.node.name))}@example.com", "password": "correct horse 1"})
        assert answer.status == 201, answer
        return {"token": answer.json["token"], "key": answer.json["user"]["apiKey"], "id": answer.json["user"]["id"]}

    def test_a_token_or_an_api_key_passes(self, stage, person):
        port = stage.port("aethermind")
        for headers in ({"Authorization": f"Bearer {person['token']}"}, {"X-API-Key": person["key"]}, {"x-api-key": person["key"]}):
            assert ask(port, "GET", "/api/agents", headers=headers).status == 200
            identity = stage.upstream.only.identity
            assert identity["account"] == person["id"] and identity["plan"] == "free" and identity["usage-limit"] == "100"
            stage.upstream.reset()

    def test_who_may_not_pass_is_told_in_its_words(self, stage, person):
        port = stage.port("aethermind")
        for headers, status, words in [
            ({}, 401, "Missing or invalid authorization header"), ({"Authorization": "Bearer a.b.c"}, 401, "Invalid token"),
            ({"X-API-Key": "aethermind_" + "0" * 64}, 403, "Invalid API key"), ({"X-API-Key": person["key"][:-1]}, 403, "Invalid API key"),
            ({"X-API-Key": person["key"].upper()}, 403, "Invalid API key"),
        ]:
            got = ask(port, "GET", "/api/agents", headers=headers)
            assert (got.status, got.json["error"]) == (status, words), f"{headers}: {got}"
        for target in (f"/api/agents?api_key={person['key']}", f"/api/agents?X-API-Key={person['key']}"):
            assert ask(port, "GET", target).status == 401, "a key is never taken from an address"
        assert stage.upstream.seen == []

    def test_a_hundred_executions_pass_and_the_next_is_told_that_the_plan_is_used_up(self, stage, person):
        with Client(stage.port("aethermind")) as client:
            for number in range(100):
                headers = {"X-API-Key": person["key"]} if number % 2 else {"Authorization": f"Bearer {person['token']}"}
                path = "/api/agents/7/execute" if number % 3 else "/api/workflows/daily/execute"
                assert client.ask("POST", path, b"{}", headers).status == 200
                assert stage.upstream.seen[-1].identity["usage"] == str(number), "what was used before this one"
            got = client.ask("POST", "/api/agents/7/execute", b"{}", {"X-API-Key": person["key"]})
            assert got.status == 429 and got.json["error"] == "Usage limit exceeded" and got.json["current"] == got.json["limit"] == 100
            assert client.ask("GET", "/api/agents/7", headers={"X-API-Key": person["key"]}).status == 200, "nothing else counts"
        assert len(stage.upstream.seen) == 101

    def test_what_failed_behind_the_gate_is_given_back(self, stage, person):
        stage.upstream.scripts["/api/agents/7/execute"] = answer(500, b"{}")
        key = {"X-API-Key": person["key"]}
        for _ in range(5):
            assert ask(stage.port("aethermind"), "POST", "/api/agents/7/execute", b"{}", key).status == 500
        wait_for(lambda: self.uses(stage, person) == 0, what="the count of uses")


    ENDINGS = ["the client closes", "the client resets", "the client closes its half", "the upstream is too slow", "the upstream breaks off", "the upstream breaks off within its answer"]

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_what_went_to_the_backend_counts_however_it_ends(self, stage, person, ending):
        over = threading.Event()

        @stage.upstream.script("/api/agents/7/execute")
        def hang(seen, peer):
            if ending.endswith("within its answer"):
                peer.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            if "breaks off" not in ending:
                assert peer.is_closed(10)
            over.set()

        client = Client(stage.port("aethermind"))
        client.send(f"POST /api/agents/7/execute HTTP/1.1\r\nHost: a\r\nX-API-Key: {person['key']}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        wait_for(lambda: stage.upstream.seen, what="the request")
        {"the client closes": client.socket.close, "the client resets": lambda: abort(client.socket),
         "the client closes its half": lambda: client.socket.shutdown(socket.SHUT_WR)}.get(ending, lambda: None)()
        assert over.wait(10)
        client.socket.close()
        # What would be given back would be so by now.
        time.sleep(0.3)
        assert self.uses(stage, person) == 1

    def test_what_never_reached_a_backend_is_given_back(self, tmp_path):
        stage = Stage(tmp_path, {"aethermind": "aethermind"}, f"'http://127.0.0.1:{free_port()}'")
        try:
            answer = stage.server.call("aethermind", "POST", "/api/auth/signup", {"email": "x@example.com", "password": "correct horse 1"})
            person = {"token": answer.json["token"], "key": answer.json["user"]["apiKey"]}
            for _ in range(3):
                assert ask(stage.port("aethermind"), "POST", "/api/agents/7/execute", b"{}", {"X-API-Key": person["key"]}).status == 502
            wait_for(lambda: self.uses(stage, person) == 0, what="the count of uses")
        finally:
            assert stage.server.stop() == 0

    @pytest.mark.parametrize("path", ["/api/agents/7/EXECUTE", "/api/agents/7/Execute/", "/api/Agents/7/execute", "/api/agents/7/%65xecute"])
    def test_an_execution_counts_in_every_spelling_that_is_forwarded(self, stage, person, path):
        status = ask(stage.port("aethermind"), "POST", path, b"{}", {"X-API-Key": person["key"]}).status
        assert status == (404 if "Agents" in path else 200)
        assert self.uses(stage, person) == len(stage.upstream.seen) == (status == 200)

    @staticmethod
    def uses(stage, person):
        return ask(stage.port("aethermind"), "GET", "/api/auth/me", headers={"Authorization": f"Bearer {person['token']}"}).json["usageCount"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_what_a_client_says_of_itself_is_gone_in_every_spelling(stage, name):
    mine = {"account": "1", "serial": "1", "email": "user@example.com", "role": "visitor", "realm": "devise"}
    got = ask(stage.port(), "GET", "/api/v1/campaigns", headers=[*stage.bearer().items(), (name, "evil"), (name, "evil too")])
    assert got.status in (200, 400)
    if got.status == 200:
        assert stage.upstream.only.identity == mine
        assert "evil" not in stage.upstream.only.head.decode()


def test_identity_of_nobody_is_gone_too_where_anybody_may_pass(stage):
    for name in SPELLINGS:
        assert ask(stage.port("servitech"), "GET", "/articles", headers=[(name, "evil")]).status in (200, 400), name
    for seen in stage.upstream.seen:
        assert seen.identity == {} and "evil" not in seen.head.decode()


@pytest.mark.parametrize("listed", [
    "X-Dragoman-Account", "x-dragoman-account, X-Dragoman-Role", "close, X-Dragoman-Account", "X-Dragoman-Account,Authorization,Host,X-Forwarded-For,X-Real-IP,Content-Length",
    "keep-alive, , X-Dragoman-Email", "Transfer-Encoding, Content-Type",
])
def test_fields_that_connection_lists_take_nothing_of_ours_away(stage, listed):
    got = ask(stage.port(), "POST", "/api/v1/x", b"body", {**stage.bearer(), "Connection": listed, "X-Dragoman-Account": "7"})
    assert got.status == 200
    seen = stage.upstream.only
    assert seen.identity == {"account": "1", "serial": "1", "email": "user@example.com", "role": "visitor", "realm": "devise"}
    assert seen.value("host") and seen.value("x-forwarded-for") == "127.0.0.1" and seen.value("x-real-ip") == "127.0.0.1"
    assert seen.body == b"body" and seen.values("connection") == []


def test_hop_by_hop_fields_stay_on_their_hop(stage):
    hop = {"Keep-Alive": "timeout=5", "Proxy-Connection": "keep-alive", "Proxy-Authorization": "x", "TE": "trailers", "Trailer": "X-A", "Upgrade": "h2c", "HTTP2-Settings": "AA",
           "Connection": "X-Mine, Upgrade", "X-Mine": "1", "X-Kept": "2"}
    assert ask(stage.port(), "GET", "/api/v1/x", headers={**stage.bearer(), **hop}).status == 200
    seen = stage.upstream.only
    for name in hop:
        assert seen.values(name) == (["2"] if name == "X-Kept" else []), name


def test_identity_in_trailers_goes_no_further(stage):
    with Client(stage.port()) as client:
        client.send(f"POST /api/v1/x HTTP/1.1\r\nHost: a\r\nAuthorization: {stage.bearer()['Authorization']}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Dragoman-Account\r\n\r\n"
                    "4\r\nbody\r\n0\r\nX-Dragoman-Account: 7\r\nX_Dragoman_Role: admin\r\nAuthorization: x\r\n\r\n".encode())
        assert client.answer().status == 200
    seen = stage.upstream.only
    assert seen.body == b"body" and seen.trailers == [] and seen.identity["account"] == "1"


@pytest.mark.parametrize("name", [
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-User", "Forwarded",
    "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X_Forwarded_For", "x_real_ip", "X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "X_HTTP_Method_Override", "Proxy", "PROXY",
])
def test_what_a_stranger_says_of_addresses_and_methods_is_dropped_or_written_anew(stage, name):
    assert ask(stage.port(), "GET", "/api/v1/x", headers={**stage.bearer(), name: "evil"}).status == 200
    assert "evil" not in stage.upstream.only.head.decode()


@pytest.mark.parametrize("name", ["X-Original-URI", "X-Original-Method"])
def test_names_of_requests_that_only_proxies_write_are_dropped_too(stage, name):
    assert ask(stage.port(), "GET", "/api/v1/x", headers={**stage.bearer(), name: "evil"}).status == 200
    assert "evil" not in stage.upstream.only.head.decode()


def test_a_method_named_in_a_field_or_a_form_is_not_the_one_that_is_judged(stage):
    port = stage.port("servitech")
    for headers, target in [({"X-HTTP-Method-Override": "DELETE"}, "/articles/7"), ({}, "/articles/7?_method=DELETE")]:
        assert ask(port, "GET", target, headers=headers).status == 200
        assert stage.upstream.only.method == "GET" and not stage.upstream.only.values("x-http-method-override")
        stage.upstream.reset()
    got = ask(port, "POST", "/articles/7", b"_method=GET", {"Content-Type": "application/x-www-form-urlencoded"})
    assert got.status == 401 and stage.upstream.seen == []


def test_what_no_guard_knows_is_not_forwarded(stage):
    for name, paths in {
        "devise": ["/", "/api", "/api/v2/x", "/api/v1x", "/API/v1/x", "/rails/info", "/.env"], "servitech": ["/", "/admin", "/categoryx", "/articles/a/b/c", "/fr/category", "/es/es/category"],
        "aethermind": ["/", "/api", "/api/agentsx", "/ws/x", "/api/admin"], "xpay": ["/", "/v1", "/v1/payments/7/x", "/v1/admin", "/v1/api/merchants"],
    }.items():
        for path in paths:
            got = ask(stage.port(name), "GET", path, headers=stage.bearer(name, "user"))
            assert got.status in (302, 307, 308, 404, 405), f"{name} {path}: {got}"
            assert got.status < 400 or got.headers["content-type"] == "application/json; charset=utf-8"
    assert stage.upstream.seen == []


def test_redirects_of_the_upstream_are_the_clients_to_follow(stage):
    stage.upstream.scripts["/api/v1/old"] = answer(302, b"", [("Location", f"http://127.0.0.1:{stage.upstream.port}/api/v1/new")], "Found")
    got = ask(stage.port(), "GET", "/api/v1/old", headers=stage.bearer())
    assert got.status == 302 and got.headers["location"].endswith("/api/v1/new")
    assert len(stage.upstream.seen) == 1


def test_an_upstreams_answer_comes_without_its_hop_and_without_the_gateways_own_fields(stage):
    stage.upstream.scripts["/api/v1/x"] = answer(418, b"tea", [
        ("Connection", "keep-alive"), ("Keep-Alive", "timeout=9"), ("Proxy-Authenticate", "Basic"), ("Upgrade", "h2c"), ("Trailer", "X"), ("TE", "x"),
        ("X-Dragoman-Account", "7"), ("X_Dragoman_Role", "admin"), ("Access-Control-Allow-Origin", "*"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("ETag", '"x"'),
        ("Date", "Mon, 01 Jan 2024 00:00:00 GMT"), ("Server", "old/1.0"), ("WWW-Authenticate", 'Bearer realm="x"')], "I'm a teapot")
    got = ask(stage.port(), "GET", "/api/v1/x", headers={**stage.bearer(), "Origin": "http://localhost:3000"})
    assert (got.status, got.body) == (418, b"tea")
    for name in ("keep-alive", "proxy-authenticate", "upgrade", "trailer", "te", "x-dragoman-account", "x_dragoman_role", "connection"):
        assert got.values(name) == [], name
    assert got.values("set-cookie") == ["a=1", "b=2"] and got.values("date") == ["Mon, 01 Jan 2024 00:00:00 GMT"]
    assert got.values("access-control-allow-origin") == ["http://localhost:3000"], "the dialect's to say"
    assert got.headers["www-authenticate"] == 'Bearer realm="x"'


@pytest.mark.parametrize("listed", ["X-Mine", "x-mine, keep-alive", "keep-alive ,\tX-Mine", ", ,X-MINE,"])
def test_what_an_upstream_lists_in_connection_stays_on_its_hop(stage, listed):
    stage.upstream.scripts["/api/v1/x"] = answer(200, b"", [("X-Mine", "1"), ("Connection", listed), ("X-Mine", "2")])
    assert ask(stage.port(), "GET", "/api/v1/x", headers=stage.bearer()).values("x-mine") == []


def test_a_preflight_is_answered_here_and_other_questions_of_options_pass(stage):
    pre = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"}
    got = ask(stage.port(), "OPTIONS", "/api/v1/x", headers=pre)
    assert got.status in (200, 204) and got.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert stage.upstream.seen == []
    assert ask(stage.port(), "OPTIONS", "/api/v1/x", headers=stage.bearer()).status == 200
    assert stage.upstream.only.method == "OPTIONS"


def test_pass_and_refusal_are_told_apart_when_asked_by_turns_on_one_connection(stage):
    with Client(stage.port()) as client:
        for _ in range(20):
            assert client.ask("GET", "/api/v1/admin/x", headers=stage.bearer()).status == 403
            assert client.ask("GET", "/api/v1/admin/x", headers=stage.bearer(role="admin")).status == 200
            assert client.ask("GET", "/api/v1/admin/x").status == 401
            assert client.ask("GET", "/api/v1/x", headers=stage.bearer()).status == 200
    assert [seen.identity["role"] for seen in stage.upstream.seen] == ["admin", "visitor"] * 20
    assert all(json.dumps(seen.identity) for seen in stage.upstream.seen)


def test_a_question_about_another_applications_path_is_not_answered_by_a_guard_of_this_one(tmp_path):
    upstream = Upstream()
    stage = Stage(tmp_path, {"devise": "devise"}, f"'{upstream.url}'", more={"devise": ["prefix: /shop"]})
    try:
        answer = stage.server.call("devise", "POST", "/shop/users/sign_in", {"user": {"email": "user@example.com", "password": PASSWORD}})
        bearer = {"Authorization": f"Bearer {answer.json['data']['token']}"}
        for path, status in [("/shop/api/v1/x", 200), ("/api/v1/x", 403), ("/shopx/api/v1/x", 403), ("/other/shop/api/v1/x", 403)]:
            named = {"X-Original-URI": path, "X-Original-Method": "GET"}
            assert ask(stage.port(), "GET", "/shop/_dragoman/authorize", headers={**bearer, **named}).status == status, path
            assert ask(stage.port(), "GET", f"/shop/_dragoman/authorize{path}", headers=bearer).status == status, path
        assert ask(stage.port(), "GET", "/_dragoman/authorize/shop/api/v1/x", headers=bearer).status == 404
    finally:
        stage.server.stop()
        upstream.close()
