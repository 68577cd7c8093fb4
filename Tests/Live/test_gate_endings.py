"""Sign-out, suspension and deletion end a caller at its next request, however often it was let pass before."""
import contextlib
import threading
import time

import pytest

from peers import Client, ask, wait_for
from test_gate_streams import UPGRADE, frame, switch

# A caller that is known by heart: the same bytes over the same connection.
WARM = 30
# How long a change made by another process may take to be known.
OTHERS = 1.0


def doors(token):
    """Questions that are answered from memory once they were asked: at a guard, of the dialect's own, and as another proxy asks."""
    bearer = {"Authorization": f"Bearer {token}"}
    return {
        "guard": ("/api/v1/x", bearer), "who am I": ("/users/current_user", bearer), "authorize by the path": ("/_dragoman/authorize/api/v1/x", bearer),
        "authorize as nginx asks": ("/_dragoman/authorize", {**bearer, "X-Original-URI": "/api/v1/x", "X-Original-Method": "POST"}),
        "authorize as Caddy asks": ("/_dragoman/authorize", {**bearer, "X-Forwarded-Uri": "/api/v1/x", "X-Forwarded-Method": "GET"}),
    }


def statuses(clients, token):
    return {name: clients[name].ask("GET", *_arguments(door)).status for name, door in doors(token).items()}


def _arguments(door):
    path, headers = door
    return path, b"", headers


@pytest.fixture
def warm(stage, request):
    """An account whose token has opened every door many times, on connections that stay."""
    email = f"ending{abs(hash(request.node.name)) % 10**12}@example.com"
    token = stage.sign_up(email)
    clients = {name: Client(stage.port()) for name in doors(token)}
    for _ in range(WARM):
        assert set(statuses(clients, token).values()) == {200}
    yield email, token, clients
    for client in clients.values():
        client.socket.close()


def refused(clients, token):
    got = statuses(clients, token)
    return all(status == 401 for status in got.values())


def test_signing_out_ends_a_warm_caller_at_its_very_next_request(stage, warm):
    email, token, clients = warm
    forwarded = len(stage.upstream.seen)
    assert ask(stage.port(), "DELETE", "/users/sign_out", headers={"Authorization": f"Bearer {token}"}).status == 200
    assert refused(clients, token)
    assert len(stage.upstream.seen) == forwarded
    other = stage.sign_in("devise", email)
    assert set(statuses(clients, other).values()) == {200}, "another session of the account is another"


def test_signing_out_on_the_same_connection_ends_what_is_pipelined_behind_it(stage):
    token = stage.sign_up("pipelined@example.com")
    head = f"Host: a\r\nAuthorization: Bearer {token}\r\n\r\n"
    with Client(stage.port()) as client:
        for _ in range(WARM):
            assert client.ask("GET", "/api/v1/x", headers={"Authorization": f"Bearer {token}"}).status == 200
        stage.upstream.seen.clear()
        client.send(f"GET /api/v1/x HTTP/1.1\r\n{head}DELETE /users/sign_out HTTP/1.1\r\n{head}GET /api/v1/x HTTP/1.1\r\n{head}GET /users/current_user HTTP/1.1\r\n{head}".encode())
        assert [client.answer().status for _ in range(4)] == [200, 200, 401, 401]
    assert len(stage.upstream.seen) == 1


def test_a_change_of_password_ends_the_other_sessions_and_spares_the_one_that_made_it(stage, warm):
    email, token, clients = warm
    other = stage.sign_in("devise", email)
    change = {"user": {"password": "another horse 2", "password_confirmation": "another horse 2", "current_password": "correct horse 1"}}
    assert stage.server.call("devise", "PUT", "/users", change, {"Authorization": f"Bearer {other}"}).status == 200
    assert refused(clients, token)
    assert set(statuses(clients, other).values()) == {200}


@pytest.mark.parametrize("command", ["suspend", "delete"])
def test_what_an_operator_does_to_an_account_ends_its_warm_callers(stage, warm, command):
    email, token, clients = warm
    stage.server.operate("account", command, email, "--frontend", "devise")
    done = time.monotonic()
    wait_for(lambda: refused(clients, token), OTHERS, f"the end of the callers after `account {command}`")
    print(f"account {command}: every door shut {1000 * (time.monotonic() - done):.0f} ms after the command had ended")
    for _ in range(20):
        assert refused(clients, token), "and they stay shut"


