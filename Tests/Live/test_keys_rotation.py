"""Keys that are replaced while servers run: on one machine, and on two that share a PostgreSQL database."""
import json
import os
import subprocess
import time

import pytest

import postgres
from conftest import BINARY, ROOT
from faults import Pulse, Subject, sqlite_only, until

OLD, NEW = "the old secret of a shop, of 32 bytes and more", "the new secret of a shop, of 32 bytes and more"


def operate(server, *arguments, environment=()):
    return subprocess.run(
        [BINARY, *arguments, "--config", server.config], cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ, **dict(environment)})


def rotate(server, *arguments, **more):
    done = operate(server, "keys", "rotate", "devise", "--json", *arguments, **more)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def keys(server, **more):
    return json.loads(operate(server, "keys", "show", "--json", **more).stdout)


@sqlite_only
def test_a_rotation_reaches_a_running_server_and_fails_no_request(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        with Pulse(lambda: server.ask_who(token)) as readers, Pulse(lambda: server.log_in("owner@example.com")) as writers:
            for number in range(1, 4):
                rotate(server)
                until(lambda: server.told.count('event="other keys"') == number, 5, "a word about the new key")
            new = server.token("owner@example.com")
        assert set(readers.statuses) == {200} and set(writers.statuses) == {200}
        assert not readers.faults and not writers.faults, readers.faults + writers.faults
        assert server.ask_who(new).status == 200
        assert [key["state"] for key in keys(server)] == ["signs", "older", "older", "older"]
        for path in (tmp_path / "state/keys").iterdir():
            assert path.stat().st_mode & 0o777 == 0o600, path
            assert path.read_text() not in server.told


@sqlite_only
def test_a_leaked_key_is_refused_within_a_second_and_leaves_the_disk(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        assert server.ask_who(token).status == 200
        rotate(server, "--overlap", "0")
        until(lambda: server.ask_who(token).status == 401, 1, "the refusal")
        assert server.ask_who(server.token("owner@example.com")).status == 200
        assert [path.name for path in (tmp_path / "state/keys").iterdir()] == ["devise.secret"]


@sqlite_only
def test_a_key_that_cannot_be_read_keeps_no_other_from_being_replaced(tmp_path):
    with Subject(tmp_path, dialects=("devise", "servitech")) as server:
        token = server.account("owner@example.com")
        broken = tmp_path / "state/keys/servitech.secret"
        broken.chmod(0o644)
        until(lambda: "can be read by every user" in server.told, 5, "a word about the key that is open to all")
        rotate(server, "--overlap", "0")
        until(lambda: server.ask_who(token).status == 401, 1, "the refusal")
        assert server.ask_who(server.token("owner@example.com")).status == 200
        broken.chmod(0o600)
        until(lambda: "the keys are read again" in server.told, 5, "that it is well again")


def test_an_overlap_ends_by_itself_also_for_who_is_remembered(tmp_path):
    with Subject(tmp_path) as server:
        token = server.account("owner@example.com")
        rotate(server, "--overlap", "4s")
        assert server.ask_who(token).status == 200
        # Where instances share keys, the new one signs and the overlap begins when all know it.
        until(lambda: server.ask_who(token).status == 401, 25 if server.database else 8, "the end of the overlap")
        assert server.ask_who(server.token("owner@example.com")).status == 200


def test_a_key_of_the_configuration_overlaps_as_it_says_and_is_never_shown(tmp_path):
    secrets = {"OLD": OLD, "NEW": NEW}
    server = Subject(tmp_path, lines={"devise": ['keys: { access: "env:OLD" }']})
    try:
        server.start(environment=secrets)
        token = server.account("owner@example.com")
        told = operate(server, "keys", "rotate", "devise", environment=secrets)
        assert told.returncode == 1 and 'older: ["env:OLD"]' in told.stderr
        text = server.config.read_text()
        server.config.write_text(text.replace('access: "env:OLD"', 'access: "env:NEW", older: ["env:OLD"]'))
        server.process.send_signal(1)
        until(lambda: "event=reloaded" in server.told, 20, "the reload")
        assert server.ask_who(token).status == 200
        new = server.token("owner@example.com")
        assert [key["state"] for key in keys(server, environment=secrets)] == ["signs", "older"]
        server.config.write_text(text.replace('access: "env:OLD"', 'access: "env:NEW"'))
        server.process.send_signal(1)
        until(lambda: server.ask_who(token).status == 401, 20, "the second reload")
        assert server.ask_who(new).status == 200
        assert OLD not in server.told + told.stdout + told.stderr and NEW not in server.told
    finally:
        server.__exit__()


# Two instances over one database.


KEY = "a store key of 32 bytes and more, for two instances"
ENVIRONMENT = {"DRAGOMAN_STORE_KEY": KEY}


@pytest.fixture
def database():
    """The address of an empty PostgreSQL database."""
    return postgres.Cluster.common().database()


def fleet(tmp_path, database, dialect="devise"):
    """Two servers that have nothing in common but their configuration and the database."""
    servers = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        servers.append(Subject(tmp_path / name, dialects=(dialect,), store=database))
    return servers


def start(servers):
    """Both at once, on an empty database."""
    processes = []
    for server in servers:
        with open(server.folder / "server.log", "ab") as output:
            server.process = subprocess.Popen(
                [BINARY, "serve", "--config", server.config], stdout=output, stderr=output, cwd=ROOT,
                env={**os.environ, **ENVIRONMENT})
        processes.append(server.process)

    def is_ready(server):
        assert server.lives, server.told[-3000:]
        try:
            return server.manage("/readyz").status == 200
        except OSError:
            return False
    for server in servers:
        until(lambda: is_ready(server), 60, "readiness")


def test_two_instances_have_one_key_sealed_and_a_rotation_fails_no_request_anywhere(tmp_path, database):
    servers = fleet(tmp_path, database)
    one, two = servers
    try:
        start(servers)
        assert postgres.ask("SELECT count(*), max(number) FROM keys", database) == "1|1"
        token = one.account("owner@example.com")
        assert one.ask_who(token).status == 200 and two.ask_who(token).status == 200
        assert not (tmp_path / "one/state/keys").exists() and not (tmp_path / "two/state/keys").exists()

        # Each token of either instance is shown to the other at once, before, during and after the change.
        def crossing(a, b):
            return lambda: b.ask_who(a.token("owner@example.com"))
        with Pulse(crossing(one, two)) as there, Pulse(crossing(two, one)) as back:
            rotation = rotate(one, environment=ENVIRONMENT)
            shown = keys(two, environment=ENVIRONMENT)
            assert [key["state"] for key in shown] == ["next", "signs"]
            time.sleep(8)
        assert set(there.statuses) == {200} and set(back.statuses) == {200}
        assert not there.faults and not back.faults, there.faults + back.faults
        assert [key["state"] for key in keys(two, environment=ENVIRONMENT)] == ["signs", "older"]
        assert one.ask_who(token).status == 200 and two.ask_who(token).status == 200
        assert rotation["until"] > rotation["signs-from"]

        rotate(two, "--overlap", "0", environment=ENVIRONMENT)
        until(lambda: {server.ask_who(token).status for server in servers} == {401}, 1, "the refusal by both")
        new = one.token("owner@example.com")
        assert one.ask_who(new).status == 200 and two.ask_who(new).status == 200

        other = operate(one, "serve", environment={"DRAGOMAN_STORE_KEY": KEY + "?"})
        assert other.returncode != 0 and "store-key" in other.stderr and KEY not in other.stderr, other
    finally:
        for server in servers:
            server.__exit__()




def test_both_public_keys_are_in_every_key_set_before_the_new_one_signs(tmp_path, database):
    servers = fleet(tmp_path, database, "rsa-jwt")
    try:
        start(servers)

        def sets():
            return [server.call("rsa-jwt", "GET", "/.well-known/jwks.json").json["keys"] for server in servers]
        first = sets()
        assert first[0] == first[1] and len(first[0]) == 1
        done = operate(servers[0], "keys", "rotate", "rsa-jwt", "--overlap", "9s", "--json", environment=ENVIRONMENT)
        assert done.returncode == 0, done
        until(lambda: all(len(shown) == 2 for shown in sets()), 4, "both keys in both sets")
        assert all(shown[0] == first[0][0] for shown in sets()), "the old one still signs"
        until(lambda: all(shown[-1] == first[0][0] for shown in sets()), 8, "the new key signs")
        until(lambda: all(len(shown) == 1 and shown != first[0] for shown in sets()), 15, "the end of the old key")
    finally:
        for server in servers:
            server.__exit__()
