"""What people do: ask who they are, log in, register, refresh."""
import subprocess
import sys

import contest
import load
import machine
from contest import Subject
from peers import fastapi_users, simplejwt
from servers import Trouble
from stage import FULL_COST, WHO_AM_I, sign_in, sign_up, sign_up_and_in
from table import Goal


def who_am_i(stage):
    """who am I: check, account, JSON"""
    state, file = stage.signed_in("HS256")
    users = min(stage.count, 100)

    def peer(module, name, path, token, goal):
        subject = Subject(name, lambda: None, path, goal=goal)

        def start():
            server = module.start(stage)
            made = load.in_threads(server, 4, lambda caller, i: [
                (module.sign_up(caller, f"user{n}@example.com"), token(module.sign_in(caller, f"user{n}@example.com")))[1]
                for n in range(i, users, 4)])
            subject.file = stage.file_of(name.replace(" ", "-"), [t for part in made for t in part])
            return server
        subject.start = start
        return subject

    table = contest.run(stage, "who-am-i", "Who am I: check, account, JSON", [
        Subject("Dragoman", lambda: stage.dragoman(state=state), WHO_AM_I, file),
        peer(fastapi_users, fastapi_users.NAME, "/me", lambda found: found, Goal(48, 108)),
        peer(simplejwt, simplejwt.NAME, "/me", lambda found: found["access"], Goal(29, 65)),
    ])
    table.notes.append("goals: 8 (aim: 18) times PocketBase, which neither Debian nor PyPI has, in terms of these peers where all were once measured together")
    return [table]


def log_in(stage):
    """log in at bcrypt cost 12"""
    people = 4

    def own():
        server = stage.dragoman(cost=FULL_COST)
        load.in_threads(server, people, lambda caller, i: sign_up(caller, f"login{i}@example.com"))
        return server

    def peer(module):
        server = module.start(stage, FULL_COST)
        load.in_threads(server, people, lambda caller, i: module.sign_up(caller, f"login{i}@example.com"))
        return server

    def measure(work):
        return lambda server: load.repeated(server, people, stage.seconds, lambda caller, i, n: work(caller, f"login{i}@example.com"))

    return [contest.run(stage, "log-in", f"Log in, bcrypt cost {FULL_COST}, {people} at once", [
        Subject("Dragoman", own, "", measure=measure(sign_in)),
        Subject("the bare hash", lambda: None, "", goal=Goal(0.95, 0.97), measure=lambda _: bare_hash(stage, FULL_COST)),
        Subject(fastapi_users.NAME, lambda: peer(fastapi_users), "", measure=measure(fastapi_users.sign_in)),
        Subject(simplejwt.NAME, lambda: peer(simplejwt), "", measure=measure(simplejwt.sign_in)),
    ])]


def register(stage):
    """register at bcrypt cost 12"""
    people, turn = 4, iter(range(1_000_000))

    def measure(work):
        def once(server):
            series = next(turn)
            return load.repeated(server, people, stage.seconds, lambda caller, i, n: work(caller, f"r{series}-{i}-{n}@example.com"))
        return once

    return [contest.run(stage, "register", f"Register, bcrypt cost {FULL_COST}, {people} at once", [
        Subject("Dragoman", lambda: stage.dragoman(cost=FULL_COST), "", measure=measure(sign_up)),
        Subject("the bare hash", lambda: None, "", measure=lambda _: bare_hash(stage, FULL_COST)),
        Subject(fastapi_users.NAME, lambda: fastapi_users.start(stage, FULL_COST), "", measure=measure(fastapi_users.sign_up)),
        Subject(simplejwt.NAME, lambda: simplejwt.start(stage, FULL_COST), "", measure=measure(simplejwt.sign_up)),
    ])]


def bare_hash(stage, cost):
    """bcrypt alone by the system's crypt_r, on the server's core."""
    code = f"""
import ctypes, ctypes.util, time
lib = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
lib.crypt_r.restype = ctypes.c_char_p
space = ctypes.create_string_buffer(32768)
n, began, used = 0, time.monotonic(), time.process_time()
while time.monotonic() - began < {stage.seconds}:
    assert lib.crypt_r(b"correct horse battery", b"$2b${cost:02d}$abcdefghijklmnopqrstuu", space).startswith(b"$2b$")
    n += 1
print(n / (time.monotonic() - began), (time.process_time() - used) / n * 1e6, n)
"""
    out = subprocess.run(["taskset", "-c", machine.SERVER_CORE, sys.executable, "-c", code], capture_output=True, text=True)
    if out.returncode:
        raise Trouble(out.stderr.strip()[-200:])
    rate, cpu, count = map(float, out.stdout.split())
    return load.Measured(rate, cpu, 1000 / rate, 0, int(count))


def refresh(stage):
    """trade refresh tokens in, each once, durably"""
    pool, turn = 128, iter(range(1_000_000))

    def measure(path, before, after, field, make):
        def once(server):
            series = next(turn)
            made = load.in_threads(server, 4, lambda caller, i: [make(caller, f"f{series}-{i}-{n}@example.com") for n in range(pool // 4)])
            flat = [token for part in made for token in part]
            again = load.Caller(server)
            body = (before + flat[0] + after).encode()
            again.ask("POST", path, body, {"Content-Type": "application/json"}, 200)
            file = stage.file_of("refresh", flat[1:])
            return load.wrk(server, path, "rotation.lua", [file, before, after, field], stage.seconds)
        return once

    def theirs(caller, email):
        simplejwt.sign_up(caller, email)
        return simplejwt.sign_in(caller, email)["refresh"]

    table = contest.run(stage, "refresh", "Refresh with durable rotation", [
        Subject("Dragoman", lambda: stage.dragoman(), "", measure=measure(
            "/users/refresh_token", '{"user":{"refresh_token":"', '"}}', "refresh_token",
            lambda caller, email: sign_up_and_in(caller, email)["refresh_token"])),
        Subject(simplejwt.NAME, lambda: simplejwt.start(stage), "", measure=measure("/token/refresh", '{"refresh":"', '"}', "refresh", theirs)),
    ])
    table.notes.append("goal: 2 (aim: 4) times PocketBase's refresh, 5.1 k/s where it was once measured; neither Debian nor PyPI has it")
    return [table]
