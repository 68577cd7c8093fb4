"""What tests of faults have in common: a server under a shim or a limit, and the tools that bring the faults about."""
import contextlib
import http.client
import os
import shutil
import sqlite3
import struct
import subprocess
import threading
import time

import pytest

import postgres
from conftest import BINARY, ROOT, Dragoman

FULL = os.environ.get("DRAGOMAN_FAULTS") == "full"
sqlite_only = pytest.mark.skipif(postgres.CHOSEN, reason="a fault of SQLite's file")
full_only = pytest.mark.skipif(not FULL, reason="takes long; DRAGOMAN_FAULTS=full runs it")
PASSWORD = "correct horse"
FORWARDED = "trusted-proxies: [127.0.0.1]\n"


def shim(name, folder):
    """The built preload shim of that name; skips the test when its source is not beside the repository."""
    source = next((p / f"shared/tools/{name}.c" for p in ROOT.parents if (p / f"shared/tools/{name}.c").exists()), None)
    if source is None:
        pytest.skip("../shared/tools is not here")
    if not shutil.which("cc"):
        pytest.skip("there is no C compiler")
    built = folder / f"{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", built, source, "-ldl", "-lm"], check=True)
    return built


class Subject(Dragoman):
    """A server that faults are done to; of Devise's dialect unless told otherwise."""

    def __init__(self, folder, dialects=("devise",), state=None, **more):
        super().__init__(folder, list(dialects), **more)
        if state:
            self.config.write_text(self.config.read_text().replace(f"state: {self.folder}/state", f"state: {state}"))

    @property
    def store(self):
        return self.folder / "state/dragoman.sqlite"

    def start(self, environment=(), prefix=(), log=None):
        """Starts, with more variables, behind another command, or with the log elsewhere; waits until it is ready."""
        with open(log or self.folder / "server.log", "ab") as output:
            self.process = subprocess.Popen(
                [*prefix, BINARY, "serve", "--config", self.config], stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **dict(environment)})
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise ServerEnded(self.process.returncode, self.told[-3000:])
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.manage("/readyz").status == 200:
                    return self
            time.sleep(0.03)
        raise AssertionError("the server did not get ready in 60 s")

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def told(self):
        """The log so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    @property
    def lives(self):
        return self.process.poll() is None

    def manage(self, path, timeout=10):
        connection = http.client.HTTPConnection("127.0.0.1", self.management, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.text = answer.read().decode()
            return answer
        finally:
            connection.close()

    # What an account does.

    def register(self, address, password=PASSWORD, **more):
        return self.call("devise", "POST", "/users", {"user": {"email": address, "password": password}}, **more)

    def log_in(self, address, password=PASSWORD, **more):
        return self.call("devise", "POST", "/users/sign_in", {"user": {"email": address, "password": password}}, **more)

    def account(self, address):
        """A new account's token."""
        assert (answer := self.register(address)).status == 200, answer
        return self.token(address)

    def token(self, address, password=PASSWORD):
        answer = self.log_in(address, password)
        assert answer.status == 200, answer
        return answer.json["data"]["token"]

    def ask_who(self, token, **more):
        return self.call("devise", "GET", "/users/current_user", headers={"Authorization": f"Bearer {token}"}, **more)

    def renew(self, token, **more):
        """A small write without any hashing."""
        return self.call("devise", "POST", "/users/refresh_token", headers={"Authorization": f"Bearer {token}"}, **more)

    def log_out(self, token, **more):
        return self.call("devise", "DELETE", "/users/sign_out", headers={"Authorization": f"Bearer {token}"}, **more)

    # What can be seen of the process.

    @property
    def memory(self):
        """Resident, in MiB."""
        return next(int(line.split()[1]) / 1024 for line in open(f"/proc/{self.process.pid}/status") if line.startswith("VmRSS"))

    @property
    def cpu(self):
        """Seconds of all threads so far."""
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_sound(self):
        """Whether the store is, as it sees itself."""
        if self.database:
            return self.count("SELECT count(*) FROM accounts") >= 0
        with contextlib.closing(sqlite3.connect(self.store)) as file:
            return file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


class ServerEnded(Exception):
    def __init__(self, code, told):
        super().__init__(f"the server ended with {code}: {told}")
        self.code, self.told = code, told


def is_unavailable(answer):
    """A 503 in the dialect's shape that says when to come again."""
    return (
        answer.status == 503 and answer.headers["content-type"] == "application/json; charset=utf-8"
        and answer.json["status"]["code"] == 503 and int(answer.headers["retry-after"]) >= 1)


def until(condition, seconds, what):
    """Polls, and gives what the condition said and how long it took."""
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return found, time.monotonic() - begun


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Clock:
    """The wall clock of a server started in `environment`, and of it alone; its other clocks go on."""

    def __init__(self, folder):
        self.file = folder / "shift"
        self.file.write_bytes(struct.pack("<d", 0))
        self.environment = {"LD_PRELOAD": str(shim("wallshift", folder)), "WALLSHIFT_FILE": str(self.file)}

    def set(self, seconds):
        with open(self.file, "r+b") as file:
            file.write(struct.pack("<d", seconds))


class Pulse(threading.Thread):
    """Asks the same over and over, and keeps what was answered and how long it took."""

    def __init__(self, ask, pause=0.02):
        super().__init__(daemon=True)
        self.ask, self.pause = ask, pause
        self.answers, self.faults, self.stopping = [], [], False

    def run(self):
        while not self.stopping:
            begun = time.monotonic()
            try:
                answer = self.ask()
                self.answers.append((answer, time.monotonic() - begun))
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(fault)
            time.sleep(self.pause)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.join()

    @property
    def statuses(self):
        return [answer.status for answer, _ in self.answers]

    @property
    def times(self):
        return [took for _, took in self.answers]
