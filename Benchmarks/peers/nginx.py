"""nginx: the upstream behind all gates, and a gate that asks another server by auth_request."""
import machine
import peers


def upstream(stage):
    """Answers 200 with a small body to everything, on the load's core."""
    port, folder = machine.free_port(), stage.new_folder("upstream")
    file = peers.config("nginx-upstream.conf", folder, port=port, state=folder)
    return stage.started("nginx as upstream", _command(stage, file, folder), port, folder=folder, cores=machine.LOAD_CORE)


def start(stage, judge, path, upstream=None, name="nginx"):
    """Asks the judge under that path about each request; then proxies to the upstream, or answers a fixed picture."""
    port, folder = machine.free_port(), stage.new_folder("nginx")
    file = peers.config(
        "nginx-gate.conf", folder, port=port, state=folder, judge=judge.port, path=path, upstream=upstream or 9,
        answer="proxy_pass http://app;" if upstream else "empty_gif;")
    return stage.started(name, _command(stage, file, folder), port, folder=folder, beside=[judge])


def _command(stage, file, folder):
    return [stage.program("nginx"), "-p", folder, "-e", "stderr", "-c", file]


def version(stage):
    return machine.first_line([stage.program("nginx"), "-v"]).removeprefix("nginx version: ")