def test_a_suspended_account_that_is_resumed_signs_in_anew(stage, warm):
    email, token, clients = warm
    stage.server.operate("account", "suspend", email, "--frontend", "devise")
    wait_for(lambda: refused(clients, token), OTHERS, "the end of the callers")
    stage.server.operate("account", "resume", email, "--frontend", "devise")
    time.sleep(OTHERS)
    token = stage.sign_in("devise", email)
    assert set(statuses(clients, token).values()) == {200}


@pytest.fixture
def sockets(stage):
    """Opens a WebSocket for a token."""
    stage.upstream.scripts["/api/v1/cable"] = stage.upstream.scripts["/api/v1/admin/cable"] = switch
    opened = []

    def open_socket(token, path="/api/v1/cable"):
        client = Client(stage.port())
        opened.append(client)
        client.send("\r\n".join([f"GET {path} HTTP/1.1", "Host: gate.test", *UPGRADE, f"Authorization: Bearer {token}", "", ""]).encode())
        assert client.answer().status == 101
        return client

    yield open_socket
    for client in opened:
        client.socket.close()


def echoes(client):
    said = frame(b"hello")
    client.send(said)
    return client.reader.exactly(len(said)) == said


@pytest.mark.parametrize("ending", ["sign-out", "suspend", "delete"])
def test_a_websocket_ends_with_what_let_it_in_and_others_stay_open(stage, sockets, ending):
    email, bystander = f"socket-{ending}@example.com", f"by-{ending}@example.com"
    token, other = stage.sign_up(email), stage.sign_up(bystander)
    mine, second, theirs = sockets(token), sockets(token), sockets(other)
    upstreams = [seen.peer for seen in stage.upstream.seen]
    assert echoes(mine) and echoes(second) and echoes(theirs)
    if ending == "sign-out":
        assert ask(stage.port(), "DELETE", "/users/sign_out", headers={"Authorization": f"Bearer {token}"}).status == 200
    else:
        stage.server.operate("account", ending, email, "--frontend", "devise")
    done = time.monotonic()
    # At most a second until the change is known and a second until the next look.
    assert mine.is_closed(3) and second.is_closed(3)
    print(f"{ending}: closed after {1000 * (time.monotonic() - done):.0f} ms")
    wait_for(lambda: all(peer.socket.fileno() == -1 for peer in upstreams[:2]), 2, "the end of the upstream's connections")
    for _ in range(3):
        time.sleep(0.5)
        assert echoes(theirs), "what happens to others ends nothing"


