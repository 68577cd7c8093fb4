"""A disk that is full, fails at the worst moment, or is not yet written when an answer goes out."""
import contextlib
import re
import resource
import shutil
import signal
import subprocess
import time

import pytest

from faults import FULL, PASSWORD, ServerEnded, Subject, is_unavailable, shim, sqlite_only, until


@sqlite_only
def test_an_answered_registration_was_synced_to_the_disk_before(tmp_path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    with Subject(tmp_path) as server:
        assert server.register("before@example.com").status == 200
        trace = tmp_path / "trace"
        tracer = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "9000", "-e", "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg", "-o", trace, "-p", str(server.process.pid)],
            stderr=subprocess.PIPE, text=True)
        try:
            if "attached" not in tracer.stderr.readline():
                pytest.skip("this process may not be traced")
            assert server.register("traced@example.com").status == 200
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.communicate(timeout=20)
        lines = trace.read_text().splitlines()
    answered = next(i for i, line in enumerate(lines) if '"HTTP/1.1 200' in line)
    written = next(i for i, line in enumerate(lines) if "pwrite64" in line and "-wal>" in line and "traced@example.com" in line)
    synced, under_way = [], set()
    for number, line in enumerate(lines[written:answered], written):
        thread = line.split()[0]
        if re.search(r" fd?a?t?a?sync\(\d+<[^>]*-wal>", line):
            if line.endswith("= 0"):
                synced.append(number)
            else:
                under_way.add(thread)
        elif "sync resumed>" in line and thread in under_way and line.endswith("= 0"):
            synced.append(number)
    assert synced, "\n".join(line[:160] for line in lines[written:answered + 1])


@contextlib.contextmanager
def small_disk(folder, mebibytes):
    """A file system of that size at the folder, while the block runs."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "none", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    with contextlib.suppress(OSError), open(folder / "ballast", "wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(65536))


def write_until_refused(server, token, seconds=20):
    """Renews the token until that cannot be written; gives the last good token and the refusal."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = server.renew(token)
        if answer.status != 200:
            return token, answer
        token = answer.json["data"]["token"]
    raise AssertionError(f"nothing was refused within {seconds} s")


def reads_go_on_and_nothing_is_half_done(server, token):
    assert server.lives
    assert server.ask_who(token).status == 200, "reads go on"
    assert server.call("devise", "GET", "/up").status == 200
    assert server.manage("/healthz").status == 200
    assert server.ask_who("a.b.c").status == 401
    for answer in (server.register("nobody@example.com"), server.log_in("owner@example.com")):
        assert answer.status == 200 or is_unavailable(answer), answer
    ended = server.log_out(token)
    if ended.status == 200:
        assert server.ask_who(token).status == 401
    else:
        assert is_unavailable(ended), ended
        assert server.ask_who(token).status == 200, "a session whose end was refused goes on"


@sqlite_only
def test_a_full_disk_refuses_writes_with_503_and_is_got_over_without_a_restart(tmp_path):
    with small_disk(tmp_path / "state", 6):
        with Subject(tmp_path) as server:
            token = server.account("owner@example.com")
            for round_number in range(3 if FULL else 1):
                fill(tmp_path / "state")
                token, refusal = write_until_refused(server, token)
                assert is_unavailable(refusal), refusal
                reads_go_on_and_nothing_is_half_done(server, token)
                (tmp_path / "state/ballast").unlink()
                token, took = until(lambda: (a := server.log_in("owner@example.com")).status == 200 and a.json["data"]["token"], 10, "a login after room was made")
                assert took < 5, f"it took {took:.1f} s"
                answer = server.register(f"after{round_number}@example.com")
                assert answer.status == 200, answer
                server.mail(f"after{round_number}@example.com")
            assert "the disk is full" in server.told
            assert server.stop() == 0
            assert server.is_sound()
            server.start()
            server.token("after0@example.com")


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    with Subject(tmp_path).start(log="/dev/full") as server:
        token = server.account("owner@example.com")
        assert server.ask_who(token).status == 200
        assert server.stop() == 0


