"""What a million accounts change."""
import contextlib
import random
import sqlite3
import statistics
import subprocess
import sys
import time

import load
import machine
from servers import Trouble
from stage import ROOT, WHO_AM_I, sign_in, sign_up
from table import Goal, Table, number

sys.path.append(str(ROOT / "Tests/Live"))
from postgres import Cluster  # noqa: E402 the cluster that the tests start

FEW = 1000


def growth(stage):
    """log in, refresh, account read, start and memory with 1,000,000 accounts beside 1,000"""
    table = _table(stage, "growth", "SQLite")
    with _troubles(table):
        _compare(stage, table, {count: {"state": _filled(stage, count)} for count in _counts(stage)})
    return [table]


def growth_on_postgres(stage):
    """the same on PostgreSQL, where `dragoman store move` has brought the accounts"""
    table = _table(stage, "growth-postgres", "PostgreSQL")
    moves = Table("store-move", "`dragoman store move` from SQLite to PostgreSQL, verified row by row", ["accounts", "s", "accounts a second", "CPU s", "peak MiB"])
    with contextlib.ExitStack() as cleanup, _troubles(table):
        cluster = Cluster(POSTGRES_FSYNC="on")
        cleanup.callback(cluster.end)
        stores = {}
        for count in _counts(stage):
            store = cluster.database()
            _move(stage, moves, count, _filled(stage, count), store)
            subprocess.run(["psql", "-qd", store, "-c", "VACUUM ANALYZE"], check=True)
            stores[count] = {"state": stage.new_folder("grown"), "store": store}
        _compare(stage, table, stores)
        table.notes.append(f"PostgreSQL {cluster.ask('SHOW server_version').split()[0]}, on both cores; CPU is Dragoman's alone")
    return [moves, table]


def _counts(stage):
    return min(FEW, stage.options.accounts), stage.options.accounts


def _table(stage, job, store):
    few, many = _counts(stage)
    return Table(job, f"{many:,} accounts beside {few:,} on {store} (hash cost 4)",
                 ["", f"{few:,}", "CPU us", f"{many:,}", "CPU us", "grows by", "by CPU", "first goal"])


@contextlib.contextmanager
def _troubles(table):
    try:
        yield
    except (Trouble, OSError, sqlite3.Error, subprocess.SubprocessError, AssertionError, ValueError, KeyError) as trouble:
        table.trouble("Dragoman", trouble)


def _compare(stage, table, stores):
    """Fills the table; of each number of accounts, where `Stage.dragoman` finds them."""
    few, many = stores
    found = {count: {} for count in stores}
    with contextlib.ExitStack() as cleanup:
        servers = {}
        for count, store in stores.items():
            servers[count] = stage.dragoman(**store)
            cleanup.callback(servers[count].stop)
        files = {count: _tokens(stage, server, count) for count, server in servers.items()}
        for number_of_round in range(stage.rounds):
            for count, server in servers.items():
                stage.say(f"  round {number_of_round + 1} of {stage.rounds}: {count:,} accounts")
                for name, measured in _measured(stage, server, count, files[count]):
                    found[count].setdefault(name, []).append(measured)
        memory = {count: machine.resident_mib(server.pids()) for count, server in servers.items()}
    starts = {count: _start(stage, store) for count, store in stores.items()}
    goal = Goal(1.2, at_most=True)
    for name in found[few]:
        rates, cpus = ([statistics.median(getattr(run, value) for run in found[count][name]) for count in stores] for value in ("rate", "cpu_us"))
        grows, by_cpu = rates[0] / rates[1], cpus[1] / cpus[0] if cpus[0] else None
        table.row(f"{name}, a second", number(rates[0]), number(cpus[0]), number(rates[1]), number(cpus[1]), f"{grows:.2f} x",
                  f"{by_cpu:.2f} x" if by_cpu else "", goal.words(1.2, grows, by_cpu))
        table.figures.append({"subject": name, "rates": rates, "cpu_us": cpus})
    start, second = Goal(1000, unit="ms", at_most=True), (starts[few], starts[many])
    table.row("start, ms", number(second[0]), "", number(second[1]), "", "", "", start.words(1000, second[1]))
    table.row("memory after that, MiB", number(memory[few]), "", number(memory[many]), "", "", "", "")
    table.figures.append({"subject": "whole", "start_ms": list(second), "memory_mib": [memory[few], memory[many]]})


