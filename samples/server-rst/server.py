# A wsproto server that stops reading, and then resets the connection (SO_LINGER with 0 seconds).
import json, socket, struct, time
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request, TextMessage


def log(sender, text):
    with open("application.jsonl", "a") as f:
        f.write(json.dumps({"connection": 1, "from": sender, "opcode": "text", "text": text}) + "\n")


with socket.create_server(("127.0.0.1", 8902)) as listener:
    peer, _ = listener.accept()
ws = WSConnection(ConnectionType.SERVER)
answered = 0
while answered < 2:
    ws.receive_data(peer.recv(4096))
    for event in ws.events():
        if isinstance(event, Request):
            peer.sendall(ws.send(AcceptConnection()))
        elif isinstance(event, TextMessage):
            log("client", event.data)
            peer.sendall(ws.send(TextMessage(data="answer to " + event.data)))
            log("server", "answer to " + event.data)
            answered += 1
time.sleep(1)  # meanwhile the client sends more, which is never read
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.close()
