"""Token checks while many log in."""
import statistics
import time

import contest
import load
import machine
from contest import Subject
from jobs.gate import CHECK
from peers import fastapi_users
from servers import Trouble
from stage import FULL_COST, sign_in, sign_up_and_in
from table import Goal, Table, number


def flood(stage):
    """99th percentile of token checks beside a login storm, on two cores"""
    table = Table("flood", "Token checks beside a login storm, server on two cores, bcrypt cost 12",
                  ["", "alone req/s", "p99 ms", "beside req/s", "p99 ms", "logins/s", "p99 grows", "first goal", "aim"])
    goal, people, seconds = Goal(3, 1.5, at_most=True), 8, max(stage.seconds, 3)

    def own_token(caller, i):
        return sign_up_and_in(caller, f"storm{i}@example.com")["access_token"]

    def peer_token(caller, i):
        fastapi_users.sign_up(caller, f"storm{i}@example.com")
        return fastapi_users.sign_in(caller, f"storm{i}@example.com")

    for name, start, path, make, login in (
            ("Dragoman", lambda: stage.dragoman(cost=FULL_COST, cores=machine.BOTH_CORES), CHECK, own_token, sign_in),
            (fastapi_users.NAME, lambda: fastapi_users.start(stage, FULL_COST, cores=machine.BOTH_CORES), "/me", peer_token, fastapi_users.sign_in)):
        server = None
        try:
            server = start()
            file = stage.file_of("storm", load.in_threads(server, people, make))
            contest.prove(Subject(name, start, path, server=server), file.read_text().split()[0])
            alone, beside, logins = [], [], []
            for number_of_round in range(stage.rounds):
                stage.say(f"  round {number_of_round + 1} of {stage.rounds}: {name}")
                alone.append(load.wrk(server, path, "tokens.lua", [file], seconds))
                began = time.monotonic()
                with load.Storm(server, people, lambda caller, i, n: login(caller, f"storm{i}@example.com")) as storm:
                    beside.append(load.wrk(server, path, "tokens.lua", [file], seconds, may_starve=True))
                if storm.trouble:
                    raise storm.trouble
                logins.append(storm.done / (time.monotonic() - began))
            p99, p99_beside = contest.median(alone, "p99_ms"), contest.median(beside, "p99_ms")
            ratio, verdicts = p99_beside / p99, ("", "")
            if name == "Dragoman":
                verdicts = goal.words(goal.first, ratio), goal.words(goal.aim, ratio)
            table.row(name, number(contest.median(alone, "rate")), number(p99), number(contest.median(beside, "rate")), number(p99_beside),
                      number(statistics.median(logins)), f"{ratio:.2f} x", *verdicts)
            table.figures.append({"subject": name, "p99_alone_ms": p99, "p99_beside_ms": p99_beside, "logins": statistics.median(logins), "grows": ratio})
        except (Trouble, OSError, ValueError, KeyError) as trouble:
            table.trouble(name, trouble)
        finally:
            if server:
                server.stop()
    return [table]
