"""What the log tells of guesses and thefts, and what it never tells."""
import datetime
import re

from faults import FORWARDED, PASSWORD, Subject


def events(told):
    """Lines of the log as maps."""
    found = []
    for line in told.splitlines():
        if line.startswith("time="):
            found.append({k: v.strip('"') for k, v in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line)})
    return found


def test_security_events_say_who_what_from_where_and_when_and_no_secret(tmp_path):
    other, typed = "another horse of course", "a-password-typed-wrongly"
    with Subject(tmp_path, extra=FORWARDED) as server:
        from_there = {"X-Forwarded-For": "192.0.2.7"}

        def post(path, body, method="POST", **headers):
            return server.call("devise", method, path, body, {**from_there, **headers})

        def log_in(password):
            return post("/users/sign_in", {"user": {"email": "owner@example.com", "password": password}})

        assert post("/users", {"user": {"email": "owner@example.com", "password": PASSWORD}}).status == 200
        link = re.search(r"confirmation_token=(\S+)", server.mail("owner@example.com")).group(1)
        assert post(f"/users/confirmation?confirmation_token={link}", None, "GET").status == 200
        token = log_in(PASSWORD).json["data"]["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert post("/api/v1/admin/x", None, "GET", **bearer).status == 403
        assert post("/users", {"user": {"password": other, "password_confirmation": other, "current_password": PASSWORD}}, "PUT", **bearer).status == 200
        assert [log_in(typed).status for _ in range(11)] == [401] * 10 + [429]
        assert post("/users/sign_in", {"user": {"email": "x\r\ntime=1 level=error event=forged", "password": "\u001b[31m"}}).status == 401
        assert server.stop() == 0
        told = server.told
    found = events(told)
    names = {event["event"]: event for event in found}
    for name in ("registered", "signed in", "forbidden", "password changed", "sign-in failed", "a guess was refused: there were too many"):
        assert name in names, f"nothing tells of `{name}`"
        event = names[name]
        assert event["client"] == "192.0.2.7" and event["frontend"] == "devise" and event["level"] in ("notice", "warning"), event
        at = datetime.datetime.fromisoformat(event["time"])
        assert at.utcoffset() == datetime.timedelta(0) and abs((datetime.datetime.now(datetime.UTC) - at).total_seconds()) < 120, event
    account = names["registered"]["account"]
    assert all(names[name]["account"] == account for name in ("signed in", "forbidden", "password changed"))
    for secret in (PASSWORD, other, typed, link, token, token.split(".")[2], "owner@example.com", "forged", "\u001b"):
        assert secret not in told, f"the log holds {secret!r}"
