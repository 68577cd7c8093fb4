"""A database that restarts, stays away, or is replaced by its standby, under load on two instances."""
import contextlib
import http.client
import select
import socket
import threading
import time

import pytest

import postgres
from conftest import DIALECTS
from faults import PASSWORD, is_unavailable, until
from fleet import LONG, Fleet, Kept, together

AWAY = 30 if LONG else 3


class Registering(threading.Thread):
    """Registers without end, and remembers what was answered."""

    def __init__(self, server, stem):
        super().__init__(daemon=True)
        self.server, self.stem, self.stopping = server, stem, False
        self.registered, self.strange, self.unavailable, self.slowest, self.last = [], [], 0, 0, 0

    def run(self):
        number = 0
        while not self.stopping:
            number += 1
            address, begun = f"{self.stem}-{number}@example.com", time.monotonic()
            try:
                answer = self.server.register(address, timeout=20)
            except (OSError, http.client.HTTPException) as error:
                self.strange.append(repr(error))
                continue
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if answer.status == 200:
                self.registered.append(address)
                self.last = time.monotonic()
            elif is_unavailable(answer):
                self.unavailable += 1
                time.sleep(0.02)
            else:
                self.strange.append(repr(answer))


@contextlib.contextmanager
def registering(fleet, count=3):
    threads = [Registering(instance, f"{stem}{n}") for stem, instance in zip("ab", fleet.instances) for n in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.stopping = True
        for thread in threads:
            thread.join(60)


def recovered(threads, since):
    """How long after that moment every client was served again."""
    until(lambda: all(t.last > since for t in threads), 20, "everybody is served again")
    return max(t.last for t in threads) - since


def check(fleet, threads):
    """Whoever was answered is there, nobody twice, and nothing strange was said."""
    assert [s for t in threads for s in t.strange] == []
    promised = {address for t in threads for address in t.registered}
    found = fleet.ask("SELECT email FROM accounts").split()
    assert len(promised) > 10
    assert promised <= set(found), f"lost: {promised - set(found)}"
    assert len(found) == len(set(found))
    for address in sorted(promised)[:: max(1, len(promised) // 6)]:
        assert fleet[0].log_in(address).status == 200
        assert fleet[1].log_in(address).status == 200
    assert all(instance.lives for instance in fleet.instances)


@pytest.mark.parametrize("away", [0, AWAY])
def test_a_database_that_restarts_loses_nothing_that_was_answered(tmp_path, away):
    cluster = postgres.Cluster(POSTGRES_FSYNC="on")
    try:
        with Fleet(tmp_path, url=cluster.url()) as fleet:
            fleet.ask = lambda sql: cluster.ask(sql)
            with registering(fleet) as threads:
                until(lambda: all(len(t.registered) >= 3 for t in threads), 30, "registrations")
                cluster.run("stop 0")
                time.sleep(away)
                if away:
                    assert all(t.unavailable for t in threads), "503 in the dialect's shape meanwhile"
                    assert fleet[0].manage("/readyz").status == 503
                cluster.run("start 0")
                span = recovered(threads, time.monotonic())
                until(lambda: all(fleet[n].manage("/readyz").text == "ready\n" for n in (0, 1)), 10, "ready")
            print(f"away {away} s: served again after {span:.2f} s, the slowest answer took {max(t.slowest for t in threads):.2f} s")
            assert span < 5
            check(fleet, threads)
    finally:
        cluster.end()


def test_a_standby_that_takes_over_is_found_without_help(tmp_path):
    cluster = postgres.Cluster()
    try:
        cluster.run("standby 1")
        # What is answered is on the standby, too.
        cluster.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        cluster.ask("SELECT pg_reload_conf()")
        url = f"postgresql://dragoman@/dragoman?host={cluster.folder},{cluster.folder}&port=5432,5433&target_session_attrs=read-write"
        with Fleet(tmp_path, url=url) as fleet:
            fleet.ask = lambda sql: cluster.ask(sql, url)
            token = fleet[0].account("before@example.com")
            with registering(fleet) as threads:
                until(lambda: all(len(t.registered) >= 3 for t in threads), 30, "registrations")
                cluster.run("stop 0")
                time.sleep(0.5)
                cluster.run("promote 1")
                cluster.ask("ALTER SYSTEM RESET synchronous_standby_names", cluster.url(port=5433))
                cluster.ask("SELECT pg_reload_conf()", cluster.url(port=5433))
                span = recovered(threads, time.monotonic())
            print(f"failover: served again after {span:.2f} s, the slowest answer took {max(t.slowest for t in threads):.2f} s")
            assert span < 5
            assert fleet[1].ask_who(token).status == 200
            check(fleet, threads)
            assert fleet[0].log_out(token).status == 200
            until(lambda: fleet[1].ask_who(token).status == 401, 1, "the feed follows the new server")
    finally:
        cluster.end()


# How each API is asked to sign somebody in, and what it says when it cannot.
SIGNING_IN = {
    "xpay": ("/v1/auth/login", {"email": "ann@example.com", "password": PASSWORD}),
    "rsa-jwt": ("/api/auth/login", {"identifier": "ann@example.com", "password": PASSWORD}),
    "aethermind": ("/api/auth/login", {"email": "ann@example.com", "password": PASSWORD}),
    "servitech": ("/auth/login", {"email": "ann@example.com", "password": PASSWORD}),
    "devise": ("/users/sign_in", {"user": {"email": "ann@example.com", "password": PASSWORD}}),
}


class Wire:
    """A network between us and the server that can lose everything from one moment on, without a word to either side."""

    def __init__(self, port):
        self.target, self.loses, self.listener = port, False, socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._carry, args=(self.listener.accept()[0],), daemon=True).start()

    def _carry(self, near):
        with near, contextlib.suppress(OSError):
            if self.loses:
                return self._forget(near)
            with socket.create_connection(("127.0.0.1", self.target)) as far:
                while True:
                    for end in select.select([near, far], [], [], 0.02)[0]:
                        if self.loses:
                            continue
                        if not (some := end.recv(65536)):
                            return
                        (far if end is near else near).sendall(some)
                    if self.loses:
                        # Also when it is mended: nobody between remembers this connection any more.
                        return self._forget(near, far)

    def _forget(self, *ends):
        while not self.listener._closed:
            time.sleep(0.05)

    def end(self):
        self.listener.close()


@contextlib.contextmanager
def stopped():
    """The server stands still, and its connections stay open."""
    cluster = postgres.Cluster()
    try:
        yield cluster.url(), lambda: cluster.run("pause 0"), lambda: cluster.run("resume 0"), cluster
    finally:
        cluster.end()


@contextlib.contextmanager
def unreachable():
    """What is sent is lost; later it is not, but what was open stays lost."""
    cluster = postgres.Cluster(POSTGRES_TLS="1")
    wire = Wire(cluster.port)
    try:
        yield (
            cluster.network(wire.port, sslmode="verify-full", sslrootcert=f"{cluster.folder}/tls/ca.crt"),
            lambda: setattr(wire, "loses", True), lambda: setattr(wire, "loses", False), cluster)
    finally:
        wire.end()
        cluster.end()


@pytest.mark.parametrize("hanging", [stopped, unreachable])
def test_a_server_that_hangs_is_told_within_two_seconds_by_every_api(tmp_path, hanging):
    def timed(ask):
        begun = time.monotonic()
        answer = ask()
        return answer, time.monotonic() - begun

    def sign_in(number):
        name = DIALECTS[number // 2 % len(DIALECTS)]
        path, body = SIGNING_IN[name]
        return name, *timed(lambda: fleet[number % 2].call(name, "POST", path, body))

    with hanging() as (url, hang, go_on, cluster), Fleet(tmp_path, DIALECTS, url) as fleet:
        token = fleet[0].account("known@example.com")
        kept = [Kept(instance) for instance in fleet.instances]
        until(lambda: all(one.who(token) == 200 for one in kept), 5, "both know who it is")
        shapes = {name: fleet[0].call(name, "GET", "/no/such/path").json.keys() for name in DIALECTS}
        assert {sign_in(n)[1].status for n in range(10)} <= {400, 401}
        hang()
        begun = time.monotonic()
        first = together(20, sign_in)
        later = together(20, sign_in)
        for name, answer, took in first + later:
            assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1, (name, answer)
            assert shapes[name] & answer.json.keys(), f"the shape of {name}: {answer}"
        assert all(is_unavailable(answer) for name, answer, _ in first if name == "devise")
        waits = [max(took for _, _, took in answers) for answers in (first, later)]
        assert waits[0] < 2.5 and waits[1] < 0.5, [sorted((took, name) for name, _, took in answers) for answers in (first, later)]
        for instance in fleet.instances:
            ready, took = timed(lambda: instance.manage("/readyz"))
            assert ready.status == 503 and took < 2.5
            assert instance.manage("/healthz").status == 200
        # Nobody passes on what was remembered when others can no longer be heard.
        assert time.monotonic() - begun > 1.1
        assert [one.who(token) for one in kept] == [503, 503]
        time.sleep(AWAY)
        go_on()
        mended = time.monotonic()
        until(lambda: all(one.who(token) == 200 for one in kept), 10, "served again")
        served = time.monotonic() - mended
        until(lambda: all(fleet[n].manage("/readyz").text == "ready\n" for n in (0, 1)), 10, "ready")
        ready = time.monotonic() - mended
        # Connections that were open before must not cost anybody anything; a busy machine may take a moment for new ones.
        until(lambda: {answer.status for _, answer, _ in together(20, sign_in)} <= {400, 401}, 5, "everybody is served")
        print(f"{hanging.__name__}: 503 after {waits[0]:.2f} s at most, then {waits[1]:.3f} s; served again after {served:.2f} s, ready {ready:.2f} s")
        assert served < 5
        fleet[1].account("new@example.com")
        assert all(instance.lives for instance in fleet.instances)
        assert cluster.ask("SELECT count(*) FROM accounts WHERE email = 'new@example.com'") == "1"
