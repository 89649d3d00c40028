# websockets server on 10.77.0.2: answers every message, and sends a flood to those who ask for one.
import base64, json, threading
from websockets.sync.server import serve

lock, connections = threading.Lock(), 0


def log(connection, sender, message):
    entry = {"connection": connection, "from": sender}
    if isinstance(message, str):
        entry |= {"opcode": "text", "text": message}
    else:
        entry |= {"opcode": "binary", "base64": base64.b64encode(message).decode()}
    with lock, open("application.jsonl", "a") as f:
        f.write(json.dumps(entry, ensure_ascii=False) + "\n")


def handler(ws):
    global connections
    with lock:
        connections += 1
        number = connections
    for message in ws:
        log(number, "client", message)
        if message == "flood":
            answers = [f"{i:4} " + "abcdefghij" * 60 for i in range(40)]
        else:
            answers = [message[::-1], f"{len(message)} read"]
        for answer in answers:
            log(number, "server", answer)
            ws.send(answer)


with serve(handler, "10.77.0.2", 8799, compression="deflate") as server:
    server.serve_forever()