def test_a_log_whose_reader_has_gone_stops_nothing(tmp_path):
    server = Subject(tmp_path)
    pipe = tmp_path / "pipe"
    subprocess.run(["mkfifo", pipe], check=True)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.DEVNULL)
    with server.start(log=pipe):
        reader.kill()
        reader.wait()
        token = server.account("owner@example.com")
        assert server.ask_who(token).status == 200
        assert server.stop() == 0


@sqlite_only
def test_the_largest_file_allowed_is_as_a_full_disk(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        largest = server.store.with_name("dragoman.sqlite-wal").stat().st_size + 20_000
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (largest, hard))
        token, refusal = write_until_refused(server, token)
        assert is_unavailable(refusal), refusal
        reads_go_on_and_nothing_is_half_done(server, token)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(lambda: server.log_in("owner@example.com").status == 200, 10, "a login after the limit was lifted")
        assert server.stop() == 0
        assert server.is_sound()


def a_day(server):
    """Registers, logs in, changes the password and logs out; only what was answered counts."""
    done = {}

    def tell(name, answer):
        assert answer.status == 200 or is_unavailable(answer) or answer.status == 401, f"{name}: {answer}"
        if answer.status == 200:
            done[name] = answer.json["data"]["token"] if name == "log in" else True
        return answer.status == 200

    tell("register", server.register("day@example.com"))
    if tell("log in", server.log_in("day@example.com")):
        tell("change", server.call(
            "devise", "PUT", "/users", {"user": {"password": "another horse", "password_confirmation": "another horse", "current_password": PASSWORD}},
            {"Authorization": f"Bearer {done['log in']}"}))
        answer = server.log_out(done["log in"])
        assert answer.status in (200, 401) or is_unavailable(answer), answer
        if answer.status == 200:
            done["log out"] = True
    return done


def check_the_day(server, done):
    if "register" in done:
        again = server.register("day@example.com")
        assert again.status == 422 and "already been taken" in again.text, f"a registered account is gone: {again}"
        new, old = server.log_in("day@example.com", "another horse").status, server.log_in("day@example.com").status
        assert sorted((new, old)) == [200, 401], f"not exactly one password is good: new {new}, old {old}"
        if "change" in done:
            assert new == 200, "a changed password is forgotten"
    if "log out" in done:
        assert server.ask_who(done["log in"]).status == 401, "an ended session lives again"


QUICK_CALLS = [(1, 5, False), (9, 28, False), (24, 5, False), (45, 28, True), (70, 5, False), (95, 5, True)]
ALL_CALLS = [(n, 5 if n % 2 else 28, n % 7 == 0) for n in range(1, 181)]


@sqlite_only
@pytest.mark.parametrize("call, error, from_then_on", ALL_CALLS if FULL else QUICK_CALLS)
def test_a_write_or_sync_that_fails_loses_nothing_that_was_answered(tmp_path, call, error, from_then_on):
    failing = {"LD_PRELOAD": str(shim("failn", tmp_path)), "FAILPATH": "dragoman.sqlite", "FAILN": str(call), "FAILERR": str(error)}
    if from_then_on:
        failing["FAILALL"] = "1"
    server = Subject(tmp_path)
    with server:
        assert server.stop() == 0
        try:
            server.start(failing)
        except ServerEnded as ended:
            assert ended.code > 0 and "disk" in ended.told, f"no clean refusal: {ended}"
            done = {}
        else:
            done = a_day(server)
            assert server.lives, server.told[-2000:]
            if from_then_on:
                assert 'reason="the disk ' in server.told, "nothing failed"
            else:
                until(lambda: server.log_in("nobody@example.com").status == 401, 3, "one failure is got over at once: a login")
            server.kill()
        server.start()
        check_the_day(server, done)
        assert server.stop() == 0
        assert server.is_sound()
