"""Limits are counted over all instances: within a moment, in one window, and by each alone when the database is away."""
import statistics
import time

import postgres
from faults import until
from fleet import Fleet, together, turns

# Counts travel five times a second; on a busy machine they take a little longer.
MOMENT = 1
PERSON = {"email": "ann@example.com", "password": "a long sentence 1"}
ENTRIES = [
    ("/api/auth/signup", PERSON), ("/api/auth/login", PERSON), ("/api/auth/reset-request", {"email": "ann@example.com"})]


def test_five_over_signup_login_and_reset_are_five_over_both(tmp_path):
    with Fleet(tmp_path, ["aethermind"], settings={"aethermind": "auth-limit: 5"}) as fleet:
        told, moments = [], []
        for number in range(9):
            path, body = ENTRIES[number % 3]
            told.append(fleet[number % 2].call("aethermind", "POST", path, body))
            moments.append(time.monotonic())
            time.sleep(MOMENT)
        assert [a.status == 429 for a in told] == [False] * 5 + [True] * 4, [a.status for a in told]
        assert [int(a.headers["ratelimit-remaining"]) for a in told] == [4, 3, 2, 1, 0, 0, 0, 0, 0]
        ends = [int(a.headers["ratelimit-reset"]) + moment for moment, a in zip(moments, told)]
        assert max(ends) - min(ends) <= 2, ends
        assert int(told[-1].headers["retry-after"]) > 800


def test_who_spent_it_on_one_is_refused_by_the_other_and_by_one_that_starts_anew(tmp_path):
    with fleet_of(tmp_path, "entries: 5, window: 1h") as fleet:
        assert [enter(fleet[0]) for _ in range(5)] == [202] * 5
        begun = time.monotonic()
        # Asks nothing that is counted until it may know.
        until(lambda: fleet[0].count("SELECT coalesce(max(hits), 0) FROM request_counts") == 5, 3, "it is brought")
        print(f"brought after {(time.monotonic() - begun) * 1000:.0f} ms")
        time.sleep(MOMENT / 2)
        assert enter(fleet[1]) == 429
        fleet[1].stop()
        fleet[1].start()
        time.sleep(MOMENT / 2)
        assert enter(fleet[1]) == 429
        assert fleet[0].call("turns", "GET", "/me").status == 401, "what is not limited is not"


def test_a_burst_on_both_at_once_ends_on_both_within_a_moment(tmp_path):
    with fleet_of(tmp_path, "entries: 5, window: 1h") as fleet:
        statuses = together(40, lambda n: enter(fleet[n % 2]))
        passed = sum(s != 429 for s in statuses)
        print(f"{passed} of 40 at once passed a limit of 5")
        assert 5 <= passed <= 10, "no more than each alone lets in"
        time.sleep(MOMENT)
        assert [enter(fleet[n % 2]) for n in range(4)] == [429] * 4


def test_how_soon_the_other_refuses(tmp_path):
    with fleet_of(tmp_path, "entries: 50, window: 1h") as fleet:
        spans = []
        for caller in range(1, 41):
            # At any moment between two journeys of the counts.
            time.sleep(0.005 * (caller % 40))
            for _ in range(50):
                assert enter(fleet[0], caller) == 202
            begun, passed = time.monotonic(), 0
            while enter(fleet[1], caller) == 202:
                passed += 1
                time.sleep(0.01)
            assert passed < 50, "it refused by itself"
            spans.append(time.monotonic() - begun)
        print(f"refused by the other: median {statistics.median(spans) * 1000:.0f} ms, longest {max(spans) * 1000:.0f} ms")
        assert statistics.median(spans) < MOMENT / 2 and max(spans) < 2 * MOMENT


def test_the_window_ends_for_both_at_the_same_time(tmp_path):
    with fleet_of(tmp_path, "entries: 5, window: 6s") as fleet:
        for _ in range(2):
            begun = time.monotonic()
            assert [enter(fleet[0]) for _ in range(5)] == [202] * 5
            time.sleep(3)
            # Its first request comes when half of the window is over.
            assert enter(fleet[1]) == 429
            until(lambda: enter(fleet[1]) == 202, 6, "the window ends")
            assert 5.8 < time.monotonic() - begun < 6.5
            assert enter(fleet[0]) == 202
            time.sleep(6.5)


def test_without_the_database_each_limits_by_itself_and_afterwards_all_together(tmp_path):
    cluster = postgres.Cluster()
    try:
        with fleet_of(tmp_path, "entries: 5, window: 1h", url=cluster.url()) as fleet:
            cluster.run("stop 0")
            for instance in fleet.instances:
                until(lambda: "limits are counted by this instance alone" in instance.told, 10, "it is told")
            assert [enter(fleet[0]) for _ in range(7)] == [503] * 5 + [429] * 2
            assert enter(fleet[1]) == 503
            cluster.run("start 0")
            for instance in fleet.instances:
                until(lambda: "limits are counted together again" in instance.told, 10, "it is told")
            time.sleep(MOMENT)
            assert enter(fleet[1]) == 429 and enter(fleet[0]) == 429
    finally:
        cluster.end()


def test_hundreds_of_callers_are_counted_by_two_that_share_them(tmp_path):
    with fleet_of(tmp_path, "entries: 5, window: 1h") as fleet:
        ask = lambda n, caller: enter(fleet[n], caller)
        for number in range(3):
            together(8, lambda n: [ask((number + n) % 2, caller) for caller in range(n, 200, 8)])
        until(lambda: fleet[0].count("SELECT sum(hits) FROM request_counts") == 600, 5, "all are brought")
        assert fleet[0].count("SELECT count(*) FROM request_counts WHERE hits = 3") == 200
        time.sleep(MOMENT)
        for answer in (202, 202, 429, 429):
            assert {ask(n, caller) for n, caller in ((0, 0), (1, 199))} == {answer}


def fleet_of(folder, settings, **more):
    return Fleet(
        folder, ["turns"], shelf=turns(folder), settings={"turns": settings}, extra="trusted-proxies: [127.0.0.1]\n", **more)


def enter(instance, caller=1):
    return instance.call("turns", "POST", "/reset", {"email": "nobody@example.com"}, {"X-Forwarded-For": f"198.51.100.{caller}"}).status
