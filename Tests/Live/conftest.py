"""The built `dragoman` as a process of its own: started, asked over real HTTP, killed, started again."""
import email
import email.policy
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("DRAGOMAN_BINARY", ROOT / ".build/debug/dragoman"))
DIALECTS = ["xpay", "rsa-jwt", "aethermind", "servitech", "devise"]
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

    def __init__(self, folder, dialects=DIALECTS, settings=SETTINGS, extra=""):
        self.folder = pathlib.Path(folder)
        self.ports = {d: free_port() for d in dialects}
        self.management = free_port()
        frontends = "".join(
            f"  {d}:\n    dialect: {d}\n    listen: 127.0.0.1:{p}\n    settings: {{ {settings.get(d, '')} }}\n" for d, p in self.ports.items())
        self.config = self.folder / "config.yaml"
        self.config.write_text(
            f"profile: development\nstate: {self.folder}/state\nstore: sqlite\nmanagement: 127.0.0.1:{self.management}\n"
            f"dialects: {ROOT}/Dialects\nmail: {{ transport: mailbox, from: noreply@localhost }}\n{extra}frontends:\n{frontends}")
        self.process = None

    def start(self):
        self.log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen([BINARY, "serve", "--config", self.config], stdout=self.log, stderr=self.log, cwd=ROOT)
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

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(40)

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
