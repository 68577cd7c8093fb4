"""HAProxy with jwt_verify."""
import machine
import peers
import tokens


def start(stage, algorithm="HS256", upstream=None, name="HAProxy"):
    """Answers 200 itself, or proxies to the upstream."""
    port, folder = machine.free_port(), stage.new_folder("haproxy")
    file = peers.config(
        "haproxy.cfg", folder, port=port, algorithm=algorithm, key=tokens.SECRET if algorithm == "HS256" else stage.keys.public,
        answer="default_backend app" if upstream else "http-request return status 200",
        backend=f"backend app\n  http-reuse always\n  server app 127.0.0.1:{upstream}" if upstream else "")
    return stage.started(name, [stage.program("haproxy"), "-db", "-q", "-f", file], port, folder=folder)


def version(stage):
    return machine.first_line([stage.program("haproxy"), "-v"]).split(" - ")[0]
