#!/usr/bin/env python3
"""Measures wstap on captures that are made to cost as much as they can.

Each kind is read with N and with 2 N packets: the processor time must about double, and the peak of memory must stay
where it is, within the limits of docs/supported.md. Both are judged within one run (README.md).

Usage: worst-cases.py [--wstap FILE] [--rounds N] [--scale FACTOR] [KIND…]
"""
import argparse
import os
import random
import struct
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]

# At most so many times the processor time for twice as many packets: linear, and what a shared machine adds.
TIME = 2.6
# At most so many MiB more for twice as many packets.
GROWTH = 6
# At most so many MiB in all: what the limits allow, with the tables around it.
PEAK = {"reverse": 32, "overlapping": 32, "holes": 32, "again": 32, "syns": 128, "flows": 176, "few-flows": 32}
# So that the limits are reached with N already.
OPTIONS = {"few-flows": ["--max-connections", "1000", "--max-pick-up", "1M"]}

CLIENT, SERVER = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
SYN, ACK = 2, 16


def packet(out, number, source, destination, ports, seq, ack, flags, payload=b""):
    tcp = struct.pack(">HHIIBBHHH", *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
    size = 20 + len(tcp) + len(payload)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 6, 0, source, destination)
    # A hundred thousand packets a second.
    out.write(struct.pack("<IIII", 1_700_000_000 + number // 100_000, number % 100_000 * 10, size, size))
    out.write(ip + tcp + payload)


class Session:
    """A WebSocket, upgraded; the rest of what the server sends is one long frame and more."""

    def __init__(self, out):
        self.out, self.number = out, 0
        self.server(-1, b"", SYN | ACK, self.client(-1, b"", SYN))
        self.client(0, b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        answer = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        self.server(0, answer)
        self.start = len(answer)

    def client(self, offset, payload=b"", flags=ACK, _=None):
        self.number += 1
        packet(self.out, self.number, CLIENT, SERVER, (40000, 80), 1001 + offset, 5001, flags, payload)

    def server(self, offset, payload=b"", flags=ACK, _=None):
        self.number += 1
        packet(self.out, self.number, SERVER, CLIENT, (80, 40000), 5001 + offset, 1001, flags, payload)

    def frames(self, size):
        """So many bytes of frames."""
        frame = b"\x81\x14twenty bytes of text"
        return (frame * (size // len(frame) + 1))[:size]


def reverse(out, count, _):
    """Segments of one byte, the last one first, in blocks that fill what may wait."""
    session = Session(out)
    payload = session.frames(count)
    for block in range(0, count, 4000):
        for offset in reversed(range(block, min(block + 4000, count))):
            session.server(session.start + offset, payload[offset:offset + 1])


def overlapping(out, count, chance):
    """Segments of up to 400 bytes that begin anywhere around the last one."""
    session = Session(out)
    payload = session.frames(count * 40 + 20_000)
    for index in range(count):
        offset = max(0, index * 40 + chance.randint(-4000, 4000))
        session.server(session.start + offset, payload[offset:offset + chance.randint(1, 400)])


def holes(out, count, _):
    """Every second segment is missing."""
    session = Session(out)
    payload = session.frames(count * 200)
    for index in range(count):
        offset = index * 200
        session.server(session.start + offset, payload[offset:offset + 100])


def again(out, count, _):
    """Everything is sent three times."""
    session = Session(out)
    payload = session.frames(count * 50)
    for index in range(count // 3):
        offset = index * 100
        for _ in range(3):
            session.server(session.start + offset, payload[offset:offset + 100])


def syns(out, count, chance):
    """Nothing but SYNs, each of another end."""
    for number in range(count):
        address = struct.pack(">I", 0x0B000000 + number // 50_000)
        packet(out, number, address, SERVER, (1024 + number % 50_000, 80), chance.getrandbits(32), 0, SYN)


def flows(out, count, chance):
    """Connections of one packet without a SYN, each held for a look."""
    for number in range(count):
        address = struct.pack(">I", 0x0B000000 + number // 50_000)
        packet(out, number, address, SERVER, (1024 + number % 50_000, 80), chance.getrandbits(32), 1, ACK,
               b"\x82\x7e\x01\x00" + bytes(60))


KINDS = {"reverse": (reverse, 100_000), "overlapping": (overlapping, 100_000), "holes": (holes, 100_000),
         "again": (again, 150_000), "syns": (syns, 500_000), "flows": (flows, 500_000),
         "few-flows": (flows, 500_000)}


def write(path, kind, count):
    """In a process of its own: the kernel lets a child inherit the peak of the one that started it."""
    pid = os.fork()
    if pid:
        if os.waitpid(pid, 0)[1]:
            sys.exit(f"{path} could not be written")
        return
    with open(path, "wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        KINDS[kind][0](out, count, random.Random(1))
    os._exit(0)


def run(command):
    """Processor seconds and peak MiB."""
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wstap", default=str(ROOT / ".build/release/wstap"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    arguments = parser.parse_args()
    missed = False
    print(f"{'kind':12} {'packets':>9} {'report':7} {'s':>6} {'2 N: s':>7} {'times':>6} {'MiB':>6} {'2 N: MiB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in arguments.kinds or KINDS:
            count = int(KINDS[kind][1] * arguments.scale)
            paths = [f"{folder}/{kind}-{factor}.pcap" for factor in (1, 2)]
            for factor, path in enumerate(paths, 1):
                write(path, kind, factor * count)
            for report in ("-q", "--json"):
                commands = [[arguments.wstap, report, *OPTIONS.get(kind, []), path] for path in paths]
                rounds = [[run(command) for command in commands] for _ in range(arguments.rounds)]
                times = median(twice[0] / max(once[0], 0.01) for once, twice in rounds)
                once, twice = (max(r[i][1] for r in rounds) for i in (0, 1))
                seconds = [median(r[i][0] for r in rounds) for i in (0, 1)]
                wrong = [words for words, is_missed in (
                    (f"more than {TIME} times", times > TIME), (f"more than {GROWTH} MiB more", twice > once + GROWTH),
                    (f"more than {PEAK[kind]} MiB", twice > PEAK[kind])) if is_missed]
                missed = missed or bool(wrong)
                print(f"{kind:12} {count:9} {report:7} {seconds[0]:6.2f} {seconds[1]:7.2f} {times:6.2f} {once:6.1f} "
                      f"{twice:8.1f}  {', '.join(wrong)}", flush=True)
            for path in paths:
                os.remove(path)
    sys.exit(1 if missed else 0)


main()
