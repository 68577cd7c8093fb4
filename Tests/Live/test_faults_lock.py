"""Another program that holds the store's file."""
import contextlib
import sqlite3
import threading
import time

from faults import FULL, Pulse, Subject, full_only, is_unavailable, percentile, sqlite_only, until

pytestmark = sqlite_only


def other_program(server):
    return contextlib.closing(sqlite3.connect(server.store, timeout=10, isolation_level=None, check_same_thread=False))


@contextlib.contextmanager
def write_lock(server, seconds):
    """Holds the write lock that long, from before the block on and whatever the block does; the block is given the moment of its end."""
    with other_program(server) as file:
        file.execute("BEGIN IMMEDIATE")
        end = time.monotonic() + seconds
        letting_go = threading.Timer(seconds, lambda: file.execute("ROLLBACK"))
        letting_go.start()
        try:
            yield end
        finally:
            letting_go.join()


def renewing(server, token):
    """Writes on and on, with the newest token."""
    newest = [token]

    def ask():
        answer = server.renew(newest[0])
        if answer.status == 200:
            newest[0] = answer.json["data"]["token"]
        return answer

    return ask


def test_a_lock_of_up_to_three_seconds_only_makes_writes_wait(tmp_path):
    with Subject(tmp_path) as server:
        tokens = [server.account(f"owner{n}@example.com") for n in range(2)]
        readers = server.account("reader@example.com")
        with Pulse(lambda: server.manage("/healthz")) as health, Pulse(lambda: server.ask_who(readers)) as reads, \
                Pulse(renewing(server, tokens[0])) as one, Pulse(renewing(server, tokens[1])) as two:
            for seconds in (0.1, 1, 3) if FULL else (0.1, 2.5):
                with write_lock(server, seconds):
                    pass
                time.sleep(0.3)
        writes = one.answers + two.answers
        assert {answer.status for answer, _ in writes} == {200}, [a for a, _ in writes if a.status != 200]
        assert max(took for _, took in writes) > 2, "the lock held nothing up: this proves nothing"
        assert set(reads.statuses) == {200} and set(health.statuses) == {200}
        assert max(reads.times) < 1.5 and percentile(health.times, 0.99) < 0.5, (max(reads.times), percentile(health.times, 0.99))
        assert not (health.faults or reads.faults or one.faults or two.faults)
        assert server.stop() == 0


def test_a_longer_lock_is_a_503_after_five_seconds_and_is_got_over(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        readers = server.account("reader@example.com")
        with Pulse(lambda: server.manage("/healthz")) as health, Pulse(lambda: server.ask_who(readers)) as reads:
            with write_lock(server, 6.5) as end:
                begun = time.monotonic()
                refused = server.renew(token)
                took = time.monotonic() - begun
                until(lambda: time.monotonic() >= end, 10, "the end of the lock")
                assert is_unavailable(refused), refused
                assert 4 < took < 6.4, f"refused after {took:.1f} s"
                _, took = until(lambda: server.renew(token).status == 200, 5, "a write after the lock")
                assert took < 3, f"it took {took:.1f} s"
        assert set(reads.statuses) == {200} and set(health.statuses) == {200}
        assert max(reads.times) < 1.5 and percentile(health.times, 0.99) < 0.5, (max(reads.times), percentile(health.times, 0.99))
        assert "the store is locked by another process" in server.told
        assert server.stop() == 0


def test_a_backup_and_a_vacuum_under_load_fail_no_request_and_the_backup_is_whole(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        with Pulse(renewing(server, token), pause=0) as writes:
            for number in range(3):
                with other_program(server) as file, contextlib.closing(sqlite3.connect(tmp_path / f"backup{number}")) as backup:
                    file.backup(backup, pages=5, sleep=0.001)
                    assert backup.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                    assert backup.execute("SELECT count(*) FROM accounts").fetchone() == (1,)
                    file.execute("VACUUM")
            until(lambda: len(writes.answers) > 3, 10, "answers to writes")
        assert len(writes.answers) > 3 and set(writes.statuses) == {200} and not writes.faults, (writes.statuses, writes.faults)
        assert server.stop() == 0
        assert server.is_sound()


@full_only
def test_a_reader_that_stays_lets_the_write_ahead_log_grow_and_shrink_again(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        wal = server.store.with_name("dragoman.sqlite-wal")
        with Pulse(renewing(server, token), pause=0) as writes:
            with other_program(server) as file:
                file.execute("BEGIN")
                file.execute("SELECT count(*) FROM accounts").fetchone()
                time.sleep(60)
                grown = wal.stat().st_size
                file.execute("ROLLBACK")
            time.sleep(3)
        assert set(writes.statuses) == {200}
        assert grown > 8 << 20, f"{grown} bytes prove nothing"
        assert wal.stat().st_size <= 64 << 20
        assert server.stop() == 0
        assert server.is_sound()


def test_who_was_suspended_from_outside_is_refused_within_a_second_while_another_process_holds_the_store(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        assert [server.ask_who(token).status for _ in range(3)] == [200] * 3
        with other_program(server) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute("UPDATE accounts SET status = 'suspended' WHERE email = 'owner@example.com'")
            # A write that waits for the lock keeps the watch of what others have changed waiting behind it.
            waiting = threading.Thread(target=server.log_in, args=("nobody@example.com",))
            waiting.start()
            time.sleep(0.3)
            file.execute("COMMIT")
            file.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            until(lambda: server.ask_who(token).status != 200, 5, "the refusal")
            assert time.monotonic() - begun < 1.5
            file.execute("ROLLBACK")
            waiting.join()
