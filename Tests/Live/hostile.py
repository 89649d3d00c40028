#!/usr/bin/env python3
"""How late other people's messages are shown while somebody sends hostile handshakes: as root, on the loopback interface.

    hostile.py WSTAP [SECONDS [HANDSHAKES A SECOND]]

A conversation of 50 messages a second goes on. Beside it come handshakes that fill both heads, as large as they may be, with what is
compared with everything else in them: extensions, parameters of extensions and of the URL, subprotocols that look like tokens. Each
message has to be shown within 200 ms of its sending, of which packets may wait 100 in the kernel; and the same with --immediate.
"""
import json, os, re, socket, subprocess, sys, threading, time

from conversation import answer

wstap, seconds, rate = sys.argv[1], float((sys.argv[2:] + ["10"])[0]), float((sys.argv[3:] + ["2"])[0])
BOUND = 0.2
LARGEST = 60_000


def filled(separator, words):
    text = ""
    for word in words:
        if len(text) + len(word) > LARGEST:
            return text[:-len(separator)]
        text += word + separator


def numbered(pattern, first=0):
    return (pattern % number for number in range(first, 1 << 20))


REQUEST = ("GET %s HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n")
RESPONSE = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n%s\r\n")
EXTENSIONS = "Sec-WebSocket-Extensions: %s\r\n"
PARAMETERS = EXTENSIONS % ("permessage-deflate;" + filled(";", numbered("a=%d")))
KINDS = {
    "extensions": (REQUEST % ("/", EXTENSIONS % filled(",", numbered("x%d"))),
                   RESPONSE % (EXTENSIONS % filled(",", numbered("x%d", 50_000)))),
    "parameters of extensions": (REQUEST % ("/", PARAMETERS), RESPONSE % PARAMETERS),
    "parameters of the URL": (REQUEST % ("/?" + filled("&", numbered("key-%d=1")), ""), RESPONSE % ""),
    "subprotocols": (REQUEST % ("/", "Sec-WebSocket-Protocol: %s\r\n" % filled(",", numbered("bearer,abcdefgh%d"))),
                     RESPONSE % ""),
    "offers": (REQUEST % ("/", EXTENSIONS % filled(",", numbered("permessage-deflate;client_max_window_bits=%d"))),
               RESPONSE % (EXTENSIONS % filled(",", numbered("permessage-deflate;server_max_window_bits=%d")))),
    "fields": (REQUEST % ("/", filled("", numbered("Cookie: session%d=0123456789abcdef\r\n"))),
               RESPONSE % filled("", numbered("Set-Cookie: session%d=0123456789abcdef\r\n"))),
}


def attack(server, request, response):
    """A handshake on a connection of its own."""
    with socket.create_connection(server.getsockname()) as client, server.accept()[0] as accepted:
        sender = threading.Thread(target=client.sendall, args=[request.encode()])
        sender.start()
        head = b""
        while b"\r\n\r\n" not in head[-4:]:
            head += accepted.recv(1 << 20)
        sender.join()
        sender = threading.Thread(target=accepted.sendall, args=[response.encode()])
        sender.start()
        head = b""
        while b"\r\n\r\n" not in head[-4:]:
            head += client.recv(1 << 20)
        sender.join()


def converse(server, until, sent):
    """50 texts a second, each with the time of its sending."""
    with socket.create_connection(server.getsockname()) as connection:
        threading.Thread(target=answer, args=[server.accept()[0]], daemon=True).start()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall((REQUEST % ("/", "")).encode())
        connection.recv(65536)
        while time.monotonic() < until:
            text = b'{"ns":%d}' % time.time_ns()
            connection.sendall(b"\x81" + bytes([0x80 | len(text)]) + b"\0\0\0\0" + text)
            sent.append(text)
            time.sleep(0.02)
        connection.sendall(b"\x88\x82\0\0\0\0\x03\xe8")
        connection.recv(65536)


def measure(name, handshakes, options):
    with socket.create_server(("127.0.0.1", 0)) as talk, socket.create_server(("127.0.0.1", 0)) as hostile:
        ports = [server.getsockname()[1] for server in (talk, hostile)]
        tool = subprocess.Popen(
            [wstap, "live", "-i", "lo", "-Z", "root", "--json", "-f", "tcp port %d or tcp port %d" % tuple(ports), *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        late, opened, sent = [], [0], []

        def watch():
            for line in tool.stdout:
                if found := re.search(rb'\{\\"ns\\":(\d+)\}', line):
                    late.append((time.time_ns() - int(found[1])) / 1e9)
                opened[0] += b'"event":"session_open"' in line
        reader = threading.Thread(target=watch)
        reader.start()
        time.sleep(1)
        start = time.monotonic()
        talker = threading.Thread(target=converse, args=[talk, start + seconds, sent])
        talker.start()
        count = 0
        while talker.is_alive():
            if handshakes and count < (time.monotonic() - start) * rate:
                attack(hostile, *handshakes[count % len(handshakes)])
                count += 1
            time.sleep(0.005)
        time.sleep(0.5)
        tool.terminate()
        reader.join()
        status, errors = tool.wait(), tool.stderr.read().decode()
    late.sort()
    print(f"{name:26} {' '.join(options):12} {count:4} hostile, {len(late)} of {len(sent)} messages; late by "
          f"median {late[len(late) // 2] * 1e3:.1f}, 99 % {late[len(late) * 99 // 100] * 1e3:.1f}, at most {late[-1] * 1e3:.1f} ms")
    if status or len(late) != len(sent) or opened[0] != count + 1 or "dropped 0 by" not in errors:
        sys.exit(f"✗ {name}: status {status}, {opened[0]} of {count + 1} sessions were shown; {errors}")
    return late[-1]


worst = 0
for options in ([], ["--immediate"]):
    measure("nothing", [], options)
    for name, pair in KINDS.items():
        worst = max(worst, measure(name, [pair], options))
    worst = max(worst, measure("all of them", list(KINDS.values()), options))
if worst > BOUND:
    sys.exit(f"✗ a message was shown {worst * 1e3:.0f} ms late")
print("✓ hostile")
