"""A real SMTP server (aiosmtpd) that misbehaves on command.

The first line of output is the port. With --tls the second is the path of the self-signed certificate. After that each line of input is a command and
gets one line of JSON: `mode NAME [COUNT]` (for COUNT mails, then accept again), `poison NAME` (a mode for all mails to evil.example), `down`, `up` (the same port), `letgo` (of mails that hang), `report`. The end of input ends it.
"""

import argparse
import asyncio
import datetime
import email
import email.header
import email.policy
import email.utils
import ipaddress
import json
import logging
import os
import socket
import ssl
import sys
import tempfile
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

MODES = {
    "accept", "tempfail", "tempfail_data", "permfail", "permfail_data", "greet_permfail", "closing", "hang", "hang_greeting", "drop",
    "accept_then_drop", "relay_tempfail", "drop_rcpt", "closing_rcpt",
}


class State:
    def __init__(self):
        self.mode = "accept"
        self.left = None
        self.poison = None
        self.attempts = []
        self.messages = []
        self.connections = 0
        self.let_go = asyncio.Event()

    def take(self):
        """The mode for the mail that begins now."""
        mode = self.mode
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.mode, self.left = "accept", None
        return mode


class Peer(SMTP):
    """The protocol, with the faults that a handler cannot make."""

    def __init__(self, state, *rest, **options):
        super().__init__(*rest, **options)
        self.state = state
        self.current = "accept"

    def connection_made(self, transport):
        if self.session is None:
            self.state.connections += 1
        super().connection_made(transport)

    async def _handle_client(self):
        if self.state.mode == "hang_greeting":
            await asyncio.Event().wait()
        if self.state.mode == "greet_permfail":
            await self.push("554 no service here")
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg):
        if self.current != "drop":
            return await super().smtp_DATA(arg)
        await self.push("354 go on")
        await self._reader.read(64)
        self.transport.abort()


class Receiver:
    def __init__(self, state):
        self.state = state

    async def handle_MAIL(self, server, session, envelope, address, options):
        server.current = self.state.take()
        if server.current == "closing":
            return "421 4.3.2 closing"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.state.attempts.append(address)
        if self.state.poison and address.endswith("@evil.example"):
            server.current = self.state.poison
        if server.current == "drop_rcpt":
            server.transport.abort()
            await asyncio.Event().wait()
        if server.current == "relay_tempfail":
            return "454 4.7.1 relay access denied"
        if server.current == "closing_rcpt":
            return "421 4.3.2 closing"
        if server.current == "hang":
            await self.state.let_go.wait()
            return "451 4.3.0 took too long"
        if server.current == "tempfail":
            return "451 4.7.1 try again later"
        if server.current == "permfail":
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if server.current == "tempfail_data":
            return "452 4.2.2 mailbox full"
        if server.current == "permfail_data":
            return "554 5.7.1 looks like spam"
        self.state.messages.append(received(server, session, envelope))
        if server.current == "accept_then_drop":
            server.transport.abort()
            await asyncio.Event().wait()
        return "250 OK"


def received(server, session, envelope):
    """The mail as it came, and as Python's own parser reads it."""
    parsed = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
    # The old interface: the new one puts a space between the encoded words of a name.
    plain = email.message_from_bytes(envelope.original_content)
    senderName, sender = email.utils.parseaddr(plain["From"])
    html = parsed.get_body(("html",))
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "raw": envelope.original_content.decode("latin-1"),
        "tls": server.transport.get_extra_info("ssl_object") is not None,
        "user": session.auth_data.login.decode() if session.authenticated else None,
        "messageID": parsed["Message-ID"],
        "subject": parsed["Subject"],
        "senderName": str(email.header.make_header(email.header.decode_header(senderName))),
        "sender": sender,
        "date": int(parsed["Date"].datetime.timestamp()),
        "language": parsed["Content-Language"],
        "text": parsed.get_body(("plain",)).get_content().replace("\r\n", "\n"),
        "html": html.get_content().replace("\r\n", "\n") if html else None,
        "defects": [str(defect) for part in parsed.walk() for defect in part.defects],
    }


def self_signed(folder, host):
    """A certificate for that host, and the context that serves it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    today = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName(host)]
    if host == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = os.path.join(folder, "certificate.pem")
    key_path = os.path.join(folder, "key.pem")
    with open(path, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open(os.open(key_path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key_path)
    return path, context


async def serve(arguments, folder):
    loop = asyncio.get_running_loop()
    state = State()
    options = {"hostname": "peer.test"}
    listen_context = None
    if arguments.tls:
        certificate, context = self_signed(folder, arguments.host)
        if arguments.tls == "smtps":
            listen_context = context
        else:
            options.update(tls_context=context, require_starttls=arguments.tls == "required")
    if arguments.auth:
        user, password = arguments.auth.split(":", 1)

        def authenticate(server, session, envelope, mechanism, login):
            is_right = login.login == user.encode() and login.password == password.encode()
            return AuthResult(success=is_right, handled=is_right, auth_data=login)

        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=arguments.tls == "required")

    def connection():
        return Peer(state, Receiver(state), loop=loop, **options)

    async def listen(port):
        return await loop.create_server(connection, "127.0.0.1", port, ssl=listen_context, backlog=200, reuse_address=True)

    # Bound and never listening: while the server is down nobody else gets its port, nor the mails that are tried meanwhile.
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    port = place.getsockname()[1]
    server = await listen(port)
    print(port, flush=True)
    if arguments.tls:
        print(certificate, flush=True)

    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command, *words = line.split()
        if command == "mode" and words[0] in MODES:
            state.mode, state.left = words[0], int(words[1]) if len(words) > 1 else None
        elif command == "poison" and words[0] in MODES:
            state.poison = words[0]
        elif command == "down":
            server.close()
        elif command == "up":
            server = await listen(port)
        elif command == "letgo":
            state.let_go.set()
        elif command != "report":
            print(json.dumps({"error": f"unknown command: {line.strip()}"}), flush=True)
            continue
        print(
            json.dumps({"messages": state.messages, "attempts": state.attempts, "connections": state.connections})
            if command == "report" else "{}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["offered", "required", "smtps"])
    parser.add_argument("--host", default="localhost", help="whom the certificate names")
    parser.add_argument("--auth", metavar="USER:PASSWORD")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(parser.parse_args(), folder))
        # Connections that hang on purpose would hold the interpreter.
        sys.stdout.flush()
    os._exit(0)


main()
