"""Django REST framework with simplejwt under gunicorn, one worker of four threads, on SQLite."""
import importlib.metadata
import subprocess
import sys

import machine
import peers
import tokens
from servers import Trouble
from stage import PASSWORD

NAME = "Django simplejwt"


def start(stage, cost=4, cores=machine.SERVER_CORE, name=NAME):
    port, folder = machine.free_port(), stage.new_folder("django")
    environment = {
        "PEER_SECRET": tokens.SECRET, "PEER_COST": str(cost), "PEER_DATABASE": f"{folder}/peer.db",
        "PYTHONPATH": str(peers.HERE / "apps"), "PYTHONDONTWRITEBYTECODE": "1"}
    made = subprocess.run([sys.executable, peers.HERE / "apps/simplejwt_app.py", "migrate"], env=environment, capture_output=True, text=True)
    if made.returncode:
        raise Trouble(f"no database: {made.stderr.strip()[-300:]}")
    command = [
        sys.executable, "-m", "gunicorn", "simplejwt_app:application", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", "1", "--threads", "4", "--keep-alive", "75", "--log-level", "critical", "--no-control-socket"]
    return stage.started(name, command, port, folder=folder, environment=environment, cores=cores)


def sign_up(caller, email):
    return caller.post("/register", {"email": email, "password": PASSWORD}, 201)


def sign_in(caller, email):
    """`access` and `refresh`."""
    return caller.post("/token", {"username": email, "password": PASSWORD}, 200)


def version(stage):
    of = importlib.metadata.version
    return f"Django {of('django')}, simplejwt {of('djangorestframework-simplejwt')}, gunicorn {of('gunicorn')}"
