#!/usr/bin/env python3
"""A WebSocket server and client out of plain sockets, for captures of traffic that is known to the last byte.

    conversation.py server ADDRESS PORT [CONVERSATIONS]
    conversation.py client ADDRESS PORT MESSAGES PER_SECOND

The client sends texts of about 60 bytes, each with its number and the time of its sending in nanoseconds, each in
a packet of its own; the server answers none but the closing handshake.
"""
import base64, hashlib, os, socket, sys, threading, time


def receive_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    return head


def serve(address, port, conversations):
    with socket.create_server((address, port), family=socket.AF_INET) as server:
        print("ready", flush=True)
        answers = [threading.Thread(target=answer, args=[server.accept()[0]]) for _ in range(conversations)]
        for thread in answers:
            thread.start()
        for thread in answers:
            thread.join()


def answer(connection):
    with connection:
        head = receive_head(connection)
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        last = b""
        while data := connection.recv(1 << 20):
            last = (last + data)[-8:]
            if last[:2] == b"\x88\x82":
                connection.sendall(b"\x88\x02\x03\xe8")
                break


def call(address, port, messages, rate):
    connection = socket.create_connection((address, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16))
    connection.sendall(
        b"GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
    receive_head(connection)
    start = time.monotonic()
    for number in range(messages):
        # A mask of zeros leaves the text as it is.
        text = b'{"n":%09d,"ns":%d,"text":"one of many"}' % (number, time.time_ns())
        connection.send(b"\x81" + bytes([0x80 | len(text)]) + b"\0\0\0\0" + text)
        early = start + (number + 1) / rate - time.monotonic()
        if early > 0.0005:
            time.sleep(early)
    connection.sendall(b"\x88\x82\0\0\0\0\x03\xe8")
    while connection.recv(65536):
        pass
    print(f"{messages / (time.monotonic() - start):.0f} messages a second", flush=True)


if __name__ == "__main__":
    role, address, port, *rest = sys.argv[1:]
    if role == "server":
        serve(address, int(port), int(*rest or ["1"]))
    else:
        call(address, int(port), int(rest[0]), float(rest[1]))
