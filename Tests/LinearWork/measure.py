#!/usr/bin/env python3
"""Shows that the work on what peers may send many of grows with its size, and no faster.

measure.py TOOL [KIND ...]

Makes a capture of each kind with a number of elements, and with 2, 4 and 8 times as many, and counts the instructions that TOOL takes for
it (valgrind's callgrind). Each doubling must cost about twice as much more as the one before, where work that grows with the square
would cost four times as much. A build with -c release takes about two seconds for a capture.
"""
import os
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# Growth by which work that is in proportion may exceed a doubling: tables grow in steps, and numbers have more digits.
MOST = 2.7
# Instructions below which a growth says nothing.
LEAST = 300_000


class Capture:
    """A classic capture of TCP over IPv4 over Ethernet."""

    def __init__(self):
        self.records = []
        self.time = 1_700_000_000_000_000

    def packet(self, source, target, sequence, acknowledged, flags, data=b"", options=b"", after=100):
        self.time += after
        options += b"\x01" * (-len(options) % 4)
        tcp = struct.pack(
            ">HHIIBBHHH", source[1], target[1], sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF,
            (5 + len(options) // 4) << 4, flags, 65000, 0, 0)
        tcp += options + data
        addresses = bytes(int(part) for end in (source, target) for part in end[0].split("."))
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + addresses
        frame = b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00" + ip + tcp
        seconds, micros = divmod(self.time, 1_000_000)
        self.records.append(struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame)

    def bytes(self):
        return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + b"".join(self.records)


SYN, RST, ACK, FIN_ACK, SYN_ACK, PSH_ACK, RST_ACK = 2, 4, 16, 17, 18, 24, 20


class Connection:
    """One TCP connection; side 0 is the client."""

    def __init__(self, capture, client, server=("192.0.2.2", 80), hasStart=True, first=1000):
        self.capture, self.ends = capture, (client, server)
        self.next = [first, first + 5000]
        if hasStart:
            self.segment(0, SYN, advance=1)
            self.segment(1, SYN_ACK, advance=1)
            self.segment(0, ACK)

    def segment(self, side, flags, data=b"", advance=None, after=100):
        self.capture.packet(
            self.ends[side], self.ends[1 - side], self.next[side], self.next[1 - side], flags, data, after=after)
        self.next[side] += len(data) if advance is None else advance

    def send(self, side, data, after=100):
        self.segment(side, PSH_ACK, data, after=after)

    def close(self):
        self.segment(0, FIN_ACK, advance=1)
        self.segment(1, FIN_ACK, advance=1)
        self.segment(0, ACK)

    def upgrade(self, target="/", request="", response="", status="101 Switching Protocols"):
        self.send(0, (
            f"GET {target} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"{request}\r\n").encode())
        accept = (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            if status.startswith("101") else "Content-Length: 0\r\n")
        self.send(1, f"HTTP/1.1 {status}\r\n{accept}{response}\r\n".encode())


def frame(opcode, payload, isMasked=False, isLast=True):
    head = bytes([(0x80 if isLast else 0) | opcode])
    mask = 0x80 if isMasked else 0
    head += bytes([mask | len(payload)]) if len(payload) < 126 else struct.pack(">BH", mask | 126, len(payload))
    if not isMasked:
        return head + payload
    key = b"\x37\xfa\x21\x3d"
    return head + key + bytes(byte ^ key[index & 3] for index, byte in enumerate(payload))


def host(number):
    return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def client(number):
    """Another port of the same host."""
    return "10.0.0.1", 1025 + number % 60000


KINDS = {}


def kind(elements):
    """Registers a function that makes a capture of a kind. `elements`: with how many to begin."""
    def register(make):
        KINDS[make.__name__] = (elements, make)
        return make
    return register


def handshake(**parts):
    capture = Capture()
    connection = Connection(capture, client(0))
    connection.upgrade(**parts)
    connection.close()
    return capture.bytes()


def session(capture):
    connection = Connection(capture, client(0))
    connection.upgrade()
    return connection


EXTENSIONS, PROTOCOLS = "Sec-WebSocket-Extensions: ", "Sec-WebSocket-Protocol: "


@kind(200)
def parameters(n):
    return handshake(
        request=EXTENSIONS + "permessage-deflate;" + ";".join(["a=1"] * n) + "\r\n",
        response=EXTENSIONS + "permessage-deflate;" + ";".join(f"x{i}=1" for i in range(n)) + "\r\n")


@kind(200)
def extensions(n):
    return handshake(
        request=EXTENSIONS + ",".join(f"x{i}" for i in range(n)) + "\r\n",
        response=EXTENSIONS + ",".join(f"y{i}" for i in range(n)) + "\r\n")


@kind(200)
def subprotocols(n):
    return handshake(
        request=PROTOCOLS + ",".join(f"bearer,abcdefgh{i}" for i in range(n)) + "\r\n",
        response=PROTOCOLS + ",".join(f"abcdefgi{i}" for i in range(n)) + "\r\n")


@kind(200)
def secrets(n):
    return handshake(target="/?" + "&".join(f"key-{i}=value-of-{i}" for i in range(n)))


@kind(200)
def fields(n):
    return handshake(request="".join(f"X-Token-{i}: abcdefgh{i}\r\n" for i in range(n)))


@kind(1500)
def short_fields(n):
    return handshake(request="a:\r\n" * n)


@kind(200)
def hosts(n):
    return handshake(request="Origin: http://" + "h" * n + "\r\nX-Forwarded-Host: " + ",".join(["h"] * n) + "\r\n")


@kind(50)
def reconnects(n):
    capture = Capture()
    for number in range(n):
        connection = Connection(capture, client(number), first=1000 + number * 100000)
        connection.upgrade()
        connection.send(1, frame(1, b"x%d" % number))
        connection.segment(1, RST_ACK)
        capture.time += 1_000_000
    return capture.bytes()


@kind(50)
def lost_sessions_of_many(n):
    capture = Capture()
    for number in range(n):
        connection = Connection(capture, (host(number), 4000))
        connection.upgrade(f"/p{number}")
        connection.segment(1, RST_ACK)
    return capture.bytes()


@kind(50)
def users_behind_a_proxy(n):
    capture = Capture()
    for number in range(n):
        connection = Connection(capture, client(number), first=1000 + number * 100000)
        connection.upgrade(request=f"Cookie: s={number}\r\nX-Forwarded-For: 10.1.{number >> 8}.{number & 255}\r\n")
        connection.send(1, frame(8, b"\x03\xf3"))
        connection.send(0, frame(8, b"\x03\xf3", True))
        connection.close()
    return capture.bytes()


@kind(50)
def refusals(n):
    capture = Capture()
    for number in range(n):
        connection = Connection(capture, client(number))
        connection.upgrade(status="403 Forbidden")
        connection.close()
    return capture.bytes()


@kind(50)
def refusals_in_one_connection(n):
    capture = Capture()
    connection = Connection(capture, client(0))
    for _ in range(n):
        connection.upgrade(status="403 Forbidden")
    connection.close()
    return capture.bytes()


@kind(500)
def refused_connections(n):
    capture = Capture()
    for number in range(n):
        capture.packet(client(number), ("192.0.2.2", 80), 5, 0, SYN)
        capture.packet(("192.0.2.2", 80), client(number), 0, 6, RST_ACK)
    return capture.bytes()


@kind(50)
def connections_of_the_same_ends(n):
    capture = Capture()
    for number in range(n):
        connection = Connection(capture, client(0), first=1000 + number * 1_000_000)
        connection.upgrade()
        connection.close()
    return capture.bytes()


@kind(50)
def legs_of_a_proxy(n):
    capture, pairs = Capture(), []
    for number in range(n):
        legs = [
            Connection(capture, client(number), ("10.0.0.2", 80), first=number * 70000),
            Connection(capture, ("10.0.0.2", 1025 + number), ("10.0.0.3", 8080), first=number * 90000)]
        for leg in legs:
            leg.upgrade("/x")
        pairs.append(legs)
    for _ in range(3):
        for legs in pairs:
            for leg in legs:
                leg.send(0, frame(1, b"same", True))
    return capture.bytes()


@kind(50)
def pick_ups(n):
    capture = Capture()
    for number in range(n):
        connection = Connection(capture, (host(number), 4000), hasStart=False)
        for turn in range(3):
            connection.send(0, frame(1, b"hello there %d" % turn, True))
            connection.send(1, frame(1, b'{"hello":"there %d"}' % turn))
    return capture.bytes()


@kind(100)
def undecided_pick_ups(n):
    capture = Capture()
    for number in range(n):
        connection = Connection(capture, (host(number), 4000), hasStart=False)
        connection.send(0, b"\x81")
        connection.send(1, b"\x82\x10abc")
    return capture.bytes()


@kind(500)
def segments_in_reverse(n):
    capture = Capture()
    connection = session(capture)
    part = frame(2, b"y" * 40)
    for number in reversed(range(n)):
        capture.packet(
            connection.ends[1], connection.ends[0], connection.next[1] + number * len(part), connection.next[0], PSH_ACK, part)
    return capture.bytes()


@kind(500)
def overlaps(n):
    capture = Capture()
    connection = session(capture)
    data = frame(2, b"y" * 60000) * 2
    for number in range(n):
        start = 100 + number * 37 % 60000
        capture.packet(
            connection.ends[1], connection.ends[0], connection.next[1] + start, connection.next[0], PSH_ACK,
            data[start : start + 50 + number % 200])
    return capture.bytes()


@kind(500)
def gaps(n):
    capture = Capture()
    connection = session(capture)
    part = frame(2, b"y" * 20)
    for number in range(n):
        place = connection.next[1] + number * 2 * len(part)
        capture.packet(connection.ends[1], connection.ends[0], place, connection.next[0], PSH_ACK, part)
        capture.packet(connection.ends[0], connection.ends[1], connection.next[0], place + len(part), ACK)
    return capture.bytes()


@kind(500)
def selective_acknowledgments(n):
    capture = Capture()
    connection = session(capture)
    part = frame(2, b"y" * 20)
    first, size = connection.next[1], len(part)
    for number in range(1, n + 1):
        capture.packet(connection.ends[1], connection.ends[0], first + number * 2 * size, connection.next[0], PSH_ACK, part)
        starts = [first + max(1, number - back) * 2 * size for back in range(3)]
        blocks = b"".join(struct.pack(">II", start & 0xFFFFFFFF, start + size & 0xFFFFFFFF) for start in starts)
        capture.packet(
            connection.ends[0], connection.ends[1], connection.next[0], first, ACK, options=b"\x01\x01\x05\x1a" + blocks)
    return capture.bytes()


@kind(500)
def unanswered_pings(n):
    capture = Capture()
    connection = session(capture)
    for number in range(n):
        connection.send(1, frame(9, b"%d" % number))
    return capture.bytes()


@kind(500)
def pongs_in_reverse(n):
    capture = Capture()
    connection = session(capture)
    for number in range(n):
        connection.send(1, frame(9, b"%d" % number))
    for number in reversed(range(n)):
        connection.send(0, frame(10, b"%d" % number, True))
    return capture.bytes()


@kind(100)
def fragments(n):
    capture = Capture()
    connection = session(capture)
    connection.send(1, frame(1, b"a", isLast=False))
    for _ in range(n):
        connection.send(1, frame(0, b"b", isLast=False) * 20)
    return capture.bytes()


@kind(200)
def heartbeats(n):
    capture = Capture()
    connection = session(capture)
    for number in range(n):
        connection.send(1, frame(1, b'{"type":"ping","n%d":1}' % number), after=3_000_000)
        connection.send(0, frame(1, b'{"type":"pong%d"}' % number, True))
    return capture.bytes()


@kind(500)
def broken_rules(n):
    capture = Capture()
    connection = session(capture)
    for _ in range(n):
        connection.send(0, frame(1, b"not masked"))
    return capture.bytes()


def block(type, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", type) + length + body + length


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(options=b""):
    return block(1, struct.pack("<HHI", 1, 0, 0) + options)


def packet(number, interface=0, options=b""):
    return block(6, struct.pack("<IIIII", interface, 0, number, 60, 60) + bytes(60) + options)


@kind(1000)
def comments(n):
    return SECTION + interface() + b"".join(packet(i, options=option(1, b"comment %d" % i)) for i in range(n))


@kind(1000)
def options_of_an_interface(n):
    return SECTION + interface(b"".join(option(1, b"c%d" % i) for i in range(n))) + packet(1)


@kind(1000)
def interfaces(n):
    described = b"".join(interface(option(2, b"eth%d" % i)) for i in range(n))
    return SECTION + described + b"".join(packet(i, i) for i in range(n))


@kind(1000)
def names(n):
    name = block(4, struct.pack("<HH", 1, 9) + b"\x01\x02\x03\x04host\0" + bytes(3) + bytes(4))
    return SECTION + interface() + name * n + packet(1)


@kind(200)
def sections(n):
    return b"".join(SECTION + interface() + packet(i) for i in range(n))


@kind(200)
def damaged_places(n):
    return SECTION + interface() + b"".join(b"\x77" * 40 + packet(i) * 2 for i in range(n))


@kind(200)
def damaged_interfaces(n):
    damaged = struct.pack("<IIHHII", 1, 0x10000008, 1, 0, 0, 20)
    return SECTION + b"".join(damaged + packet(i) * 2 for i in range(n))


def instructions(tool, data):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "capture")
        with open(path, "wb") as file:
            file.write(data)
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", tool, "--json", path],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in run.stderr.splitlines():
        if "Collected : " in line:
            return int(line.split()[-1])
    sys.exit(run.stderr)


def without_debug_information(tool, folder):
    """A copy that callgrind can read whatever its version: the debug information of newer compilers ends older ones."""
    copy = os.path.join(folder, "wstap")
    subprocess.run(["strip", "-g", "-o", copy, tool], check=True)
    return copy


def main(tool, names):
    with tempfile.TemporaryDirectory() as folder:
        return measure(without_debug_information(tool, folder), names)


def measure(tool, names):
    isLinear = True
    pool = ThreadPoolExecutor(os.cpu_count())
    running = {
        name: [pool.submit(instructions, tool, KINDS[name][1](KINDS[name][0] * times)) for times in (1, 2, 4, 8)]
        for name in names or KINDS}
    for name in running:
        elements, _ = KINDS[name]
        counts = [count.result() for count in running[name]]
        growth = [more - less for less, more in zip(counts, counts[1:])]
        ratios = [more / less for less, more in zip(growth, growth[1:]) if less > LEAST]
        isGood = all(ratio < MOST for ratio in ratios)
        isLinear = isLinear and isGood
        millions = " ".join(f"{count / 1e6:8.1f}" for count in counts)
        shown = " ".join(f"{ratio:5.2f}" for ratio in ratios)
        print(f"{name:32s} {elements:6d} x 1, 2, 4, 8: {millions} M, growth {shown}{'' if isGood else '  TOO MUCH'}", flush=True)
    return 0 if isLinear else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
