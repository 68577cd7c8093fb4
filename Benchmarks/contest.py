"""Dragoman and its peers at the same job, in alternating rounds."""
import dataclasses
import statistics
from collections.abc import Callable

import load
import tokens
from servers import Server, Trouble
from table import Goal, Table, number

COLUMNS = ["", "req/s", "CPU us", "p99 ms", "Dragoman: rate", "by CPU", "first goal", "aim"]


@dataclasses.dataclass
class Subject:
    """Who is measured, how it is started, and what it is asked with."""
    name: str
    start: Callable[[], Server]
    path: str
    file: str = ""
    """The tokens that it is asked with in turn."""
    goal: Goal = Goal()
    measure: Callable | None = None
    """Other than by wrk with tokens: `measure(server)` returns what was measured."""
    refused: tuple = (401, 403)
    server: Server | None = None
    runs: list = dataclasses.field(default_factory=list)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def prove(subject, token):
    """The right token passes; another signature, an expired one and none do not."""
    wrong = [("a token of another signature", bearer(tokens.spoiled(token))), ("no token", {})]
    if tokens.algorithm_of(token) == "HS256":
        wrong.append(("an expired token", bearer(tokens.expired(token))))
    for words, headers, wanted in [("its token", bearer(token), (200,)), *((words, headers, subject.refused) for words, headers in wrong)]:
        status, text = subject.server.ask("GET", subject.path, None, headers)
        if status not in wanted:
            raise Trouble(f"{subject.path} with {words} answers {status} {text[:80]!r}")


def run(stage, job, title, subjects, *, seconds=None, fresh=False, columns=COLUMNS):
    """Measures each subject once a round; `fresh`: by a new process each time, so that nothing is remembered."""
    seconds, table = seconds or stage.seconds, Table(job, title, columns)
    alive = []
    try:
        for subject in subjects:
            _guarded(table, subject, lambda: _prepare(stage, subject), alive)
        for number_of_round in range(stage.rounds):
            for subject in list(alive):
                stage.say(f"  round {number_of_round + 1} of {stage.rounds}: {subject.name}")
                if not _guarded(table, subject, lambda: _measure(subject, seconds, fresh)):
                    alive.remove(subject)
    finally:
        for subject in subjects:
            if subject.server:
                subject.server.stop()
    _tell(table, [subject for subject in subjects if subject in alive])
    return table


def _guarded(table, subject, work, alive=None):
    try:
        work()
    except (Trouble, OSError, ValueError, KeyError) as error:
        table.trouble(subject.name, error)
        return False
    if alive is not None:
        alive.append(subject)
    return True


def _prepare(stage, subject):
    subject.server = subject.start()
    if subject.measure is None:
        with open(subject.file) as lines:
            prove(subject, lines.readline().strip())
        load.wrk(subject.server, subject.path, "tokens.lua", [_one(stage, subject)], 1)


def _one(stage, subject):
    """A file with the first of the subject's tokens, to warm up with."""
    with open(subject.file) as lines:
        return stage.file_of("one-" + subject.name.replace(" ", "-").lower(), [lines.readline().strip()])


def _measure(subject, seconds, fresh):
    if subject.measure is not None:
        subject.runs.append(subject.measure(subject.server))
        return
    if fresh:
        subject.server.stop()
        subject.server = subject.start()
    subject.runs.append(load.wrk(subject.server, subject.path, "tokens.lua", [subject.file], seconds))


def median(runs, name):
    return statistics.median(getattr(run, name) for run in runs)


def _tell(table, subjects):
    own = next((subject.runs for subject in subjects if subject.name == "Dragoman"), None)
    limited = False
    for subject in subjects:
        rate, cpu, p99, busy = (median(subject.runs, name) for name in ("rate", "cpu_us", "p99_ms", "busy"))
        limited |= busy > 0.97
        figures = {"subject": subject.name, "rate": rate, "cpu_us": cpu, "p99_ms": p99, "load_core_busy": busy, "rates": [r.rate for r in subject.runs]}
        cells = [subject.name, number(rate) + ("*" if busy > 0.97 else ""), number(cpu), number(p99)]
        if subject.name != "Dragoman":
            by_rate = median(own, "rate") / rate if own else None
            by_cpu = cpu / median(own, "cpu_us") if own and cpu and median(own, "cpu_us") else None
            figures |= {"dragoman_by_rate": by_rate, "dragoman_by_cpu": by_cpu, "goal": subject.goal.first, "aim": subject.goal.aim}
            cells += [f"{by_rate:.2f} x" if by_rate else "", f"{by_cpu:.2f} x" if by_cpu else "",
                      subject.goal.words(subject.goal.first, by_rate, by_cpu), subject.goal.words(subject.goal.aim, by_rate, by_cpu)]
        table.row(*cells, *[""] * (len(table.columns) - len(cells)))
        table.figures.append(figures)
    if limited:
        table.notes.append("* the load generator's core was full: the server could do more, and its CPU time is the better measure")
