# Always sends the same Sec-WebSocket-Accept, which does not belong to the client's key.
import socket
from frames import *

LOG = "application.jsonl"
with socket.create_server(("127.0.0.1", 8585)) as listener:
    peer, _ = listener.accept()
stream = peer.makefile("rb")
while stream.readline() != b"\r\n":
    pass
peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Accept: GnoYH/ip/ZMh+a5rX5P/YR6e68g=\r\n\r\n")

def send(opcode, payload):
    peer.sendall(build(opcode, payload, mask=False))
    log(LOG, "server", opcode, payload)

while True:
    opcode, payload = read(stream)
    log(LOG, "client", opcode, payload)
    if opcode == CLOSE:
        send(CLOSE, payload)
        break
    send(PONG if opcode == PING else opcode, payload[::-1] if opcode == BINARY else payload)
peer.close()
