"""A real PostgreSQL for the tests: `Tests/Peers/postgres-cluster.sh`, gone when its standard input ends, and so with us."""
import itertools
import os
import pathlib
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "Peers/postgres-cluster.sh"
# Whether every server of the tests keeps its accounts in PostgreSQL.
CHOSEN = os.environ.get("DRAGOMAN_STORE") == "postgres"


class Cluster:
    numbers = itertools.count(1)
    _common = None

    @classmethod
    def common(cls):
        """One for all tests that leave it alone."""
        cls._common = cls._common or cls()
        return cls._common

    def __init__(self, **environment):
        self.process = subprocess.Popen(
            ["bash", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env={**os.environ, **environment})
        greeting = self.process.stdout.readline().split()
        assert greeting[:1] == ["ready"], f"no PostgreSQL for the tests: {' '.join(greeting)}; `make test` installs it"
        self.folder = greeting[1]
        self.port = int(open(f"{self.folder}/port").read())

    def run(self, command):
        """`stop 0`, `start 0`, `pause 0`, `resume 0`, `freeze PID`, `thaw PID`, `standby 1`, `promote 1`."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n", f"PostgreSQL did not obey: {command}"

    def url(self, database="dragoman", port=None):
        return f"postgresql://dragoman@/{database}?host={self.folder}&port={port or self.port}"

    def network(self, port=None, user="dragoman", host="localhost", **options):
        """The address by TCP of one that was started with POSTGRES_TLS=1."""
        more = "".join(f"&{name}={value}" for name, value in options.items())
        return f"postgresql://{user}@/dragoman?host={host}&hostaddr=127.0.0.1&port={port or self.port}{more}"

    def database(self):
        """The address of a new one."""
        name = f"live_{next(self.numbers)}"
        self.ask(f"CREATE DATABASE {name}", self.url("postgres"))
        return self.url(name)

    def ask(self, sql, url=None):
        return ask(sql, url or self.url())

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


def ask(sql, url):
    """What psql says, as plain text."""
    return subprocess.run(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql], check=True, capture_output=True, text=True, timeout=60).stdout.strip()
