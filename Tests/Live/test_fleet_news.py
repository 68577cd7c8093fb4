"""What ends on one instance has ended on all, within a second and mostly at once."""
import signal
import statistics
import time

import postgres
import pytest

from faults import until
from fleet import LONG, Fleet, Kept, Load, seconds_until_refused

SAMPLES = 50


def test_a_sign_out_on_one_instance_is_one_on_the_other(fleet):
    first, second = fleet[0], fleet[1]
    first.account("ann@example.com")
    tokens = [first.token("ann@example.com") for _ in range(SAMPLES)]
    idle = first.account("load@example.com")
    kept, spans = Kept(second), []
    until(lambda: ready(second) == "ready\n", 5, "it hears")
    with Load(fleet.instances, idle):
        for token in tokens:
            # Warm: it is answered from memory on this very connection.
            assert [kept.who(token) for _ in range(3)] == [200] * 3
            assert first.log_out(token).status == 200
            assert first.ask_who(token).status == 401, "at once where it ended"
            spans.append(seconds_until_refused(kept, token))
    print(f"sign-out on the other instance: median {statistics.median(spans) * 1000:.0f} ms, longest {max(spans) * 1000:.0f} ms")
    assert statistics.median(spans) < 0.2 and max(spans) < 1


def test_an_operators_suspension_and_deletion_end_what_every_instance_remembers(fleet):
    kept = [Kept(instance) for instance in fleet.instances]
    for command, address in (("suspend", "ben@example.com"), ("delete", "eve@example.com")):
        token = fleet[0].account(address)
        assert [one.who(token) for one in kept * 3] == [200] * 6
        fleet[1].operate("account", command, address)
        for one in kept:
            assert seconds_until_refused(one, token) < 1


def test_an_account_that_is_deleted_on_one_instance_is_gone_on_the_other(fleet):
    token = fleet[0].account("kim@example.com")
    kept = Kept(fleet[1])
    assert kept.who(token) == 200
    assert fleet[0].call("devise", "DELETE", "/users", headers={"Authorization": f"Bearer {token}"}).status in (200, 204)
    assert seconds_until_refused(kept, token) < 1


def test_an_instance_that_hears_nothing_asks_the_store_and_says_so(tmp_path):
    cluster = postgres.Cluster()
    try:
        with Fleet(tmp_path, url=cluster.url()) as fleet:
            token = fleet[0].account("ann@example.com")
            kept = Kept(fleet[1])
            assert kept.who(token) == 200
            # Its feed can ask no more; its requests can.
            cluster.ask("ALTER TABLE changes RENAME TO unheard")
            until(lambda: "deaf" in ready(fleet[1]), 5, "it is deaf")
            assert kept.who(token) == 200, "it asks the store"
            cluster.ask("UPDATE sessions SET ended_at = created_at")
            assert kept.who(token) == 401, "at once, though nobody told it"
            cluster.ask("ALTER TABLE unheard RENAME TO changes")
            until(lambda: ready(fleet[1]) == "ready\n", 5, "it hears again")
            assert "other instances are not heard" in fleet[1].told and "other instances are heard again" in fleet[1].told
    finally:
        cluster.end()


def test_no_ended_session_passes_while_the_database_hangs(tmp_path):
    cluster = postgres.Cluster()
    try:
        with Fleet(tmp_path, url=cluster.url()) as fleet:
            token = fleet[0].account("ann@example.com")
            kept = Kept(fleet[1])
            assert kept.who(token) == 200
            cluster.run("pause 0")
            # For a second what it remembers counts; then it asks, and nobody answers.
            status, span = until(lambda: (s := kept.who(token)) != 200 and s, 12, "it passes nobody")
            assert status == 503
            cluster.run("resume 0")
            until(lambda: kept.who(token) == 200, 12, "it is back")
    finally:
        cluster.end()


@pytest.mark.skipif(not LONG, reason="takes more than a minute: DRAGOMAN_LONG=1")
def test_an_instance_that_was_stopped_for_longer_than_news_are_kept_trusts_nothing_of_before(fleet):
    token = fleet[0].account("ann@example.com")
    kept = Kept(fleet[1])
    assert [kept.who(token) for _ in range(3)] == [200] * 3
    fleet[1].process.send_signal(signal.SIGSTOP)
    fleet[0].operate("account", "suspend", "ann@example.com")
    # As pruning would after ten minutes.
    time.sleep(1)
    postgres.ask("DELETE FROM changes", fleet[0].database)
    time.sleep(61)
    fleet[1].process.send_signal(signal.SIGCONT)
    assert seconds_until_refused(kept, token) < 1


def ready(server):
    return server.manage("/readyz").text
