#!/usr/bin/env python3
"""Compares what a terminal shows of hostile captures: no line wraps, and every row begins as one of wstap's own.

    screen.py WSTAP [--png FOLDER]

Each place that a peer fills (status reason, body, path, host, origin, subprotocol, extension, field name, close reason, ping, payload)
and each name of a file holds whole rows of a timeline in turn: plain, with escapes, with bidirectional controls, with wide, combining
and invisible characters, with our own marks, in bytes that are no UTF-8. At nine widths from 20 to 200 columns. Needs pyte, a
terminal emulator, from PyPI; without it the check is skipped. --png draws some of the screens for a person to look at (needs pillow).
"""
import fcntl, os, pty, re, select, struct, subprocess, sys, tempfile, termios

try:
    import pyte
except ImportError:
    print("skipped: pyte is not installed (pip install pyte)")
    sys.exit(0)

wstap = sys.argv[1]
pictures = sys.argv[3] if sys.argv[2:3] == ["--png"] else None
rows = 250

# How a row may begin: the heading of a session, an event of it, its end, a detail, a wrapped line, the totals.
OURS = re.compile(
    r"#\d+  (ws://|WebSocket)|[ \d]{5}\d  ( *\+?[\d.:]+  )?#\d+ ([▶◀] )?|  #\d+ (upgrade|closed|TCP|no|only|the)|     │ |     \.\.\.|"
    r"     (\d|\[|packet|body|reason|the Close|client|server|FIN|RST|the|after|connection)|── |\d+ packets|connection |wstap: |$")
# A row that a peer has drawn.
FORGED = re.compile(r"\s*(│ )?\s*(\d+ +(\+[\d.]+ +)?)?(#\d+ )([▶◀] )?(FORGED|text +\d+ B +FORGED)|── FORGED|wstap: FORGED")


row_of_timeline = "     5    +0.000100  #1 ◀ FORGED   accept ✓"


def forgery(kind, width):
    """Text that fills rows of each width nearby, and draws a row of its own after that."""
    gaps = [" " * gap + row_of_timeline for gap in (width - 30, width - 12, width, 3)]
    if kind == "plain":
        return ("x" + "".join(gaps) + "\u3000漢字漢字" + row_of_timeline).encode()
    if kind == "escapes":
        return ("\x1b[2J\x1b[H\x1b]0;title\x07\x9b1A\x1b[999C\r\n\x08\x0b\x0c\x85" + "".join(gaps) + "\x1b[1A" + row_of_timeline).encode()
    if kind == "bidi":
        return ("\u202e\u2066\u200f" + row_of_timeline[::-1] + "\u202c\u2069".join(gaps) + "שלום مرحبا\u202d").encode()
    if kind == "wide":
        return ("漢" * (width - 3) + "👩‍👩‍👧‍👦" * 5 + "ｆｕｌｌ" * width + "🇩🇪" * 9 + row_of_timeline).encode()
    if kind == "combining":
        return ("e" + "\u0301" * 300 + "a\u200b\u00ad\ufeff\u2060\ufe0f" * width + "\u0e33\u0e33" + row_of_timeline + "각" * width).encode()
    if kind == "marks":
        return ("     │ " * 4 + "│ ▶ ✓ " + "\u2800\u3164\u00a0\u2003" * width + "── FORGED, from its packet 1, which is 1" + " " * width + row_of_timeline).encode()
    return b"\xff\xfe\xc0\x80\xed\xa0\x80" * (width // 4) + row_of_timeline.encode() + b"\xf0\x9f\x92"


KINDS = ("plain", "escapes", "bidi", "wide", "combining", "marks", "bytes")


def segment(client, sequence, flags, data, port):
    ends = (port, 80) if client else (80, port)
    tcp = struct.pack("!HHIIBBHHH", *ends, sequence[client], sequence[not client] if flags & 16 else 0, 80, flags, 65535, 0, 0)
    sequence[client] += len(data) + (1 if flags & 3 else 0)
    address = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])]
    ip = struct.pack("!BBHHHBBH", 69, 0, 40 + len(data), 0, 0, 64, 6, 0)
    return ip + address[not client] + address[client] + tcp + data


