"""The built `dragoman` as a process of its own: started, asked over real HTTP, killed, started again."""
import contextlib
import email
import email.policy
import http.client
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

import postgres

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("DRAGOMAN_BINARY", ROOT / ".build/debug/dragoman"))
DIALECTS = ["xpay", "rsa-jwt", "aethermind", "servitech", "devise"]
# Of servers whose store may be shared.
STORE_KEY = 'store-key: "env:DRAGOMAN_STORE_KEY|a store key of the tests, 32 bytes and more"\n'
# Limits per address are lifted: every test comes from one address.
SETTINGS = {
    "xpay": "login-limit: 1000, register-limit: 1000, minute-limit: 100000, hour-limit: 1000000, password-cost: 10",
    "rsa-jwt": "password-cost: 10",
    "aethermind": "auth-limit: 1000, global-limit: 100000",
    "servitech": "password-cost: 10, language: en",
    "devise": "password-cost: 10, login-waits: false",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Dragoman:
    """One server over one state folder; survives its own death."""

    def __init__(self, folder, dialects=DIALECTS, settings=SETTINGS, extra="", lines={}, store=None, shelf=None):
        """`store` is the address of a database where it is not the run's usual one (`DRAGOMAN_STORE=postgres`, or SQLite).

        `dialects` are frontends of the same names, or a map of frontends to dialects; `lines` are more of a frontend's own, by its name.
        `shelf` is a folder of dialects where it is not the shipped ones'.
        """
        self.folder = pathlib.Path(folder)
        named = dialects if isinstance(dialects, dict) else {d: d for d in dialects}
        self.ports = {name: free_port() for name in named}
        self.management = free_port()
        self.database = store or (postgres.Cluster.common().database() if postgres.CHOSEN else None)
        frontends = "".join(
            f"  {name}:\n    dialect: {d}\n    listen: 127.0.0.1:{self.ports[name]}\n    settings: {{ {settings.get(d, '')} }}\n"
            + "".join(f"    {line}\n" for line in lines.get(name, []))
            for name, d in named.items())
        self.config = self.folder / "config.yaml"
        self.config.write_text(
            f"profile: development\nstate: {self.folder}/state\n{STORE_KEY if self.database else ''}store: \"{self.database or 'sqlite'}\"\nmanagement: 127.0.0.1:{self.management}\n"
            f"dialects: {shelf or f'{ROOT}/Dialects'}\nmail: {{ transport: mailbox, from: noreply@localhost }}\n{extra}frontends:\n{frontends}")
        self.process = None

    def start(self, descriptors=None, log=None):
        """`descriptors` are the most that it may have; `log` is a descriptor in place of a file."""
        self.log = log or open(self.folder / "server.log", "ab")
        limit = ["prlimit", f"--nofile={descriptors}:{descriptors}", "--"] if descriptors else []
        self.process = subprocess.Popen([*limit, BINARY, "serve", "--config", self.config], stdout=self.log, stderr=self.log, cwd=ROOT)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the server ended: {(self.folder / 'server.log').read_text()[-3000:]}"
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.management, timeout=2)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.03)
        raise AssertionError("the server did not get ready in 60 s")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def seconds(self):
        """Of CPU that it has used so far."""
        figures = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(figures[11]) + int(figures[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(40)

    def operate(self, *arguments):
        """Runs a command of `dragoman` over this deployment."""
        return subprocess.run([BINARY, *arguments, "--config", self.config], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60).stdout

    def count(self, sql):
        """The one number that a question to the store itself gives."""
        if self.database:
            return int(postgres.ask(sql, self.database))
        with contextlib.closing(sqlite3.connect(self.folder / "state/dragoman.sqlite")) as store:
            return store.execute(sql).fetchone()[0]

    def call(self, dialect, method, path, body=None, headers=None, timeout=30):
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[dialect], timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def mails(self, recipient):
        """Texts of all mails to that address, oldest first, with their subjects."""
        found = []
        for file in sorted(self.folder.glob("state/mailbox/**/*.eml")):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if message["To"] == recipient:
                found.append((message["Subject"], message.get_body(("plain",)).get_content().replace("\r\n", "\n")))
        return found

    def mail(self, recipient, number=1, seconds=20):
        """The text of the number-th mail to that address, waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            mails = self.mails(recipient)
            if len(mails) >= number:
                return mails[number - 1][1]
            time.sleep(0.05)
        raise AssertionError(f"no {number}. mail to {recipient} within {seconds} s")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Dragoman(tmp_path_factory.mktemp("live")).start()
    yield running
    assert running.stop() == 0, "a drained server ends with 0"


PASSWORD = "correct horse 1"
# Per dialect: the fields of a seeded account beside its e-mail, role and password.
SEEDS = {
    "devise": "",
    "servitech": "name: Ana, ",
    "xpay": "full_name: Ada, ",
    "aethermind": "",
}
# Roles beside the default one that an account of the stage has.
ROLES = {"devise": ["user", "admin", "backadmin"], "servitech": ["user", "admin", "employee"], "xpay": ["user"], "aethermind": ["user"]}


class Stage:
    """A server whose guards forward to an upstream of ours, and accounts that are signed in."""

    def __init__(self, folder, frontends, upstreams, extra="", more={}):
        """`frontends` are by name, with their dialects; `upstreams` say in YAML what each calls `app`."""
        lines = {}
        for name, dialect in frontends.items():
            roles = ROLES[dialect]
            seeds = "".join(
                f"\n      - {{ email: {role}@example.com, password: {PASSWORD}, {SEEDS[dialect]}confirmed: true"
                + (f", role: {role}" if role != "user" else "") + " }" for role in roles)
            upstream = upstreams[name] if isinstance(upstreams, dict) else upstreams
            lines[name] = ([f"upstreams: {{ app: {upstream} }}"] if upstream else []) + [f"seed:{seeds}"] + list(more.get(name, []))
        self.dialects = frontends
        self.server = Dragoman(folder, frontends, extra=extra, lines=lines).start()
        self.tokens = {}

    def port(self, name="devise"):
        return self.server.ports[name]

    def sign_in(self, name, email, password=PASSWORD):
        """A new token."""
        dialect = self.dialects[name]
        path, body = {
            "devise": ("/users/sign_in", {"user": {"email": email, "password": password}}),
            "servitech": ("/auth/login", {"email": email, "password": password}),
            "xpay": ("/v1/auth/login", {"email": email, "password": password}),
            "aethermind": ("/api/auth/login", {"email": email, "password": password}),
        }[dialect]
        answer = self.server.call(name, "POST", path, body)
        assert answer.status == 200, answer
        return answer.json["token"] if dialect in ("xpay", "aethermind") else answer.json["data"]["token"]

    def sign_up(self, email, name="devise"):
        """A new account's token; of devise."""
        answer = self.server.call(name, "POST", "/users", {"user": {"email": email, "password": PASSWORD}})
        assert answer.status == 200, answer
        return self.sign_in(name, email)

    def token(self, name="devise", role="user"):
        if (name, role) not in self.tokens:
            self.tokens[name, role] = self.sign_in(name, f"{role}@example.com")
        return self.tokens[name, role]

    def bearer(self, name="devise", role="user"):
        return {"Authorization": f"Bearer {self.token(name, role)}"}

    def memory(self):
        """What of the server is resident, in bytes."""
        return next(int(line.split()[1]) * 1024 for line in open(f"/proc/{self.server.process.pid}/status") if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def sockets(self):
        """Descriptors that are connections or listen; a store may open files of its own meanwhile."""
        folder = f"/proc/{self.server.process.pid}/fd"
        count = 0
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                count += os.readlink(f"{folder}/{name}").startswith("socket:")
        return count


@pytest.fixture(scope="session")
def whole_stage(tmp_path_factory):
    from peers import Upstream

    upstream = Upstream()
    stage = Stage(
        tmp_path_factory.mktemp("gate"), {d: d for d in ("devise", "aethermind", "servitech", "xpay")},
        f"{{ url: {upstream.url}, connect-timeout: 1s, answer-timeout: 2s, idle-timeout: 2s, stream-timeout: 60s }}")
    stage.upstream = upstream
    yield stage
    assert stage.server.stop() == 0, "a drained server ends with 0"
    upstream.close()


@pytest.fixture
def stage(whole_stage):
    """Guards of four dialects before one upstream, whose records are empty."""
    whole_stage.upstream.reset()
    yield whole_stage
    assert whole_stage.upstream.faults == []
    assert whole_stage.server.process.poll() is None, "the server ended"


@pytest.fixture
def fleet(tmp_path):
    """Two instances over one database."""
    from fleet import Fleet

    with Fleet(tmp_path) as running:
        yield running
        assert all(instance.lives for instance in running.instances)
