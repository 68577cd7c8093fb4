"""Envoy with its jwt_authn filter."""
import json

import machine
import peers


def start(stage, algorithm="HS256", upstream=None, cache=0, name="Envoy"):
    """Answers 200 itself, or proxies to the upstream; `cache`: how many verified tokens it remembers."""
    port, folder = machine.free_port(), stage.new_folder("envoy")
    file = peers.config(
        "envoy.yaml", folder, port=port, upstream=upstream or 9, jwks=json.dumps(stage.keys.jwks[algorithm]),
        answer="route: { cluster: app }" if upstream else "direct_response: { status: 200 }",
        cache=f"jwt_cache_config: {{ jwt_cache_size: {cache} }}" if cache else "")
    command = [stage.program("envoy"), "-c", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
    return stage.started(name, command, port, folder=folder)


def version(stage):
    said = machine.first_line([stage.program("envoy"), "--version"])  # PATH  version: HASH/1.2.3/Clean/RELEASE/BoringSSL
    return "Envoy " + said.split("/")[-4] if said.count("/") >= 4 else said