def _move(stage, table, count, state, store):
    stage.say(f"  moving {count:,} accounts to PostgreSQL")
    log, cpu, peak = stage.new_folder("move") / "log", 0, 0
    began = time.monotonic()
    with open(log, "wb") as out:
        moving = subprocess.Popen(
            [str(stage.binary), "store", "move", "--from", f"sqlite:{state / 'dragoman.sqlite'}", "--to", store, "--json"], stdout=out, stderr=out)
        while moving.poll() is None:
            cpu, peak = max(cpu, machine.cpu_seconds([moving.pid])), max(peak, machine.resident_mib([moving.pid]))
            time.sleep(0.02)
    took = time.monotonic() - began
    if moving.returncode:
        raise Trouble(f"store move: {log.read_text()[-300:]}")
    table.row(f"{count:,}", number(took), number(count / took), number(cpu), number(peak))
    table.figures.append({"subject": count, "seconds": took, "cpu_seconds": cpu, "peak_mib": peak})


def _filled(stage, count):
    """A state folder with that many accounts: one signed up, the others made like it."""
    stage.say(f"  filling a store with {count:,} accounts")
    state = stage.new_folder("grown")
    server = stage.dragoman(state=state)
    try:
        sign_up(load.Caller(server), "person1@example.com")
    finally:
        server.stop()
    connection = sqlite3.connect(state / "dragoman.sqlite")
    with contextlib.closing(connection):
        columns = [row[1] for row in connection.execute("PRAGMA table_info(accounts)")]
        other = {"id": "randomblob(16)", "serial": "n", "email": "'person' || n || '@example.com'", "email_key": "'person' || n || '@example.com'"}
        with connection:
            connection.execute(
                f"WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {int(count)}) "
                f"INSERT INTO accounts ({', '.join(columns)}) SELECT {', '.join(other.get(name, 'accounts.' + name) for name in columns)} "
                "FROM numbers, accounts WHERE accounts.serial = 1")
            connection.execute("UPDATE serials SET last = ?", (int(count),))
    return state


def _people(count):
    drawn = random.Random(7)
    while True:
        yield f"person{drawn.randint(1, count)}@example.com"


def _tokens(stage, server, count):
    """Access tokens of people all over the store."""
    people = _people(count)
    chosen = [next(people) for _ in range(min(stage.count, 1000))]
    parts = load.in_threads(server, 4, lambda caller, i: [sign_in(caller, person)["access_token"] for person in chosen[i::4]])
    return stage.file_of(f"grown-{count}", [token for part in parts for token in part])


def _measured(stage, server, count, file):
    people = _people(count)
    yield "log in", load.repeated(server, 4, stage.seconds, lambda caller, i, n: sign_in(caller, next(people)))
    pool = load.in_threads(server, 4, lambda caller, i: [sign_in(caller, next(people))["refresh_token"] for _ in range(32)])
    refresh = stage.file_of("grown-refresh", [token for part in pool for token in part])
    yield "refresh", load.wrk(
        server, "/users/refresh_token", "rotation.lua", [refresh, '{"user":{"refresh_token":"', '"}}', "refresh_token"], stage.seconds)
    yield "who am I", load.wrk(server, WHO_AM_I, "tokens.lua", [file], stage.seconds)


def _start(stage, store):
    starts = []
    for _ in range(stage.rounds):
        server = stage.dragoman(**store)
        try:
            starts.append(server.until_answering("/up"))
        finally:
            server.stop()
        time.sleep(0.1)
    return statistics.median(starts)
