#!/usr/bin/env python3
"""Benchmarks of a running Dragoman beside real peers, in one run on one machine; ratios are what counts.

Jobs: login against the bare hash, who am I, register. The server has one core, the load the other. Every job runs `--rounds` alternating
rounds and tells the median. Prints the table and, with --json FILE, the figures. Needs: wrk, taskset; FastAPI-Users in the venv.
"""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
SERVER_CORE, LOAD_CORE = "0", "1"
SECRET = "benchmark-only-0123456789abcdef0123456789abcdef"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"nothing listens on port {port} after {seconds} s")


def call(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Server:
    def __init__(self, name, command, port, environment=None, cores=SERVER_CORE):
        self.name, self.port = name, port
        started = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, *command], env={**os.environ, **(environment or {})}, cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(port)
        self.start_ms = (time.monotonic() - started) * 1000

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def wrk(server, path, headers, seconds, connections=64):
    before = cpu_seconds(server.process.pid)
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    out = subprocess.run(command + [f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        sys.exit(f"{server.name} {path}: not every answer was 2xx\n{out}")
    spent = cpu_seconds(server.process.pid) - before
    rate = float(next(line.split()[1] for line in out.splitlines() if line.startswith("Requests/sec")))
    requests = int(next(line.split()[0] for line in out.splitlines() if "requests in" in line))
    return rate, spent / max(requests, 1) * 1e6


def many(calls, threads, seconds):
    """Runs `calls(i)` from that many threads until the time is over; returns calls a second."""
    end, counts = time.monotonic() + seconds, [0] * threads
    started = time.monotonic()

    def run(i):
        while time.monotonic() < end:
            calls(i, counts[i])
            counts[i] += 1

    workers = [threading.Thread(target=run, args=(i,)) for i in range(threads)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return sum(counts) / (time.monotonic() - started)


def bare_hash(cost, seconds):
    """bcrypt by the system's crypt_r on one core, hashes a second."""
    code = f"""
import ctypes, ctypes.util, time
lib = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
lib.crypt_r.restype = ctypes.c_char_p
buffer = ctypes.create_string_buffer(32768)
n, start = 0, time.monotonic()
while time.monotonic() - start < {seconds}:
    lib.crypt_r(b"correct horse battery", b"$2b${cost:02d}$abcdefghijklmnopqrstuu", buffer); n += 1
print(n / (time.monotonic() - start))
"""
    return float(subprocess.run(["taskset", "-c", SERVER_CORE, sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def dragoman(work, cost):
    port, management = free_port(), free_port()
    config = pathlib.Path(work, "config.yaml")
    config.write_text(f"""profile: development
state: {work}/state
store: sqlite
management: 127.0.0.1:{management}
dialects: {ROOT}/Dialects
mail: {{ transport: mailbox, from: noreply@localhost }}
frontends:
  bench:
    dialect: devise
    listen: 127.0.0.1:{port}
    keys: {{ access: {SECRET} }}
    settings: {{ login-waits: false, password-cost: {cost}, access-lifetime: 24h }}
""")
    return Server("Dragoman", [str(ROOT / ".build/release/dragoman"), "serve", "--config", str(config)], port)


def fastapi_users(work, cost, python):
    port = free_port()
    environment = {"PEER_SECRET": SECRET, "PEER_COST": str(cost), "PEER_DATABASE": f"sqlite+aiosqlite:///{work}/peer.db", "PYTHONPATH": str(HERE / "peers")}
    return Server("FastAPI-Users", [python, "-m", "uvicorn", "fastapi_users_app:app", "--port", str(port), "--log-level", "critical"], port, environment)


def register_dragoman(server, email):
    body = json.dumps({"user": {"email": email, "password": "correct horse battery", "password_confirmation": "correct horse battery"}})
    status, text = call(server.port, "POST", "/users", body, {"Content-Type": "application/json"})
    if status != 200:
        sys.exit(f"register: {status} {text}")


def login_dragoman(server, email):
    body = json.dumps({"user": {"email": email, "password": "correct horse battery"}})
    status, text = call(server.port, "POST", "/users/sign_in", body, {"Content-Type": "application/json"})
    if status != 200:
        sys.exit(f"login: {status} {text}")
    return json.loads(text)["data"]["token"]


def register_peer(server, email):
    status, text = call(server.port, "POST", "/auth/register", json.dumps({"email": email, "password": "correct horse battery"}), {"Content-Type": "application/json"})
    if status != 201:
        sys.exit(f"peer register: {status} {text}")


def login_peer(server, email):
    status, text = call(server.port, "POST", "/auth/login", f"username={email}&password=correct+horse+battery".replace("@", "%40"), {"Content-Type": "application/x-www-form-urlencoded"})
    if status != 200:
        sys.exit(f"peer login: {status} {text}")
    return json.loads(text)["access_token"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=5, help="length of one round")
    arguments.add_argument("--json", help="also write the figures to this file")
    arguments.add_argument("--check", action="store_true", help="one short round: shows only that everything runs")
    options = arguments.parse_args()
    rounds, seconds = (1, 1) if options.check else (options.rounds, options.seconds)
    for tool in ("wrk", "taskset"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: apt-get install {'wrk' if tool == 'wrk' else 'util-linux'}")
    python = sys.executable

    rows, figures = [], {}
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as work:
        ours, peer = dragoman(work, 12), fastapi_users(work, 12, python)
        try:
            # who am I
            register_dragoman(ours, "me@example.com")
            register_peer(peer, "me@example.com")
            ours_token, peer_token = login_dragoman(ours, "me@example.com"), login_peer(peer, "me@example.com")
            mine, theirs = [], []
            for _ in range(rounds):
                mine.append(wrk(ours, "/users/current_user", [f"Authorization: Bearer {ours_token}"], seconds))
                theirs.append(wrk(peer, "/me", [f"Authorization: Bearer {peer_token}"], seconds))
            rate, cost = (statistics.median(x[i] for x in mine) for i in (0, 1))
            peer_rate, peer_cost = (statistics.median(x[i] for x in theirs) for i in (0, 1))
            rows.append(("who am I", f"{rate:,.0f}/s, {cost:.0f} us", f"FastAPI-Users {peer_rate:,.0f}/s, {peer_cost:.0f} us", f"{rate / peer_rate:.1f} x"))
            figures["who_am_i"] = {"rate": rate, "cpu_us": cost, "peer": peer_rate, "peer_cpu_us": peer_cost}

            # login against the bare hash, one core
            mine, theirs, bare = [], [], []
            for _ in range(rounds):
                bare.append(bare_hash(12, seconds))
                mine.append(many(lambda i, n: login_dragoman(ours, "me@example.com"), 4, seconds))
                theirs.append(many(lambda i, n: login_peer(peer, "me@example.com"), 4, seconds))
            rate, hash_rate, peer_rate = map(statistics.median, (mine, bare, theirs))
            rows.append(("log in, bcrypt cost 12", f"{rate:.2f}/s", f"bare hash {hash_rate:.2f}/s", f"{rate / hash_rate:.2f} x"))
            rows.append(("", f"{rate:.2f}/s", f"FastAPI-Users {peer_rate:.2f}/s", f"{rate / peer_rate:.2f} x"))
            figures["login"] = {"rate": rate, "bare": hash_rate, "peer": peer_rate}

            # register (a hash and a durable write)
            mine, theirs = [], []
            for r in range(rounds):
                mine.append(many(lambda i, n: register_dragoman(ours, f"r{r}-{i}-{n}@example.com"), 4, seconds))
                theirs.append(many(lambda i, n: register_peer(peer, f"r{r}-{i}-{n}@example.com"), 4, seconds))
            rate, peer_rate = map(statistics.median, (mine, theirs))
            rows.append(("register, bcrypt cost 12", f"{rate:.2f}/s", f"FastAPI-Users {peer_rate:.2f}/s", f"{rate / peer_rate:.2f} x"))
            figures["register"] = {"rate": rate, "peer": peer_rate}
            rows.append(("start to listening", f"{ours.start_ms:.0f} ms", f"FastAPI-Users {peer.start_ms:.0f} ms", f"{peer.start_ms / ours.start_ms:.1f} x"))
            ours_memory, peer_memory = resident_mib(ours.process.pid), resident_mib(peer.process.pid)
            rows.append(("memory after all that", f"{ours_memory:.0f} MiB", f"FastAPI-Users {peer_memory:.0f} MiB", f"{peer_memory / ours_memory:.1f} x"))
            figures["start_ms"], figures["memory_mib"] = ours.start_ms, ours_memory
        finally:
            ours.stop()
            peer.stop()

    versions = subprocess.run([python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True).stdout
    peer_version = next((line for line in versions.splitlines() if line.startswith("fastapi-users")), "fastapi-users")
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    print(f"{model}, {os.cpu_count()} cores, {datetime.date.today()}; {peer_version}; median of {rounds} rounds of {seconds} s; "
          f"server on core {SERVER_CORE}, load on core {LOAD_CORE}, wrk -c64")
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
