"""How soon a server answers, and how much memory it holds."""
import contextlib
import statistics
import time

import load
import machine
from peers import envoy, fastapi_users, haproxy, simplejwt
from servers import Trouble
from stage import PASSWORD, WHO_AM_I
from table import Goal, Table, number


def footprint(stage):
    """start to first answer; memory idle and under load"""
    table = Table("footprint", "Start to first answer, memory", ["", "start ms", "idle MiB", "under load MiB", "first goal", "aim"])
    _, file = stage.signed_in("HS256")
    found = {}
    for name, measure in (
            ("Dragoman, five frontends", lambda: _own_footprint(stage)),
            ("HAProxy", lambda: _peer_footprint(stage, lambda: haproxy.start(stage), "/", file)),
            ("Envoy", lambda: _peer_footprint(stage, lambda: envoy.start(stage), "/", file)),
            (fastapi_users.NAME, lambda: _peer_footprint(stage, lambda: fastapi_users.start(stage), "/docs", None)),
            (simplejwt.NAME, lambda: _peer_footprint(stage, lambda: simplejwt.start(stage), "/me", None))):
        stage.say(f"  {name}")
        try:
            found[name] = measure()
            table.figures.append({"subject": name, **dict(zip(("start_ms", "idle_mib", "load_mib"), found[name]))})
        except (Trouble, OSError, ValueError, KeyError) as trouble:
            table.trouble(name, trouble)
    own = next((figures for name, figures in found.items() if name.startswith("Dragoman")), None)
    for name, (start, idle, loaded) in found.items():
        goals = ("", "")
        if own and name.startswith("Dragoman"):
            memory, begin = Goal(60, unit="MiB", at_most=True), Goal(100, unit="ms", at_most=True)
            goals = f"{begin.words(100, start)}, {memory.words(60, loaded)}", ""
        elif own and name == "Envoy" and loaded:
            goals = "", Goal(None, 0.5, at_most=True).words(0.5, own[2] / loaded)
        table.row(name, number(start), number(idle), number(loaded), *goals)
    table.notes.append("each start with an empty store and given keys; memory is resident, of all processes of a server")
    return [table]


def _own_footprint(stage):
    starts, server = [], None
    with contextlib.ExitStack() as cleanup:
        for _ in range(stage.rounds):
            if server:
                server.stop()
            server = stage.five_frontends(stage.new_folder("empty") / "state")
            cleanup.callback(server.stop)
            starts.append(server.until_answering("/up"))
        time.sleep(1)
        idle = machine.resident_mib(server.pids())
        caller, body = load.Caller(server), {"email": "me@example.com", "password": PASSWORD, "password_confirmation": PASSWORD}
        caller.post("/users", {"user": body}, 200)
        token = caller.post("/users/sign_in", {"user": body}, 200)["data"]["token"]
        load.wrk(server, WHO_AM_I, "tokens.lua", [stage.file_of("five", [token])], stage.seconds)
        return statistics.median(starts), idle, machine.resident_mib(server.pids())


def _peer_footprint(stage, start, path, file):
    starts, server = [], None
    with contextlib.ExitStack() as cleanup:
        for _ in range(stage.rounds):
            if server:
                server.stop()
            server = start()
            cleanup.callback(server.stop)
            starts.append(server.until_answering(path))
        time.sleep(1)
        idle, loaded = machine.resident_mib(server.pids()), None
        if file:
            load.wrk(server, path, "tokens.lua", [file], stage.seconds)
            loaded = machine.resident_mib(server.pids())
        return statistics.median(starts), idle, loaded
