"""Configurations that are broken, at the start and at a reload under load."""
import itertools
import os
import re
import signal
import subprocess

import pytest

from conftest import BINARY, ROOT
from faults import FULL, Pulse, Subject, until

PLACE = r"place=\S*config\.yaml:\d+:\d+"
GENERATED = [
    ("a file that is no YAML", lambda good: good.replace("frontends:", "frontends: {[")),
    ("an unknown key", lambda good: good + "fronteds: {}\n"),
    ("an unknown setting", lambda good: good.replace("password-cost: 10", "password-cots: 10")),
    ("a value out of range", lambda good: good.replace("password-cost: 10", "password-cost: 99")),
    ("an empty file", lambda good: ""),
    ("half a file", lambda good: good[: len(good) // 2]),
    ("a missing key file", lambda good: good.replace("    dialect: devise\n", "    dialect: devise\n    keys: { access: file:nowhere.pem }\n")),
    ("a dialect that is not there", lambda good: good.replace("dialect: devise", "dialect: divise")),
    ("a file of many megabytes", lambda good: good + "# " + "x" * ((100 if FULL else 2) << 20) + "\n"),
    ("deep nesting", lambda good: good + "x: " + "[" * 50_000 + "\n"),
]


def replace(file, text):
    """As editors and deployments do: beside it, then over it."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.rename(file)


@pytest.mark.parametrize("broken", [make for _, make in GENERATED[:8]], ids=[name for name, _ in GENERATED[:8]])
def test_a_broken_configuration_does_not_start_and_says_where(tmp_path, broken):
    server = Subject(tmp_path)
    server.config.write_text(broken(server.config.read_text()))
    ended = subprocess.run([BINARY, "serve", "--config", server.config], capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert ended.returncode > 0, ended
    assert re.search(r"config\.yaml:\d+:\d+: ", ended.stdout + ended.stderr), ended
    assert not (tmp_path / "state").exists(), "a start that was refused left something behind"


def test_aliases_that_multiply_are_refused_at_once(tmp_path):
    server = Subject(tmp_path)
    bomb = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    server.config.write_text("a0: &a0 [x, x]\n" + bomb + server.config.read_text())
    ended = subprocess.run([BINARY, "check", "--config", server.config], capture_output=True, text=True, timeout=3, cwd=ROOT)
    assert ended.returncode > 0 and "anchors and aliases are not allowed" in ended.stdout + ended.stderr, ended


def test_checking_changes_nothing_and_shows_no_secret(tmp_path):
    server = Subject(tmp_path)
    secret = "a-secret-that-nobody-may-ever-read-in-a-terminal"
    good = server.config.read_text().replace("    dialect: devise\n", f"    dialect: devise\n    keys: {{ access: {secret} }}\n")
    for text in (good, good.replace("password-cost: 10", "password-cost: 99"), good.replace("access:", "acess:")):
        server.config.write_text(text)
        for command in ("check", "routes"):
            said = subprocess.run([BINARY, command, "--config", server.config], capture_output=True, text=True, timeout=30, cwd=ROOT)
            assert secret not in said.stdout + said.stderr, f"`dragoman {command}` shows a secret"
    assert sorted(os.listdir(tmp_path)) == ["config.yaml"]


def test_reloads_of_good_and_broken_files_in_turn_fail_no_request(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        good = server.config.read_text()
        changed = good.replace("password-cost: 10", "password-cost: 10, top-message: true")

        def shows_change():
            return "message" in server.ask_who("a.b.c").json

        def reload(text=None):
            before = len(re.findall(r"event=(?:reloaded|\"not reloaded\")", server.told))
            if text is not None:
                replace(server.config, text)
            server.process.send_signal(signal.SIGHUP)
            until(lambda: len(re.findall(r"event=(?:reloaded|\"not reloaded\")", server.told)) > before, 90, "a word about the reload")

        def breaks(name, act):
            told = len(server.told)
            was = shows_change()
            act()
            said = [line for line in server.told[told:].splitlines() if "not reloaded" in line]
            assert said and shows_change() == was, f"{name}: the old configuration is not in force"
            assert all("level=error" in line for line in said) and any(re.search(PLACE, line) for line in said), f"{name}: {said}"

        def unreadable():
            server.config.unlink()
            server.config.mkdir()
            reload()
            server.config.rmdir()

        broken = [(name, lambda make=make: reload(make(good))) for name, make in GENERATED]
        broken += [("a folder in place of the file", unreadable), ("no file", lambda: (server.config.unlink(), reload()))]
        with Pulse(lambda: server.ask_who(token)) as readers, Pulse(lambda: server.call("devise", "GET", "/up")) as others:
            texts = itertools.cycle([changed, good])
            for name, act in broken * (5 if FULL else 1):
                if "megabytes" in name:
                    # Sound, though long: only that nobody waits for it matters.
                    act()
                else:
                    breaks(name, act)
                reload(text := next(texts))
                until(lambda: shows_change() == (text is changed), 5, "the new configuration")
        assert server.lives
        assert set(readers.statuses) == {200} and set(others.statuses) == {200}
        assert not readers.faults and not others.faults, readers.faults + others.faults
        assert server.memory < 600, f"{server.memory:.0f} MiB"
        assert server.stop() == 0