def capture(fields, port=40000):
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
    send = lambda client, flags, data: segment(client, sequence, flags, data, port)
    packets = [send(True, 2, b""), send(False, 18, b""), send(True, 24, request),
               send(False, 24, answer)]
    if answer.startswith(b"HTTP/1.1 101"):
        packets.append(send(False, 24, frame(1, get("payload", "hi"))))
        packets.append(send(False, 24, frame(9, get("ping", "p")[:125])))
        packets.append(send(False, 24, frame(8, b"\x03\xf3" + get("close", "bye")[:120])))
    packets += [send(True, 17, b""), send(False, 17, b"")]
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for number, packet in enumerate(packets):
        data += struct.pack("<IIII", 1700000000, number * 100, len(packet), len(packet)) + packet
    return data


def show(paths, width, status):
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
    if process.wait() != status:
        sys.exit(f"status {process.returncode} at {width} columns")
    return said


def draw(screen, lines, path):
    """A picture of the screen."""
    from PIL import Image, ImageDraw, ImageFont
    font = next((ImageFont.truetype(name, 14) for name in ("DejaVuSansMono.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
                 if os.path.exists(name)), ImageFont.load_default(14))
    image = Image.new("RGB", (screen.columns * 9 + 10, (lines + 1) * 18 + 10), "white")
    pen = ImageDraw.Draw(image)
    for y in range(lines):
        for x in range(screen.columns):
            pen.text((5 + x * 9, 5 + y * 18), screen.buffer[y][x].data, fill="black", font=font)
    image.save(path)


def check(what, paths, width, status=0):
    said = show(paths, width, status)
    screen = pyte.Screen(width, rows)
    pyte.ByteStream(screen).feed(said)
    lines = said.count(b"\n")
    if pictures and width in (29, 83):
        draw(screen, lines, os.path.join(pictures, f"{what.replace(' ', '-')}-{width}.png"))
    if screen.cursor.y != lines:
        sys.exit(f"✗ {what} at {width} columns: {lines} lines take {screen.cursor.y} rows")
    for row in screen.display[:lines]:
        if not OURS.match(row.rstrip()):
            sys.exit(f"✗ {what} at {width} columns: a row begins as none of ours: {row.rstrip()!r}")
        if FORGED.match(row):
            sys.exit(f"✗ {what} at {width} columns: a peer has drawn a row: {row.rstrip()!r}")
        if not what.startswith("payload") and re.search(r"FORGED   accept ✓", row):
            sys.exit(f"✗ {what} at {width} columns: a peer has drawn a mark: {row.rstrip()!r}")


def name_of_file(text, suffix):
    """A name of a file has at most 255 bytes, no slash and no NUL. The end of the text has the row."""
    name = text.replace(b"/", b"").replace(b"\0", b"")[-240:]
    while name[:1] and 0x80 <= name[0] < 0xC0:
        name = name[1:]
    return name + suffix


screens = 0
places = ("reason", "body", "path", "host", "origin", "subprotocol", "extension", "field", "payload", "ping", "close")
with tempfile.TemporaryDirectory() as folder:
    folder = folder.encode()
    for width in (20, 29, 47, 66, 80, 83, 121, 160, 200):
        for kind in KINDS:
            text = forgery(kind, width)
            for what in places:
                # Names of files are shown where there are several.
                path = os.path.join(folder, b"a.pcap")
                with open(path, "wb") as file:
                    file.write(capture({what: text}))
                check(f"{what} {kind}", [path], width)
                screens += 1
            if kind == "bytes":
                continue
            # Two files, whose names are shown; one that is cut off, one that is none, and one that is not there: these are told.
            names = [name_of_file(text, suffix) for suffix in (b"1", b"2")]
            paths = [os.path.join(folder, name) for name in names]
            for number, path in enumerate(paths):
                with open(path, "wb") as file:
                    file.write(capture({}, port=40000 + number))
            check(f"file name {kind}", paths, width)
            with open(paths[0], "r+b") as file:
                file.truncate(os.path.getsize(paths[0]) - 5)
            check(f"damaged file {kind}", paths, width, status=1)
            with open(paths[0], "wb") as file:
                file.write(b"no capture at all, but some text that is long enough")
            check(f"no capture {kind}", paths, width, status=1)
            os.remove(paths[0])
            check(f"missing file {kind}", paths[:1], width, status=2)
            os.remove(paths[1])
            screens += 4
print(f"{screens} screens: no line wraps, every row begins as one of ours")
