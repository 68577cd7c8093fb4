"""More logins than can be hashed, and how long a refusal takes."""
import http.client
import itertools
import random
import statistics
import threading
import time

from faults import FORWARDED, FULL, PASSWORD, Pulse, Subject, full_only, is_unavailable, percentile, until

numbers = itertools.count()


def guess(server, **more):
    """A login of nobody, which costs as much as any, from an address of its own."""
    number = next(numbers)
    return server.call(
        "devise", "POST", "/users/sign_in", {"user": {"email": f"nobody{number}@example.com", "password": PASSWORD}},
        {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}, **more)


class Crowd:
    """Clients that log in again and again and, refused, come again after a while."""

    def __init__(self, server, count, patience):
        self.server, self.patience, self.answers, self.faults, self.stopping = server, patience, [], [], False
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(count)]

    def run(self):
        while not self.stopping:
            begun = time.monotonic()
            try:
                answer = guess(self.server, timeout=60)
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(fault)
                continue
            self.answers.append((answer, time.monotonic() - begun, time.monotonic()))
            if answer.status == 503:
                time.sleep(random.uniform(0.5, 1.5) * self.patience)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()


def rate(crowd, begun, seconds):
    return sum(answer.status == 401 and begun <= at <= begun + seconds for answer, _, at in crowd.answers) / seconds


def test_more_logins_than_can_be_hashed_are_refused_at_once_and_harm_nobody_else(tmp_path):
    seconds = 60 if FULL else 3
    with Subject(tmp_path, extra=FORWARDED) as server:
        token = server.account("owner@example.com")
        with Crowd(server, 4, 1) as few:
            begun = time.monotonic()
            time.sleep(seconds / 2)
        capacity = rate(few, begun, seconds / 2)
        memory = server.memory
        with Pulse(lambda: server.manage("/healthz"), pause=0.05) as health, Pulse(lambda: server.ask_who(token), pause=0.05) as readers:
            with Crowd(server, 120, 2) as many:
                begun = time.monotonic()
                time.sleep(seconds)
                goodput = rate(many, begun, seconds)
        refused = [took for answer, took, _ in many.answers if answer.status == 503]
        judged = [took for answer, took, _ in many.answers if answer.status == 401]
        print(
            f"capacity {capacity:.1f}/s, goodput {goodput:.1f}/s, {len(judged)} judged in {statistics.median(judged) * 1000:.0f} ms, {len(refused)} refused in "
            f"{statistics.median(refused) * 1000:.0f} ms, health p99 {percentile(health.times, 0.99) * 1000:.0f} ms, {server.memory - memory:.1f} MiB more")
        assert not many.faults and not health.faults and not readers.faults, many.faults
        assert all(answer.status == 401 or is_unavailable(answer) for answer, _, _ in many.answers)
        assert goodput > capacity * (0.7 if FULL else 0.4), f"{goodput:.1f}/s of {capacity:.1f}/s"
        assert statistics.median(refused) < statistics.median(judged) / 2
        assert set(health.statuses) == {200} and set(readers.statuses) == {200}
        assert percentile(health.times, 0.99) < 1 and percentile(readers.times, 0.99) < 1
        assert server.memory - memory < 40, f"{server.memory - memory:.0f} MiB more"
        _, took = until(lambda: server.log_in("owner@example.com").status == 200, 15, "a login after the crowd has gone")
        assert took < 5, f"it took {took:.1f} s"
        assert server.stop() == 0


def test_however_much_one_address_has_hashed_another_signs_in_at_once(tmp_path):
    with Subject(tmp_path, extra=FORWARDED) as server:
        server.account("owner@example.com")
        _, alone = until(lambda: server.log_in("owner@example.com").status == 200, 15, "a login")
        over, statuses = threading.Event(), []

        def register():
            while not over.is_set():
                account = {"user": {"email": f"greedy{next(numbers)}@example.com", "password": PASSWORD}}
                statuses.append(server.call("devise", "POST", "/users", account, {"X-Forwarded-For": "192.0.2.66"}, timeout=60).status)
                if statuses[-1] == 503:
                    over.wait(0.5)

        greedy = [threading.Thread(target=register, daemon=True) for _ in range(80)]
        for thread in greedy:
            thread.start()
        until(lambda: 503 in statuses, 30, "a full queue")
        for _ in range(8):
            begun = time.monotonic()
            assert server.log_in("owner@example.com").status == 200
            # What is being hashed is hashed to its end, and one more may be before it.
            assert time.monotonic() - begun < 5 * alone + 2
        over.set()
        for thread in greedy:
            thread.join()
        assert server.stop() == 0


def rank_test(one, other):
    """How many standard deviations two samples' ranks lie apart (Mann and Whitney)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    total = sum(rank for rank, (_, group) in enumerate(ranked, 1) if group == 0)
    n, m = len(one), len(other)
    return (total - n * (n + m + 1) / 2) / (n * m * (n + m + 1) / 12) ** 0.5


@full_only
def test_an_unknown_name_and_a_wrong_password_take_the_same_time(tmp_path):
    with Subject(tmp_path, extra=FORWARDED) as server:
        known = [f"known{n}@example.com" for n in range(40)]
        for address in known:
            assert server.register(address).status == 200
        # What there was at once is slower than what comes later: warm first, then in turn.
        asked = [(address, PASSWORD + "?") for address in known * 5] + [(address.replace("known", "never"), PASSWORD + "?") for address in known * 5]
        random.Random(1).shuffle(asked)
        times = {"known": [], "never": []}
        shapes = set()
        for number, (address, password) in enumerate([("warm@example.com", "x")] * 8 + asked):
            begun = time.monotonic()
            answer = server.call(
                "devise", "POST", "/users/sign_in", {"user": {"email": address, "password": password}},
                {"X-Forwarded-For": f"10.9.{number >> 8}.{number & 255}"})
            took = time.monotonic() - begun
            assert answer.status == 401, answer
            if number >= 8:
                times[address[:5]].append(took)
                shapes.add((answer.body, *sorted((k, v) for k, v in answer.headers.items() if k not in ("date", "x-request-id"))))
        medians = {name: statistics.median(values) for name, values in times.items()}
        z = rank_test(times["known"], times["never"])
        print(f"known {medians['known'] * 1000:.2f} ms, unknown {medians['never'] * 1000:.2f} ms, z = {z:+.2f}")
        assert len(shapes) == 1, shapes
        assert abs(z) < 4, f"{medians}, z = {z:+.2f}"
        assert abs(medians["known"] - medians["never"]) < 0.1 * medians["known"], medians
        assert server.stop() == 0
