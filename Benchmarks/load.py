"""Load: wrk for what is fast, a few threads for what is slow, and the server's CPU time beside both."""
import dataclasses
import http.client
import json
import pathlib
import resource
import subprocess
import threading
import time

import machine
from servers import Trouble

SCRIPTS = pathlib.Path(__file__).resolve().parent / "scripts"
CONNECTIONS = 64


@dataclasses.dataclass
class Measured:
    rate: float
    """Answers a second."""
    cpu_us: float
    """The server's own CPU time for one answer, in microseconds."""
    p99_ms: float
    busy: float
    """How much of its core the load generator needed: near 1 it, not the server, was the limit."""
    asked: int


def wrk_command(url, script, arguments, headers=(), seconds=5):
    command = ["taskset", "-c", machine.LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPTS / script)]
    for header in headers:
        command += ["-H", header]
    return [*command, url, "--", *map(str, arguments)]


def wrk(server, path, script, arguments, seconds, headers=(), may_starve=False):
    """One run; every answer has to be right. `may_starve`: there may be none at all, and the 99th percentile is the run's length then."""
    pids = server.pids()
    server_before, own_before = machine.cpu_seconds(pids), _children_seconds()
    command = wrk_command(f"http://127.0.0.1:{server.port}{path}", script, arguments, headers, seconds)
    out = subprocess.run(command, capture_output=True, text=True)
    spent, own = machine.cpu_seconds(pids) - server_before, _children_seconds() - own_before
    line = next((line for line in out.stdout.splitlines() if line.startswith("measured ")), None)
    if out.returncode or not line:
        raise Trouble(f"wrk: {(out.stderr or out.stdout).strip()[-300:]}")
    requests, duration, status, connect, read, write, timeout, p99, asked = map(int, line.split()[1:])
    if status or connect or read or write or timeout or not (requests or may_starve):
        raise Trouble(f"of {requests} answers {status} were not 2xx; errors: {connect} connect, {read} read, {write} write, {timeout} timeout")
    if not requests:
        return Measured(0, 0, seconds * 1000, own / seconds, asked)
    return Measured(requests / duration * 1e6, spent / requests * 1e6, p99 / 1000, own / (duration / 1e6), asked)


def _children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Caller:
    """A kept connection to a server, for one thread."""

    def __init__(self, server):
        self.server, self.connection = server, http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)

    def ask(self, method, path, body, headers, right):
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (http.client.HTTPException, OSError) as error:
            self.connection.close()
            raise Trouble(f"{method} {path}: {error!r}") from None
        if answer.status != right:
            raise Trouble(f"{method} {path} answered {answer.status} for {right}: {text[:200]}")
        return text

    def post(self, path, value, right):
        return json.loads(self.ask("POST", path, json.dumps(value), {"Content-Type": "application/json"}, right))


def in_threads(server, count, work):
    """Runs `work(caller, i)` for each i below count in threads of its own; the first trouble is raised."""
    troubles, results = [], [None] * count

    def run(i):
        try:
            results[i] = work(Caller(server), i)
        except Exception as error:  # told by the caller
            troubles.append(error)

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return results


def repeated(server, threads, seconds, work):
    """`work(caller, i, n)` by that many threads until the time is over: calls a second with the server's CPU time for one."""
    pids = server.pids()
    before, began, slowest = machine.cpu_seconds(pids), time.monotonic(), []

    def run(caller, i):
        n = 0
        while time.monotonic() - began < seconds:
            asked = time.monotonic()
            work(caller, i, n)
            slowest.append(time.monotonic() - asked)
            n += 1
        return n

    done = sum(in_threads(server, threads, run))
    took = time.monotonic() - began
    slowest.sort()
    return Measured(done / took, (machine.cpu_seconds(pids) - before) / done * 1e6, slowest[int(len(slowest) * 0.99)] * 1000, 0, done)


class Storm:
    """Keeps asking `work(caller, i, n)` from threads while its block runs."""

    def __init__(self, server, threads, work):
        self.server, self.count, self.work = server, threads, work
        self.over, self.done, self.trouble = threading.Event(), 0, None

    def __enter__(self):
        self.threads = [threading.Thread(target=self._run, args=(i,), daemon=True) for i in range(self.count)]
        for thread in self.threads:
            thread.start()
        time.sleep(0.5)
        return self

    def _run(self, i):
        caller, n = Caller(self.server), 0
        try:
            while not self.over.is_set():
                self.work(caller, i, n)
                n += 1
                self.done += 1
        except Trouble as trouble:
            self.trouble = trouble

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)
