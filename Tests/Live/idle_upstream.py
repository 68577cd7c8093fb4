"""An upstream of its own process that accepts any number of WebSockets and echoes what comes in single frames; prints its port first."""
import base64
import hashlib
import re
import selectors
import socket


def main():
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                try:
                    connection, _ = listener.accept()
                except BlockingIOError:
                    continue
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ, bytearray())
                continue
            try:
                piece = key.fileobj.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                piece = b""
            if not piece:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                continue
            key.data.extend(piece)
            if b"\r\n\r\n" in key.data:
                asked = re.search(rb"(?im)^sec-websocket-key: *(\S+)", key.data).group(1)
                accept = base64.b64encode(hashlib.sha1(asked + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
                key.fileobj.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
                key.data.clear()
            elif len(key.data) >= 6 and len(key.data) >= 6 + (key.data[1] & 0x7F):
                mask, length = key.data[2:6], key.data[1] & 0x7F
                key.fileobj.send(bytes([0x81, length]) + bytes(b ^ mask[i % 4] for i, b in enumerate(key.data[6 : 6 + length])))
                key.data.clear()


main()
