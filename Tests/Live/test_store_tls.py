"""PostgreSQL behind TLS: served by it, or refused in words before anything is served."""
import os
import subprocess

import pytest

import postgres
from conftest import BINARY, ROOT
from faults import Subject

PASSWORD = "hunter22-of-the-database"


@pytest.fixture(scope="module")
def cluster():
    cluster = postgres.Cluster(POSTGRES_TLS="1")
    cluster.tls = f"{cluster.folder}/tls"
    yield cluster
    cluster.end()


def test_accounts_are_kept_in_a_database_that_shows_its_certificate_and_is_shown_ours(tmp_path, cluster):
    cluster.ask("CREATE DATABASE certified OWNER certified", cluster.url("postgres"))
    url = cluster.network(
        user="certified", sslmode="verify-full", sslrootcert=f"{cluster.tls}/ca.crt", sslcert=f"{cluster.tls}/client.crt",
        sslkey=f"{cluster.tls}/client.key").replace("/dragoman?", "/certified?")
    with Subject(tmp_path, store=url) as server:
        token = server.account("ann@example.com")
        assert server.ask_who(token).status == 200
        sessions = cluster.ask(
            "SELECT bool_and(ssl), count(*) >= 2 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = 'certified'",
            cluster.url("postgres"))
        assert sessions == "t|t"
        assert server.stop() == 0


@pytest.mark.parametrize("options, words", [
    ({"sslmode": "verify-full", "sslrootcert": "{tls}/other-ca.crt"}, "its certificate is not trusted"),
    ({"sslmode": "verify-full", "sslrootcert": "{tls}/ca.crt", "host": "127.0.0.1"}, "its certificate is for another host"),
    ({"sslmode": "verify-full", "sslrootcert": "{tls}/nothing.crt"}, "the file of sslrootcert is not there or cannot be read"),
    ({"sslmode": "require"}, "it refuses the user or the password"),
])
def test_a_server_that_is_not_the_one_ends_serve_in_words_without_the_password(tmp_path, cluster, options, words):
    options = {name: value.replace("{tls}", cluster.tls) for name, value in options.items()}
    refused(tmp_path, cluster.network(user=f"locked:{PASSWORD}", **options), words)


def test_a_server_without_tls_ends_serve_where_the_address_asks_for_it(tmp_path):
    cluster = postgres.Cluster(POSTGRES_TLS="1")
    try:
        cluster.ask("ALTER SYSTEM SET ssl = off")
        cluster.run("stop 0")
        cluster.run("start 0")
        refused(
            tmp_path, cluster.network(user=f"locked:{PASSWORD}", sslmode="require"), "it does not speak TLS, which the address asks for")
    finally:
        cluster.end()


def refused(folder, url, words):
    server = Subject(folder, store=url)
    for command in ("serve", "account"):
        arguments = [command, "--config", server.config] if command == "serve" else [command, "list", "--config", server.config]
        done = subprocess.run([BINARY, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, env=os.environ)
        told = done.stdout + done.stderr
        assert done.returncode == 1, (done.returncode, told)
        assert f"the database server: {words}" in told, told
        assert PASSWORD not in told and "locked" not in told, told
