# Three conversations, one after the other so that connection N of the log is the Nth: short and long messages, the same
# compressed, and a client that does not read for a while.
import random, socket, time
from websockets.sync.client import connect

URL = "ws://10.77.0.2:8799/"
chance = random.Random(17)
words = "loss order window segment answer late again twice hole wait link".split()


def text(size):
    made = []
    while sum(len(word) + 1 for word in made) < size:
        made.append(chance.choice(words))
    return " ".join(made)[:size]


def talk(ws, rounds):
    for i in range(rounds):
        burst = [text(chance.choice([5, 40, 120, 900, 2600])) for _ in range(chance.randint(1, 5))]
        if i % 4 == 0:
            burst.append(chance.randbytes(700))
        for message in burst:
            ws.send(message)
        for _ in range(2 * len(burst)):
            ws.recv(timeout=60)


with connect(URL + "plain", compression=None) as ws:
    talk(ws, 16)
with connect(URL + "deflate", compression="deflate") as ws:
    talk(ws, 12)
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
sock.connect(("10.77.0.2", 8799))
with connect(URL + "flood", sock=sock, compression=None, max_queue=1) as ws:
    ws.send("flood")
    time.sleep(1.5)
    for _ in range(40):
        ws.recv(timeout=60)
