"""A wall clock that jumps, forth and back, while the server runs."""
import datetime
import re
import time

import pytest

from faults import FORWARDED, Clock, Subject, full_only, until

HOUR, DAY = 3600, 86_400


def seconds_until(year, month, day):
    return datetime.datetime(year, month, day, tzinfo=datetime.UTC).timestamp() - time.time()


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def server(tmp_path, clock):
    subject = Subject(tmp_path, extra=FORWARDED)
    with subject.start(clock.environment):
        yield subject
        assert subject.lives
        clock.set(0)
        assert subject.stop() == 0


def test_whatever_the_clock_says_accounts_sign_in_and_nothing_runs_hot(server, clock):
    server.account("owner@example.com")
    for shift in (30, -30, HOUR, -HOUR, 400 * DAY, seconds_until(2038, 1, 19), seconds_until(2100, 1, 1), 0):
        clock.set(shift)
        token = server.token("owner@example.com")
        assert server.ask_who(token).status == 200, f"at {shift:+.0f} s"
        assert server.manage("/readyz", timeout=3).status == 200
        before, begun = server.cpu, time.monotonic()
        time.sleep(0.4)
        share = (server.cpu - before) / (time.monotonic() - begun)
        assert share < 0.5, f"at {shift:+.0f} s an idle server takes {share:.0%} of a core"


def test_tokens_end_by_the_clock_and_what_was_ended_never_lives_again(server, clock):
    lasting, ended = server.account("owner@example.com"), server.token("owner@example.com")
    assert server.log_out(ended).status == 200
    for shift in (0, 30, -30, 1790, -HOUR, 1810, 400 * DAY, 0):
        clock.set(shift)
        assert server.ask_who(ended).status == 401, f"an ended session lives again at {shift:+d} s"
        if shift > 1800:
            assert server.ask_who(lasting).status == 401, f"a token outlives its half hour at {shift:+d} s"
        elif 0 <= shift:
            assert server.ask_who(lasting).status in (200, 401), shift


def test_links_end_exactly_and_are_good_once_however_the_clock_goes(server, clock):
    server.account("owner@example.com")
    confirmation = re.search(r"confirmation_token=(\S+)", server.mail("owner@example.com")).group(1)

    def confirm():
        return server.call("devise", "GET", f"/users/confirmation?confirmation_token={confirmation}").status

    clock.set(3 * DAY + 5)
    assert confirm() == 422, "a link outlives its three days"
    clock.set(3 * DAY - 60)
    assert confirm() == 200
    assert confirm() == 200, "mail scanners follow links too"
    clock.set(3 * DAY + 600)
    assert confirm() == 422, "a used link is good again"

    clock.set(0)
    assert server.call("devise", "POST", "/users/password", {"user": {"email": "owner@example.com"}}).status == 200
    reset = re.search(r"reset_password_token=(\S+)", server.mail("owner@example.com", 2)).group(1)

    def replace(password):
        return server.call("devise", "PUT", "/users/password", {"user": {
            "reset_password_token": reset, "password": password, "password_confirmation": password}}).status

    clock.set(6 * HOUR + 5)
    assert replace("another horse") == 422, "a link outlives its six hours"
    clock.set(6 * HOUR - 60)
    assert replace("another horse") == 200
    for shift in (0, -HOUR, 6 * HOUR - 30):
        clock.set(shift)
        assert replace("a third horse") == 422, "a used link is good again"
    clock.set(0)
    server.token("owner@example.com", "another horse")


def wrong_guesses(server, address, count):
    """Statuses of that many wrong logins."""
    return [server.log_in(address, "wrong").status for _ in range(count)]


def test_a_clock_that_is_set_back_gives_no_more_guesses(server, clock):
    server.account("owner@example.com")
    clock.set(HOUR)
    assert wrong_guesses(server, "owner@example.com", 6) == [401] * 6
    clock.set(0)
    assert wrong_guesses(server, "owner@example.com", 5).count(401) <= 4, "ten wrong guesses in all"
    assert server.log_in("owner@example.com").status == 429


def test_a_clock_that_is_set_back_makes_no_lock_longer_than_twice_its_time(server, clock):
    server.account("owner@example.com")
    clock.set(HOUR)
    wrong_guesses(server, "owner@example.com", 11)
    locked = server.log_in("owner@example.com")
    assert locked.status == 429 and int(locked.headers["retry-after"]) <= 900, locked
    clock.set(0)
    again = server.log_in("owner@example.com")
    assert again.status == 200 or int(again.headers["retry-after"]) <= 1800, f"locked for {again.headers['retry-after']} s more"
    clock.set(1801)
    assert server.log_in("owner@example.com").status == 200


def test_a_clock_that_is_set_back_holds_no_mail_up(server, clock):
    assert server.register("first@example.com").status == 200
    server.mail("first@example.com")
    clock.set(-HOUR)
    assert server.register("second@example.com").status == 200
    server.mail("second@example.com", seconds=6)


def test_a_limit_of_requests_is_no_longer_after_the_clock_is_set_back(tmp_path, clock):
    server = Subject(tmp_path, ["xpay"], settings={"xpay": "minute-limit: 5"})
    with server.start(clock.environment):
        ask = lambda: server.call("xpay", "GET", "/v1/developer/profile").status
        clock.set(HOUR)
        assert [ask() for _ in range(7)] == [401] * 5 + [429] * 2
        clock.set(0)
        assert ask() == 401


def test_two_instances_whose_clocks_differ_by_two_seconds_take_each_others_tokens_at_once(tmp_path, clock):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    with Subject(tmp_path / "a") as a, \
            Subject(tmp_path / "b", state=tmp_path / "a/state", store=a.database).start(clock.environment) as b:
        a.account("owner@example.com")
        for shift in (2, -2):
            clock.set(shift)
            for here, there in ((a, b), (b, a)):
                token = here.token("owner@example.com")
                answer = there.ask_who(token)
                assert answer.status == 200, f"{shift:+d} s: {answer}"
                assert here.log_out(token).status == 200
                _, took = until(lambda: there.ask_who(token).status == 401, 5, "the end of the session at the other instance")
                assert took < 2, f"it took {took:.1f} s"


@full_only
def test_what_was_swept_away_while_the_clock_was_wrong_does_not_live_again(tmp_path, clock):
    secret = "a secret of the backend before, 32 bytes long"
    server = Subject(tmp_path)
    server.config.write_text(server.config.read_text().replace("    dialect: devise\n", f"    dialect: devise\n    keys: {{ access: {secret!r} }}\n"))
    with server.start(clock.environment):
        ended = server.account("owner@example.com")
        assert server.log_out(ended).status == 200
        clock.set(400 * DAY)
        time.sleep(70)
        clock.set(0)
        assert server.ask_who(ended).status == 401
