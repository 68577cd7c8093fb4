"""What was answered survives `kill -9` at any moment, many times over."""
import collections
import http.client
import itertools
import random
import re
import threading
import time

import pytest

from conftest import Dragoman

ROUNDS = 12


class Client(threading.Thread):
    """Registers, logs in and logs out without end, and remembers only what was answered."""

    def __init__(self, server, number, round_number):
        super().__init__()
        self.server, self.name_stem = server, f"k{round_number}-{number}"
        self.registered, self.ended, self.stopping = [], [], False

    def run(self):
        count = 0
        while not self.stopping:
            address = f"{self.name_stem}-{count}@example.com"
            count += 1
            try:
                answer = self.server.call("devise", "POST", "/users", {"user": {"email": address, "password": "correct horse"}}, timeout=10)
                if answer.status != 200:
                    continue
                self.registered.append(address)
                answer = self.server.call("devise", "POST", "/users/sign_in", {"user": {"email": address, "password": "correct horse"}}, timeout=10)
                if answer.status != 200:
                    continue
                token = answer.json["data"]["token"]
                answer = self.server.call("devise", "DELETE", "/users/sign_out", headers={"Authorization": f"Bearer {token}"}, timeout=10)
                if answer.status == 200:
                    self.ended.append(token)
            except (OSError, http.client.HTTPException):
                continue


def recipients(server):
    """Of all mails in the mailbox."""
    return {re.search(rb"(?im)^To: *(\S+)", file.read_bytes()).group(1).decode() for file in server.folder.glob("state/mailbox/**/*.eml")}


def waiting(server):
    """How many mails the outbox owes."""
    return server.count("SELECT count(*) FROM outbox WHERE state = 'waiting'")


def test_kill_9_loses_no_answered_registration_no_ended_session_and_no_mail_owed(tmp_path):
    server = Dragoman(tmp_path, ["devise"])
    registered, ended = [], []
    # A slow machine takes more rounds.
    for round_number in itertools.count():
        if round_number >= ROUNDS and len(registered) > 5 * ROUNDS:
            break
        server.start()
        clients = [Client(server, n, round_number) for n in range(6)]
        for client in clients:
            client.start()
        time.sleep(random.uniform(0.3, 1.8))
        server.kill()
        for client in clients:
            client.stopping = True
        for client in clients:
            client.join()
            registered += client.registered
            ended += client.ended
    server.start()
    for address in registered:
        again = server.call("devise", "POST", "/users", {"user": {"email": address, "password": "correct horse"}})
        assert again.status == 422 and "Email has already been taken" in again.text, f"{address} was registered and is gone: {again}"
    for token in ended:
        answer = server.call("devise", "GET", "/users/current_user", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 401, f"an ended session lives again: {answer}"
    # On a store that may be shared, what the dead server had in its hands leaves when its claim of two minutes ends.
    end = time.monotonic() + (150 if server.database else 30)
    while missing := set(registered) - recipients(server):
        assert time.monotonic() < end, f"no mail to {missing}, and {waiting(server)} wait"
        time.sleep(0.2)
    time.sleep(1)
    by_id = collections.Counter()
    for file in server.folder.glob("state/mailbox/**/*.eml"):
        by_id[re.search(rb"(?im)^Message-ID: *(\S+)", file.read_bytes()).group(1)] += 1
    assert max(by_id.values()) == 1, "a mail lies in the mailbox twice"
    server.stop()


def test_a_code_that_was_used_up_before_kill_9_is_not_good_again(tmp_path):
    server = Dragoman(tmp_path, ["xpay"]).start()
    person = {"email": "dev@example.com", "password": "correct horse 1", "full_name": "Dev"}
    assert server.call("xpay", "POST", "/v1/auth/register", person).status == 201
    code = re.search(r"^\d{6}$", server.mail("dev@example.com"), re.M).group()
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(4):
        assert server.call("xpay", "POST", "/v1/auth/verify", {"email": person["email"], "otp": wrong}).status == 400
        server.kill()
        server.start()
    assert server.call("xpay", "POST", "/v1/auth/verify", {"email": person["email"], "otp": wrong}).status == 400
    server.kill()
    server.start()
    spent = server.call("xpay", "POST", "/v1/auth/verify", {"email": person["email"], "otp": code})
    assert spent.status == 400, "five wrong tries over five lives of the server void the code"
    server.stop()


def test_a_restart_keeps_sessions_and_codes(tmp_path):
    server = Dragoman(tmp_path, ["xpay"]).start()
    person = {"email": "dev@example.com", "password": "correct horse 1", "full_name": "Dev"}
    server.call("xpay", "POST", "/v1/auth/register", person)
    code = re.search(r"^\d{6}$", server.mail("dev@example.com"), re.M).group()
    assert server.stop() == 0
    server.start()
    assert server.call("xpay", "POST", "/v1/auth/verify", {"email": person["email"], "otp": code}).status == 200
    again = server.call("xpay", "POST", "/v1/auth/verify", {"email": person["email"], "otp": code})
    assert again.status == 400, "a code is good once"
    token = server.call("xpay", "POST", "/v1/auth/login", {"email": person["email"], "password": person["password"]}).json["token"]
    server.kill()
    server.start()
    assert server.call("xpay", "GET", "/v1/developer/profile", headers={"Authorization": f"Bearer {token}"}).status == 200
    server.stop()
