# Builds and reads single WebSocket frames (payloads below 126 bytes), and writes the log.
import base64, json, os

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def build(opcode, payload, mask):
    head = bytes([0x80 | opcode, (0x80 if mask else 0) | len(payload)])
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


def read(stream):
    first, second = stream.read(2)
    key = stream.read(4) if second & 0x80 else bytes(4)
    payload = stream.read(second & 0x7F)
    return first & 0x0F, bytes(b ^ key[i % 4] for i, b in enumerate(payload))


def log(path, sender, opcode, payload):
    entry = {"connection": 1, "from": sender}
    if opcode == TEXT:
        entry |= {"opcode": "text", "text": payload.decode()}
    elif opcode == BINARY:
        entry |= {"opcode": "binary", "base64": base64.b64encode(payload).decode()}
    else:
        return
    with open(path, "a") as f:
        f.write(json.dumps(entry, ensure_ascii=False) + "\n")
