"""PostgreSQL of the benchmark's own: the tests' cluster, here with a disk that it waits for."""
import subprocess

from servers import Trouble
from stage import ROOT


class Cluster:
    def __init__(self, stage, cleanup):
        self.psql = stage.program("psql")
        self.process = subprocess.Popen(
            ["env", "POSTGRES_FSYNC=on", "bash", str(ROOT / "Tests/Peers/postgres-cluster.sh")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        cleanup.callback(self._end)
        greeting = self.process.stdout.readline().split()
        if greeting[:1] != ["ready"]:
            raise Trouble("PostgreSQL: " + (" ".join(greeting) or "does not start"))
        self.folder = greeting[1]
        self.version = "PostgreSQL " + self.ask("SHOW server_version", self._url("postgres")).split()[0]

    def database(self, name):
        """The address of a new one."""
        self.ask(f"CREATE DATABASE {name}", self._url("postgres"))
        return self._url(name)

    def ask(self, sql, url):
        """What psql says, as plain text."""
        return subprocess.run([self.psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql], check=True, capture_output=True, text=True).stdout.strip()

    def _url(self, database):
        return f"postgresql://dragoman@/{database}?host={self.folder}"

    def _end(self):
        self.process.stdin.close()
        self.process.wait(30)
