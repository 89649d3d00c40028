# Raw client: on each connection a correct text, its answer, and then something that is not allowed.
import json, os, socket

LOG = os.environ.get("CLIENT_LOG", os.devnull)
connection = 0


def log(sender, text):
    with open(LOG, "a") as f:
        f.write(json.dumps({"connection": connection, "from": sender, "opcode": "text", "text": text}) + "\n")


def frame(first_byte, payload, mask=True):
    bit = 0x80 if mask else 0
    length = bytes([bit | len(payload)]) if len(payload) < 126 else bytes([bit | 126]) + len(payload).to_bytes(2, "big")
    if not mask:
        return bytes([first_byte]) + length + payload
    key = os.urandom(4)
    return bytes([first_byte]) + length + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


CASES = {
    "/unmasked": frame(0x81, b"not masked", mask=False),
    "/reserved-opcode": frame(0x83, b"opcode 3"),
    "/rsv1": frame(0xC1, b"no extension was agreed on"),
    "/fragmented-ping": frame(0x09, b"FIN is 0"),
    "/long-ping": frame(0x89, bytes(126)),
    "/invalid-utf-8": frame(0x81, b"gr\xF6\xDFe"),
    "/no-first-fragment": frame(0x80, b"continues nothing"),
    "/text-in-message": frame(0x01, b"first fragment") + frame(0x81, b"another message"),
    "/short-close": frame(0x88, b"\x03"),
    "/close-1005": frame(0x88, (1005).to_bytes(2, "big")),
}

for port in 8907, 8908:
    for path, bad in CASES.items():
        connection += 1
        s = socket.create_connection(("127.0.0.1", port))
        s.settimeout(5)
        stream = s.makefile("rb")
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        while stream.readline() != b"\r\n":
            pass
        log("client", "hello")
        s.sendall(frame(0x81, b"hello"))
        log("server", stream.read(stream.read(2)[1]).decode())
        s.sendall(bad)
        answer = stream.read()  # until the server's FIN
        print("client:", port, path, answer[:2].hex(), int.from_bytes(answer[2:4], "big"), answer[4:].decode())
        stream.close()
        s.close()
