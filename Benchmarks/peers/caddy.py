"""Caddy with forward_auth, asking another server."""
import machine
import peers


def start(stage, judge, upstream, name="Caddy"):
    port, folder = machine.free_port(), stage.new_folder("caddy")
    file = peers.config("Caddyfile", folder, port=port, judge=judge.port, upstream=upstream)
    command = [stage.program("caddy"), "run", "--config", file, "--adapter", "caddyfile"]
    environment = {"GOMAXPROCS": "1", "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    return stage.started(name, command, port, folder=folder, environment=environment, beside=[judge])


def version(stage):
    return "Caddy " + machine.first_line([stage.program("caddy"), "version"]).split(" ")[0]