@pytest.mark.parametrize("ending", ["sign-out", "suspend", "delete", "role"])
def test_an_event_stream_ends_with_what_let_it_in_and_others_go_on(stage, ending):
    path = "/api/v1/admin/events" if ending == "role" else "/api/v1/events"

    @stage.upstream.script(path)
    def say(seen, peer):
        peer.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        while not over.wait(0.1):
            peer.socket.sendall(b"data: 1\n\n")

    over = threading.Event()
    email, bystander = f"events-{ending}@example.com", f"by-events-{ending}@example.com"
    tokens = [stage.sign_up(email), stage.sign_up(bystander)]
    for name in (email, bystander):
        if ending == "role":
            stage.server.operate("account", "role", name, "admin", "--frontend", "devise")
    time.sleep(OTHERS)
    mine, theirs = Client(stage.port()), Client(stage.port())
    with mine, theirs:
        for client, token in zip((mine, theirs), tokens):
            # One that has ended before, on the same connection, changes nothing.
            assert client.ask("GET", "/api/v1/x", headers={"Authorization": f"Bearer {token}"}).status == 200
            client.send(f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
            client.socket.settimeout(5)
            assert b"data: 1" in client.socket.recv(1000) + client.socket.recv(1000)
        if ending == "sign-out":
            assert ask(stage.port(), "DELETE", "/users/sign_out", headers={"Authorization": f"Bearer {tokens[0]}"}).status == 200
        else:
            stage.server.operate("account", ending, email, *(["visitor"] if ending == "role" else []), "--frontend", "devise")
        # At most a second until the change is known and a second until the next look.
        end = time.monotonic() + 3
        with contextlib.suppress(ConnectionError):
            while mine.socket.recv(1000):
                assert time.monotonic() < end, "events still come"
        for _ in range(10):
            assert b"data: 1" in theirs.socket.recv(1000), "what happens to others ends nothing"
    over.set()


def test_a_websocket_of_admins_ends_with_the_role(stage, sockets):
    email = "socket-admin@example.com"
    token = stage.sign_up(email)
    stage.server.operate("account", "role", email, "admin", "--frontend", "devise")
    time.sleep(OTHERS)
    mine, plain = sockets(token, "/api/v1/admin/cable"), sockets(token)
    stage.server.operate("account", "role", email, "backadmin", "--frontend", "devise")
    time.sleep(2.5)
    assert echoes(mine), "another role that may pass as well"
    stage.server.operate("account", "role", email, "visitor", "--frontend", "devise")
    assert mine.is_closed(3)
    assert echoes(plain), "it may still pass here"


def test_a_role_that_is_taken_away_opens_no_door_any_more(stage):
    email = "demoted@example.com"
    token = stage.sign_up(email)
    bearer = {"Authorization": f"Bearer {token}"}
    with Client(stage.port()) as client:
        for role, status in (("admin", 200), ("visitor", 403), ("backadmin", 200), ("visitor", 403)):
            stage.server.operate("account", "role", email, role, "--frontend", "devise")
            for path in ("/api/v1/admin/x", "/_dragoman/authorize/api/v1/admin/x"):
                wait_for(lambda: client.ask("GET", path, headers=bearer).status == status, OTHERS, f"{status} at {path} for a {role}")
                for _ in range(WARM):
                    assert client.ask("GET", path, headers=bearer).status == status
            wait_for(lambda: client.ask("GET", "/api/v1/x", headers=bearer).status == 200 and stage.upstream.seen[-1].identity["role"] == role, OTHERS, "the new role in the upstream's field")


def test_signing_out_wins_against_a_storm_of_requests(stage):
    for number in range(5):
        token = stage.sign_up(f"storm{number}@example.com")
        bearer = {"Authorization": f"Bearer {token}"}
        over, late = threading.Event(), []

        def storm(path):
            with Client(stage.port()) as client:
                while True:
                    asked_after = over.is_set()
                    status = client.ask("GET", path, headers=bearer).status
                    if asked_after:
                        late.append(status)
                        if len(late) > 200:
                            return

        threads = [threading.Thread(target=storm, args=[path]) for path in ("/api/v1/x", "/users/current_user", "/_dragoman/authorize/api/v1/x") * 2]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        assert ask(stage.port(), "DELETE", "/users/sign_out", headers=bearer).status == 200
        over.set()
        for thread in threads:
            thread.join()
        assert set(late) == {401}, f"{late.count(200)} of {len(late)} requests passed after the sign-out was answered"


def test_a_key_that_is_rotated_opens_nothing_any_more(stage):
    made = stage.server.call("aethermind", "POST", "/api/auth/signup", {"email": "rotated@example.com", "password": "correct horse 1"}).json
    key, port = {"X-API-Key": made["user"]["apiKey"]}, stage.port("aethermind")
    with Client(port) as client:
        for _ in range(WARM):
            assert client.ask("GET", "/api/agents", headers=key).status == 200
        got = stage.server.call("aethermind", "POST", "/api/auth/regenerate-api-key", {}, {"Authorization": f"Bearer {made['token']}"})
        assert got.status == 200, got
        assert client.ask("GET", "/api/agents", headers=key).status == 403


@pytest.mark.parametrize("path", ["/api/v1/x", "/_dragoman/authorize/api/v1/x", "/users/current_user"])
def test_what_was_remembered_is_for_its_own_bytes_alone(stage, path):
    mine, hers = stage.bearer(), stage.bearer(role="admin")
    with Client(stage.port()) as client:
        for _ in range(WARM):
            assert client.ask("GET", path, headers=mine).status == 200
        token = mine["Authorization"]
        for changed in (token[:-1], token + "A", token[:-6] + "AAAAAA", token.replace(".", "..", 1), "Bearer " + token.split(".")[0] + "." + hers["Authorization"].split(".")[1] + "." + token.split(".")[2]):
            assert client.ask("GET", path, headers={"Authorization": changed}).status == 401, changed
        first = client.ask("GET", path, headers=mine)
        other = client.ask("GET", path, headers=hers)
        assert first.status == other.status == 200
        if path == "/api/v1/x":
            assert [seen.identity["account"] for seen in stage.upstream.seen[-2:]] == ["1", "2"]
