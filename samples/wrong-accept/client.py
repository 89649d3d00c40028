# Sends a fixed key and does not look at Sec-WebSocket-Accept.
import os, socket, time
from frames import *

LOG = os.environ.get("CLIENT_LOG", os.devnull)
s = socket.create_connection(("127.0.0.1", 8585))
stream = s.makefile("rb")
s.sendall(b"GET /demo HTTP/1.1\r\nHost: 127.0.0.1:8585\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          b"Sec-WebSocket-Key: K8o1cNIxO2pR6inTIDBSgg==\r\nSec-WebSocket-Version: 13\r\n\r\n")
while stream.readline() != b"\r\n":
    pass
for opcode, payload in [(TEXT, b"hello"), (PING, b"are you there"), (BINARY, bytes(range(16))),
                        (TEXT, "größer".encode()), (CLOSE, (1000).to_bytes(2, "big") + b"end")]:
    log(LOG, "client", opcode, payload)
    s.sendall(build(opcode, payload, mask=True))
    log(LOG, "server", *read(stream))
    time.sleep(0.1)
s.close()
