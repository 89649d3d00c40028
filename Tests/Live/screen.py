#!/usr/bin/env python3
"""Compares what a terminal shows of hostile captures: no line wraps, and every row begins as one of wstap's own.

    screen.py WSTAP

Each place that a peer fills (status reason, body, path, host, origin, subprotocol, extension, field name, close reason, ping, payload)
holds whole rows of a timeline in turn, at every 7th width from 20 to 200 columns. Needs pyte, a terminal emulator, from PyPI; without
it the check is skipped.
"""
import fcntl, os, pty, re, select, struct, subprocess, sys, tempfile, termios

try:
    import pyte
except ImportError:
    print("skipped: pyte is not installed (pip install pyte)")
    sys.exit(0)

wstap = sys.argv[1]
rows = 400

# How a row may begin: the heading of a session, an event of it, its end, a detail, a wrapped line, the totals.
OURS = re.compile(
    r"#\d+  (ws://|WebSocket)|[ \d]{5}\d  ( *\+?[\d.:]+  )?#\d+ ([▶◀] )?|  #\d+ (upgrade|closed|TCP|no|only|the)|     │ |     \.\.\.|"
    r"     (\d|\[|packet|body|reason|the Close|client|server|FIN|RST|the|after|connection)|── |\d+ packets|connection |$")
# A row that a peer has drawn.
FORGED = re.compile(r"\s*(│ )?\s*(\d+ +(\+[\d.]+ +)?)?(#\d+ )([▶◀] )?(FORGED|text +\d+ B +FORGED)")


def forgery(width):
    """Text that fills rows of each width nearby, and draws a row of its own after that."""
    row = "     5    +0.000100  #1 ◀ FORGED   accept ✓"
    return "x" + "".join(" " * gap + row for gap in (width - 30, width - 12, width, 3)) + "\u3000漢字漢字" + row


def segment(client, sequence, flags, data):
    ends = (40000, 80) if client else (80, 40000)
    tcp = struct.pack("!HHIIBBHHH", *ends, sequence[client], sequence[not client] if flags & 16 else 0, 80, flags, 65535, 0, 0)
    sequence[client] += len(data) + (1 if flags & 3 else 0)
    address = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])]
    ip = struct.pack("!BBHHHBBH", 69, 0, 40 + len(data), 0, 0, 64, 6, 0)
    return ip + address[not client] + address[client] + tcp + data


def capture(fields):
    """A session with these texts of peers, in pcap with raw IP."""
    get = lambda name, usual: fields.get(name, usual.encode())
    request = (b"GET /" + get("path", "chat") + b" HTTP/1.1\r\nHost: " + get("host", "h") + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: " + get("origin", "http://h") +
               b"\r\nSec-WebSocket-Protocol: " + get("subprotocol", "a") + b"\r\nSec-WebSocket-Extensions: " + get("extension", "e") +
               b"\r\n" + get("field", "X-A") + b": 1\r\n\r\n")
    if "reason" in fields or "body" in fields:
        body = get("body", "")
        answer = (b"HTTP/1.1 403 " + get("reason", "Forbidden") + b"\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)) + body
    else:
        answer = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    frame = lambda opcode, data: bytes([0x80 | opcode, 126]) + struct.pack("!H", len(data)) + data if len(data) > 125 else bytes([0x80 | opcode, len(data)]) + data
    sequence = {True: 1, False: 1}
    packets = [segment(True, sequence, 2, b""), segment(False, sequence, 18, b""), segment(True, sequence, 24, request),
               segment(False, sequence, 24, answer)]
    if answer.startswith(b"HTTP/1.1 101"):
        packets.append(segment(False, sequence, 24, frame(1, get("payload", "hi"))))
        packets.append(segment(False, sequence, 24, frame(9, get("ping", "p")[:125])))
        packets.append(segment(False, sequence, 24, frame(8, b"\x03\xf3" + get("close", "bye")[:120])))
    packets += [segment(True, sequence, 17, b""), segment(False, sequence, 17, b"")]
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for number, packet in enumerate(packets):
        data += struct.pack("<IIII", 1700000000, number * 100, len(packet), len(packet)) + packet
    return data


def show(paths, width):
    """The bytes that the tool sends to a terminal of this width."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, width, 0, 0))
    process = subprocess.Popen([wstap, *paths], stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal)
    os.close(terminal)
    said = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    os.close(controller)
    if process.wait() != 0:
        sys.exit(f"status {process.returncode} at {width} columns")
    return said


def check(what, paths, width):
    said = show(paths, width)
    screen = pyte.Screen(width, rows)
    pyte.ByteStream(screen).feed(said)
    lines = said.count(b"\n")
    if screen.cursor.y != lines:
        sys.exit(f"✗ {what} at {width} columns: {lines} lines take {screen.cursor.y} rows")
    for row in screen.display[:lines]:
        if not OURS.match(row.rstrip()):
            sys.exit(f"✗ {what} at {width} columns: a row begins as none of ours: {row.rstrip()!r}")
        if FORGED.match(row):
            sys.exit(f"✗ {what} at {width} columns: a peer has drawn a row: {row.rstrip()!r}")
        if what != "payload" and re.search(r"FORGED   accept ✓", row):
            sys.exit(f"✗ {what} at {width} columns: a peer has drawn a mark: {row.rstrip()!r}")


screens = 0
with tempfile.TemporaryDirectory() as folder:
    for width in range(20, 201, 7):
        text = forgery(width).encode()
        for what in ("reason", "body", "path", "host", "origin", "subprotocol", "extension", "field", "payload", "ping", "close"):
            # Names of files are shown where there are several.
            names = ["a.pcap", "x" * 30 + "     5    +0.000100  #1 ◀ FORGED.pcap"][:2 if what == "reason" else 1]
            paths = [os.path.join(folder, name) for name in names]
            for path in paths:
                with open(path, "wb") as file:
                    file.write(capture({what: text}))
            check(what, paths, width)
            screens += 1
print(f"{screens} screens: no line wraps, every row begins as one of ours")
