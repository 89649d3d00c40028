# A bad link between two interfaces: every frame takes DELAY seconds; some are lost, doubled, or overtaken by others.
# What becomes of them is TCP's: this program only passes frames on. The order of its decisions is that of SEED.
#
#   bridge.py INTERFACE INTERFACE
import heapq, os, random, select, socket, sys, time

DELAY, JITTER = 0.010, 0.012
LOSS, DISORDER, DOUBLE = 0.01, 0.05, 0.01
chance = random.Random(int(os.environ.get("SEED", "4")))
ends = []
for name in sys.argv[1:3]:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
    end.bind((name, 0))
    ends.append(end)
waiting, number = [], 0
counts = dict(passed=0, lost=0, late=0, doubled=0)
print("ready", flush=True)
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        _, _, end, frame = heapq.heappop(waiting)
        end.send(frame)
    patience = max(0, waiting[0][0] - now) if waiting else 1
    readable, _, _ = select.select(ends, [], [], patience)
    now = time.monotonic()
    for end in readable:
        frame, (_, _, kind, _, _) = end.recvfrom(65536)
        if kind == socket.PACKET_OUTGOING:
            continue  # what this program sent
        other = ends[1 - ends.index(end)]
        isTCP = frame[12:14] == b"\x08\x00" and frame[23] == 6
        draw = chance.random() if isTCP else 1
        copies = [now + DELAY]
        if draw < LOSS:
            copies = []
            counts["lost"] += 1
        elif draw < LOSS + DISORDER:
            copies = [now + DELAY + JITTER]
            counts["late"] += 1
        elif draw < LOSS + DISORDER + DOUBLE:
            copies = [now + DELAY, now + DELAY + 0.002]
            counts["doubled"] += 1
        else:
            counts["passed"] += 1
        for due in copies:
            number += 1
            heapq.heappush(waiting, (due, number, other, frame))
        with open(os.environ.get("BRIDGE_LOG", os.devnull), "w") as log:
            print(counts, file=log)
