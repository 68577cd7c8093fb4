"""The store backed up, restored, and moved from one database to another, by the command line."""
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import time

import pytest

import postgres
from conftest import BINARY, ROOT, Dragoman
from faults import Pulse, Subject, sqlite_only

SECRET = "p4ss-of-the-database"


def run(*arguments, code=0, **environment):
    done = subprocess.run([BINARY, "store", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=300, env={**os.environ, **environment})
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def account(n):
    return f"owner{n}@example.com"


@sqlite_only
def test_a_backup_under_load_is_restored_only_when_nobody_serves_and_the_old_store_is_kept(tmp_path):
    with Subject(tmp_path) as server:
        server.account(account(1))
        token = server.token(account(1))
        with Pulse(lambda: server.ask_who(token), pause=0) as reads:
            told = json.loads(run("backup", tmp_path / "copy", "--json", "--config", server.config).stdout)
        assert told["rows"]["accounts"] == 1 and set(reads.statuses) == {200}
        assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
        assert "there already" in run("backup", tmp_path / "copy", "--config", server.config, code=1).stderr
        run("backup", tmp_path / "copy", "--force", "--config", server.config)
        server.account(account(2))
        assert "stop it first" in run("restore", tmp_path / "copy", "--config", server.config, code=1).stderr
        assert server.log_in(account(2)).status == 200
        assert server.stop() == 0
        kept = json.loads(run("restore", tmp_path / "copy", "--json", "--config", server.config).stdout)["kept"]
        with contextlib.closing(sqlite3.connect(kept)) as old:
            assert old.execute("SELECT count(*) FROM accounts").fetchone() == (2,)
        server.start()
        assert server.log_in(account(1)).status == 200 and server.log_in(account(2)).status == 401
        assert server.stop() == 0


@sqlite_only
def test_a_damaged_backup_replaces_nothing(tmp_path):
    with Subject(tmp_path) as server:
        server.account(account(1))
        assert server.stop() == 0
        run("backup", tmp_path / "copy", "--config", server.config)
        copy = bytearray((tmp_path / "copy").read_bytes())
        copy[8192::997] = bytes(len(copy[8192::997]))
        (tmp_path / "copy").write_bytes(copy)
        assert "nothing was restored" in run("restore", tmp_path / "copy", "--config", server.config, code=1).stderr
        server.start()
        assert server.log_in(account(1)).status == 200


def test_a_database_is_backed_up_by_its_own_means(tmp_path):
    server = Dragoman(tmp_path, ["devise"], store=postgres.Cluster.common().database())
    assert "pg_dump" in run("backup", tmp_path / "copy", "--config", server.config, code=1).stderr
    assert "pg_restore" in run("restore", tmp_path / "copy", "--config", server.config, code=1).stderr


@sqlite_only
def test_accounts_and_sessions_move_to_postgres_and_back_and_a_killed_move_goes_on(tmp_path):
    url = postgres.Cluster.common().database()
    (tmp_path / "one").mkdir()
    file = tmp_path / "one/state/dragoman.sqlite"
    with Subject(tmp_path / "one") as server:
        token = server.account(account(1))
        gone = server.token(account(1))
        assert server.log_out(gone).status == 200
        assert "stop it first" in run("move", "--from", f"sqlite:{file}", "--to", "env:TARGET", code=1, TARGET=url).stderr
        assert server.stop() == 0
    # Many more, so that there is something to stop.
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as store:
        names = [row[1] for row in store.execute("PRAGMA table_info(accounts)")]
        instead = {"id": "randomblob(16)", "serial": "1000 + value", "email": "'m' || value || '@example.com'", "email_key": "'m' || value || '@example.com'"}
        store.execute(
            f"INSERT INTO accounts ({', '.join(names)}) SELECT {', '.join(instead.get(name, 'accounts.' + name) for name in names)} "
            "FROM accounts, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 20000) SELECT value FROM n)")
    move = ["move", "--from", f"sqlite:{file}", "--to", "env:TARGET"]
    stopped = subprocess.Popen([BINARY, "store", *move], cwd=ROOT, env={**os.environ, "TARGET": url}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while time.monotonic() < end and not rows(url):
        time.sleep(0.01)
    stopped.kill()
    assert stopped.wait() == -9, "it ended before it could be killed"
    before = rows(url)
    assert 0 < before < 20001
    (tmp_path / "two").mkdir()
    # The key that the file's server had made.
    keys = {"devise": [f'keys: {{ access: "file:{tmp_path}/one/state/keys/devise.secret" }}']}
    refused = Subject(tmp_path / "two", store=url, lines=keys)
    with pytest.raises(Exception, match="a move into this store has not ended"):
        refused.start()
    told = json.loads(run(*move, "--json", TARGET=url).stdout)
    assert told["verified"] and told["copied"] < sum(table["source_rows"] for table in told["tables"])
    assert all(re.fullmatch("[0-9a-f]{64}|", table["source_sha256"]) for table in told["tables"])
    assert json.loads(run(*move, "--verify-only", "--json", TARGET=url).stdout)["verified"]
    with refused.start() as server:
        assert server.ask_who(token).status == 200 and server.ask_who(gone).status == 401
        assert server.log_in(account(1)).status == 200
        assert server.stop() == 0
    run("move", "--from", "env:TARGET", "--to", f"sqlite:{tmp_path}/back.sqlite", TARGET=url)
    with contextlib.closing(sqlite3.connect(tmp_path / "back.sqlite")) as store:
        assert store.execute("SELECT count(*) FROM accounts").fetchone() == (20001,)
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def rows(url):
    try:
        return int(postgres.ask("SELECT count(*) FROM accounts", url))
    except subprocess.CalledProcessError:
        return 0


def test_no_word_of_a_move_holds_the_password(tmp_path):
    url = f"postgres://ann:{SECRET}@127.0.0.1:1/none"
    for arguments in (["--from", url, "--to", f"sqlite:{tmp_path}/x"], ["--from", "env:SOURCE", "--to", url], ["--from", f"nonsense:{SECRET}", "--to", url]):
        done = run("move", *arguments, code=1, SOURCE=url)
        assert SECRET not in done.stdout + done.stderr and done.stderr.startswith("dragoman: ")
