# Raw server: answers "hello" with "welcome", and then does what the path names and no server should.
import base64, hashlib, json, os, socket

connection = 0


def log(sender, payload):
    with open("application.jsonl", "a") as f:
        f.write(json.dumps({"connection": connection, "from": sender, "opcode": "text", "text": payload.decode()}) + "\n")


def frame(opcode, payload):
    return bytes([0x80 | opcode, len(payload)]) + payload


def masked(payload):
    key = os.urandom(4)
    return bytes([0x81, 0x80 | len(payload)]) + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


def read(stream):
    head = stream.read(2)
    if len(head) < 2:
        return None, b""
    key = stream.read(4)
    payload = stream.read(head[1] & 0x7F)
    return head[0] & 0x0F, bytes(b ^ key[i % 4] for i, b in enumerate(payload))


CLOSE_1000 = frame(8, (1000).to_bytes(2, "big"))
CASES = {  # path: (bytes to send, the messages in them)
    "/masked": (masked(b"masked by the server"), [b"masked by the server"]),
    "/length-16": (b"\x81\x7E\x00\x05" + b"five!", [b"five!"]),
    "/length-64": (b"\x81\x7F" + (200).to_bytes(8, "big") + b"x" * 200, [b"x" * 200]),
    "/length-top-bit": (b"\x81\x7F\x80" + (5).to_bytes(7, "big") + b"five!", []),
    "/close-1005": (frame(8, (1005).to_bytes(2, "big")), []),
    "/after-close": (CLOSE_1000 + frame(1, b"too late") + CLOSE_1000, [b"too late"]),
}

listener = socket.create_server(("127.0.0.1", 8909))
while True:
    peer, _ = listener.accept()
    connection += 1
    stream = peer.makefile("rb")
    path = stream.readline().decode().split()[1]
    lines = list(iter(stream.readline, b"\r\n"))
    key = next(line.split()[1] for line in lines if line.lower().startswith(b"sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    _, payload = read(stream)
    log("client", payload)
    log("server", b"welcome")
    peer.sendall(frame(1, b"welcome"))
    data, messages = CASES[path]
    peer.sendall(data)
    for message in messages:
        log("server", message)
    opcode, payload = read(stream)
    if opcode == 8 and "close" not in path:  # no Close was sent yet
        peer.sendall(frame(8, payload))
    stream.close()
    peer.close()
