"""FastAPI-Users under uvicorn, one worker, on SQLite."""
import importlib.metadata
import json
import sys
import urllib.parse

import machine
import peers
import tokens
from stage import PASSWORD

NAME = "FastAPI-Users"


def start(stage, cost=4, cores=machine.SERVER_CORE, name=NAME):
    port, folder = machine.free_port(), stage.new_folder("fastapi")
    environment = {
        "PEER_SECRET": tokens.SECRET, "PEER_COST": str(cost), "PEER_DATABASE": f"sqlite+aiosqlite:///{folder}/peer.db",
        "PYTHONPATH": str(peers.HERE / "apps"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "uvicorn", "fastapi_users_app:app", "--port", port, "--log-level", "critical", "--no-access-log"]
    return stage.started(name, command, port, folder=folder, environment=environment, cores=cores)


def sign_up(caller, email):
    return caller.post("/auth/register", {"email": email, "password": PASSWORD}, 201)


def sign_in(caller, email):
    form = urllib.parse.urlencode({"username": email, "password": PASSWORD})
    text = caller.ask("POST", "/auth/login", form, {"Content-Type": "application/x-www-form-urlencoded"}, 200)
    return json.loads(text)["access_token"]


def version(stage):
    of = importlib.metadata.version
    return f"FastAPI-Users {of('fastapi-users')}, FastAPI {of('fastapi')}, uvicorn {of('uvicorn')}"
