"""Keys and tokens that Dragoman and its peers share."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import time
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SECRET = "benchmark-only-0123456789abcdef0123456789abcdef"


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Keys:
    """A secret for HS256 and an RSA key of 2048 bits for RS256, as files and as a JWK set."""

    def __init__(self, folder):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private, self.public = folder / "private.pem", folder / "public.pem"
        self.private.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        self.private.chmod(0o600)
        self.public.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        numbers = key.public_key().public_numbers()
        self.jwks = {
            "HS256": {"keys": [{"kty": "oct", "alg": "HS256", "k": base64url(SECRET.encode())}]},
            "RS256": {"keys": [{"kty": "RSA", "alg": "RS256", "n": base64url(numbers.n.to_bytes(256, "big")), "e": "AQAB"}]},
        }


def _part(token, index):
    part = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def algorithm_of(token):
    return _part(token, 0)["alg"]


def claims_of(token):
    return _part(token, 1)


def spoiled(token):
    """The token with another signature."""
    head, payload, signature = token.split(".")
    middle = len(signature) // 2
    return f"{head}.{payload}.{signature[:middle]}{'A' if signature[middle] != 'A' else 'B'}{signature[middle + 1:]}"


def expired(like):
    """A token such as this one, signed with the secret, that ended a day ago."""
    claims = claims_of(like) | {"iat": int(time.time()) - 2 * 86400, "exp": int(time.time()) - 86400, "jti": str(uuid.uuid4())}
    text = like.split(".")[0] + "." + base64url(json.dumps(claims, separators=(",", ":")).encode())
    return text + "." + base64url(hmac.digest(SECRET.encode(), text.encode(), hashlib.sha256))


def _mint(private, subjects, count, expires):
    key, now = serialization.load_pem_private_key(private, None), int(time.time())
    head, found = base64url(b'{"alg":"RS256"}'), []
    for i in range(count):
        claims = {"sub": subjects[i % len(subjects)], "scp": "user", "iat": now, "exp": now + expires, "jti": str(uuid.uuid4())}
        text = head + "." + base64url(json.dumps(claims, separators=(",", ":")).encode())
        found.append(text + "." + base64url(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())))
    return found


def minted_rs256(keys, subjects, count, processes, expires=12 * 3600):
    """That many tokens of these accounts, no two alike."""
    private, share = keys.private.read_bytes(), -(-count // processes)
    with concurrent.futures.ProcessPoolExecutor(processes) as pool:
        parts = pool.map(_mint, [private] * processes, [subjects] * processes, [share] * processes, [expires] * processes)
        return [token for part in parts for token in part]
