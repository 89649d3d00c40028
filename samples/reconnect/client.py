# Does four jobs, one for each "ready"; connects again after 0.2, 0.4, 0.8, 1.6 s when it is sent away.
import json, os, time
import websocket

LOG = os.environ.get("CLIENT_LOG", os.devnull)
jobs = ["job 1", "job 2", "job 3", "job 4"]
delay = 0.2
connection = 0


def log(sender, text):
    with open(LOG, "a") as f:
        f.write(json.dumps({"connection": connection, "from": sender, "opcode": "text", "text": text}) + "\n")


while jobs:
    connection += 1
    ws = websocket.create_connection("ws://127.0.0.1:8906/jobs")
    while True:
        opcode, data = ws.recv_data()  # answers a Close by itself
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            print("client: closed with", int.from_bytes(data[:2], "big"), data[2:].decode(), "- next try in", delay)
            ws.shutdown()
            time.sleep(delay)
            delay *= 2
            break
        log("server", data.decode())
        if data == b"ready" and jobs:
            log("client", jobs[0])
            ws.send(jobs.pop(0))
        elif data == b"ready":
            ws.close(1000, b"all done")
            break
