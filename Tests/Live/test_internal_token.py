"""An upstream of another language believes the gateway's token by the key set alone."""
import base64
import http.server
import json
import pathlib
import signal
import subprocess
import threading
import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from conftest import BINARY, Dragoman


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Upstream(http.server.ThreadingHTTPServer):
    """Keeps the tokens that it was sent."""

    def __init__(self):
        self.tokens = []
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                upstream.tokens.append(self.headers.get_all("X-Dragoman-Token") or [])
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Refused(Exception):
    pass


def judge(token, keys, audience, now):
    """The claims of a token that is good at `now`."""
    head, body, signature = token.split(".")
    header = json.loads(decode(head))
    if header["alg"] != "EdDSA":
        raise Refused("algorithm")
    key = next((k for k in keys if k.get("kid") == header["kid"]), None)
    if key is None or (key["kty"], key["crv"]) != ("OKP", "Ed25519"):
        raise Refused("key")
    try:
        Ed25519PublicKey.from_public_bytes(decode(key["x"])).verify(decode(signature), f"{head}.{body}".encode())
    except InvalidSignature:
        raise Refused("signature") from None
    claims = json.loads(decode(body))
    if claims["aud"] != audience:
        raise Refused("audience")
    if not claims["iat"] - 1 <= now < claims["exp"]:
        raise Refused("time")
    return claims


def test_an_upstream_verifies_the_internal_token_by_the_key_set_across_a_rotation(tmp_path):
    upstream = Upstream()
    server = Dragoman(tmp_path, ["devise"])
    server.config.write_text(
        server.config.read_text() + f'    upstreams: {{ app: {{ url: "http://127.0.0.1:{upstream.server_port}", internal-token: true }} }}\n')
    server.start()
    try:
        def ask(path, **fields):
            answer = server.call("devise", "GET", path, headers={"Authorization": f"Bearer {bearer}", **fields})
            assert answer.status == 200, answer
            assert len(upstream.tokens[-1]) == 1
            return upstream.tokens[-1][0]

        def keys():
            return server.call("devise", "GET", "/.well-known/jwks.json").json["keys"]

        user = {"email": "ann@example.com", "password": "correct horse", "password_confirmation": "correct horse"}
        assert server.call("devise", "POST", "/users", {"user": user}).status == 200
        bearer = server.call("devise", "POST", "/users/sign_in", {"user": user}).json["data"]["token"]

        token = ask("/api/v1/things", **{"X-Dragoman-Token": "forged"})
        first = keys()
        claims = judge(token, first, "app", time.time())
        assert claims["email"] == "ann@example.com" and claims["realm"] == "devise" and claims["exp"] - claims["iat"] == 60
        assert isinstance(claims["sub"], str)

        head, body, signature = token.split(".")
        raised = base64.urlsafe_b64encode(decode(body).replace(b"ann@", b"bob@")).rstrip(b"=").decode()
        with pytest.raises(Refused, match="signature"):
            judge(f"{head}.{raised}.{signature}", first, "app", time.time())
        with pytest.raises(Refused, match="audience"):
            judge(token, first, "billing", time.time())
        with pytest.raises(Refused, match="time"):
            judge(token, first, "app", time.time() + 61)

        private = pathlib.Path(server.folder / "state/keys/devise.internal.pem")
        # A store that may be shared holds it, sealed.
        assert private.exists() == (not server.database) and (server.database or private.stat().st_mode & 0o777 == 0o600)
        subprocess.run([BINARY, "keys", "rotate", "devise", "--internal-token", "--config", server.config], check=True, capture_output=True)
        server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while (len(keys()) < 2 or keys()[0]["kid"] == first[0]["kid"]) and time.monotonic() < end:
            time.sleep(0.05)
        second = keys()
        assert [k["kid"] for k in second][1:] == [k["kid"] for k in first]
        newer = ask("/api/v1/things")
        assert judge(newer, second, "app", time.time())["sub"] == claims["sub"]
        assert judge(token, second, "app", claims["iat"])["sub"] == claims["sub"]
        with pytest.raises(Refused, match="key"):
            judge(newer, first, "app", time.time())
    finally:
        assert server.stop() == 0
        upstream.shutdown()
