"""A database that restarts, stays away, or is replaced by its standby, under load on two instances."""
import contextlib
import http.client
import threading
import time

import pytest

import postgres
from faults import is_unavailable, until
from fleet import LONG, Fleet

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
