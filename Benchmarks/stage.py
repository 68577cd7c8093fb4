"""What all jobs of one run share: options, a folder, keys, Dragoman itself and the tokens it gave."""
import functools
import os
import pathlib
import shutil
import sys

import load
import machine
import tokens
from servers import Server, Trouble

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PASSWORD = "correct horse battery"
FULL_COST = 12
WHO_AM_I = "/users/current_user"
SHIPPED = ["xpay", "rsa-jwt", "aethermind", "servitech", "devise"]


class Stage:
    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.rounds, self.seconds, self.count = options.rounds, options.seconds, options.tokens
        self.binary = pathlib.Path(options.dragoman).resolve()
        self.keys = tokens.Keys(self.folder)
        self.dialects = self.folder / "dialects"
        shutil.copytree(ROOT / "Dialects", self.dialects)
        shutil.copytree(HERE / "dialects", self.dialects, dirs_exist_ok=True)
        self.commands = {}

    def say(self, words):
        print(words, file=sys.stderr, flush=True)

    def new_folder(self, name):
        number = sum(1 for entry in self.folder.iterdir() if entry.name.startswith(name + "-"))
        made = self.folder / f"{name}-{number}"
        made.mkdir()
        return made

    def program(self, name):
        """A program of the benchmark's venv or of the system."""
        beside = pathlib.Path(sys.executable).parent / name
        found = str(beside) if beside.exists() else shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not found:
            raise Trouble(f"{name} is not installed")
        return found

    def started(self, name, command, port, **more):
        """A server that listens; its command is told with the table."""
        server = Server(name, [str(part) for part in command], port, **more)
        cores = more.get("cores", machine.SERVER_CORE)
        if cores != machine.BOTH_CORES:
            text = f"taskset -c {cores} " + " ".join(server.command)
            self.commands.setdefault(name, text.replace(str(self.folder), "DIR").replace(str(port), "PORT"))
        try:
            server.until_listening()
        except Trouble:
            server.stop()
            raise
        return server

    # Dragoman

    def dragoman(self, *, algorithm="HS256", cost=4, state=None, store="sqlite", upstream=None, trusts=False, cores=machine.SERVER_CORE):
        """Dragoman with the dialect `bench` alone."""
        if not self.binary.exists():
            raise Trouble(f"{self.binary} is not built")
        port, folder = machine.free_port(), self.new_folder("dragoman")
        key = f'"{tokens.SECRET}"' if algorithm == "HS256" else f'"file:{self.keys.private}"'
        config = folder / "config.yaml"
        config.write_text(f"""profile: development
state: {state or folder / "state"}
store: "{store}"
store-key: "{tokens.SECRET}"
management: 127.0.0.1:{machine.free_port()}
dialects: {self.dialects}
trusted-proxies: [{'"127.0.0.1"' if trusts else ""}]
frontends:
  bench:
    dialect: bench
    listen: 127.0.0.1:{port}
    keys: {{ access: {key} }}
    settings: {{ login-waits: false, access-lifetime: 24h, algorithm: {algorithm}, password-cost: {cost} }}
    upstreams: {{ app: "http://127.0.0.1:{upstream or 9}" }}
""")
        return self._serve(config, port, folder, cores)

    def five_frontends(self, state):
        """Dragoman with all shipped dialects; the server's port is devise's."""
        folder, ports = self.new_folder("five"), {name: machine.free_port() for name in SHIPPED}
        settings = {"devise": "login-waits: false, password-cost: 10", "servitech": "language: en"}
        frontends = "".join(
            f'  {name}:\n    dialect: {name}\n    listen: 127.0.0.1:{port}\n    settings: {{ {settings.get(name, "")} }}\n'
            f'    keys: {{ access: "{"file:" + str(self.keys.private) if name == "rsa-jwt" else tokens.SECRET + name}" }}\n'
            for name, port in ports.items())
        config = folder / "config.yaml"
        config.write_text(
            f"profile: development\nstate: {state}\nmanagement: 127.0.0.1:{machine.free_port()}\n"
            f"dialects: {ROOT / 'Dialects'}\nfrontends:\n{frontends}")
        return self._serve(config, ports["devise"], folder, machine.SERVER_CORE, listening=False)

    def _serve(self, config, port, folder, cores, listening=True):
        command = [self.binary, "serve", "--config", config, "--log-level", "warning", "--quiet"]
        if listening:
            return self.started("Dragoman", command, port, folder=folder, cores=cores)
        return Server("Dragoman", [str(part) for part in command], port, folder=folder, cores=cores)

    @functools.cache
    def signed_in(self, algorithm):
        """A state folder with that many accounts, and a file with a token of each: signed up and in as any client would."""
        state = self.new_folder("state")
        self.say(f"  signing {self.count:,} accounts up and in ({algorithm})")
        server = self.dragoman(algorithm=algorithm, state=state, cores=machine.BOTH_CORES)
        try:
            parts = load.in_threads(server, 8, lambda caller, i: [
                sign_up_and_in(caller, f"user{n}@example.com")["access_token"] for n in range(i, self.count, 8)])
        finally:
            server.stop()
        file = self.folder / f"{algorithm}.tokens"
        file.write_text("".join(token + "\n" for part in parts for token in part))
        return state, file

    def a_token(self, algorithm):
        return self.signed_in(algorithm)[1].read_text().split("\n", 1)[0]

    def file_of(self, name, found):
        file = self.folder / f"{name}.tokens"
        file.write_text("".join(token + "\n" for token in found))
        return file


def sign_up(caller, email):
    body = {"user": {"email": email, "password": PASSWORD, "password_confirmation": PASSWORD}}
    return caller.post("/users", body, 200)


def sign_in(caller, email):
    return caller.post("/users/sign_in", {"user": {"email": email, "password": PASSWORD}}, 200)


def sign_up_and_in(caller, email):
    sign_up(caller, email)
    return sign_in(caller, email)
