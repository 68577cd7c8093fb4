"""Servers under measurement: started on their core, watched, and stopped whatever happens."""
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import time

import machine

running = []


class Trouble(Exception):
    """Why something cannot be measured; told in the table."""


class Server:
    """One or several processes that together answer on a port."""

    def __init__(self, name, command, port, *, folder, environment=None, cores=machine.SERVER_CORE, beside=()):
        self.name, self.port, self.command, self.beside = name, port, command, list(beside)
        self.log = pathlib.Path(folder, f"{name.split()[0].lower()}-{port}.log")
        self.began = time.monotonic()
        with open(self.log, "wb") as log:
            try:
                self.process = subprocess.Popen(
                    ["taskset", "-c", cores, *command], env={**os.environ, **(environment or {})}, cwd=folder,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            except OSError as error:
                raise Trouble(f"cannot be started: {error}") from None
        running.append(self)

    def until_listening(self, seconds=60, pause=0.002):
        """Waits for the port, and returns the milliseconds since the start."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise self.trouble(f"ended at its start with {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return (time.monotonic() - self.began) * 1000
            except OSError:
                time.sleep(pause)
        raise self.trouble(f"does not listen after {seconds} s")

    def until_answering(self, path, seconds=60):
        """Asks until any answer comes, and returns the milliseconds since the start."""
        self.until_listening(seconds)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.ask("GET", path)
                return (time.monotonic() - self.began) * 1000
            except (OSError, http.client.HTTPException):
                time.sleep(0.001)
        raise self.trouble(f"does not answer after {seconds} s")

    def trouble(self, words):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        said = [line for line in lines if "error" in line.lower()][:3] or lines[-3:]
        return Trouble(words + (": " + " | ".join(said) if said else ""))

    def pids(self):
        """All its processes, those of servers that it asks included."""
        own = machine.family(self.process.pid)
        return own + [pid for server in self.beside for pid in server.pids()]

    def ask(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def stop(self):
        for server in [self, *self.beside]:
            if server in running:
                running.remove(server)
            server._end()

    def _end(self):
        for sign, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.process.pid, sign)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # what its children left over
        except ProcessLookupError:
            pass


def stop_all():
    for server in list(running):
        server.stop()
