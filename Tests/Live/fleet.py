"""Two instances over one database: what each must know of the other."""
import contextlib
import http.client
import json
import os
import shutil
import threading
import time

import postgres
from conftest import ROOT
from faults import Subject

LONG = os.environ.get("DRAGOMAN_LONG") == "1"


class Fleet:
    """Instances with ports of their own, one set of keys and one database."""

    def __init__(self, folder, dialects=("devise",), url=None, count=2, **more):
        url = url or postgres.Cluster.common().database()
        self.instances = []
        for number in range(count):
            own = folder / f"instance-{number}"
            own.mkdir()
            # The first one's state holds the keys and the mailbox of all.
            self.instances.append(Subject(own, dialects, state=None if number == 0 else f"{folder}/instance-0/state", store=url, **more))

    def __enter__(self):
        for instance in self.instances:
            instance.start()
        return self

    def __exit__(self, *_):
        for instance in self.instances:
            instance.__exit__()

    def __getitem__(self, number):
        return self.instances[number]


class Kept:
    """One connection that stays open, so that the server may answer from what it remembers of it."""

    def __init__(self, server, dialect="devise"):
        self.server, self.dialect, self.connection = server, dialect, None

    def ask(self, method, path, token=None, body=None, timeout=10):
        for is_last in (False, True):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.server.ports[self.dialect], timeout=timeout)
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if body is not None:
                body = body if isinstance(body, str) else json.dumps(body)
                headers["Content-Type"] = "application/json"
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                answer.data = answer.read()
                return answer
            except (OSError, http.client.HTTPException):
                self.close()
                if is_last or method != "GET":
                    raise

    def who(self, token):
        return self.ask("GET", "/users/current_user", token).status

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Load(threading.Thread):
    """Asks who it is on every instance, again and again, and keeps what it was answered by."""

    def __init__(self, servers, token):
        super().__init__(daemon=True)
        self.servers, self.token, self.stopping, self.statuses = servers, token, False, []

    def run(self):
        kept = [Kept(server) for server in self.servers]
        while not self.stopping:
            for one in kept:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    self.statuses.append(one.who(self.token))
            time.sleep(0.002)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.join()


def turns(folder):
    """The folder of a dialect of ours whose refresh tokens rotate, and of what it extends."""
    shutil.copytree(ROOT / "Examples/pocket", folder / "dialects/pocket")
    shutil.copytree(ROOT / "Tests/Live/Dialects/turns", folder / "dialects/turns")
    return folder / "dialects"


def together(count, body):
    """Runs the body that many times at the same moment."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(number):
        barrier.wait(30)
        results[number] = body(number)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def seconds_until_refused(kept, token, limit=5):
    begun = time.monotonic()
    while (status := kept.who(token)) == 200:
        assert time.monotonic() - begun < limit, f"still let in after {limit} s"
        time.sleep(0.001)
    assert status == 401, status
    return time.monotonic() - begun
