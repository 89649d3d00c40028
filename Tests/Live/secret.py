#!/usr/bin/env python3
"""A WebSocket conversation over TLS whose client writes a key log as browsers do.

    secret.py FOLDER PORT MESSAGES     FOLDER has server.pem; the client appends to FOLDER/keys.log
"""
import os, socket, ssl, sys, threading

from conversation import receive_head

folder, port, messages = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def serve(listener):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"))
    with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
        receive_head(connection)
        # The accept key is that of the key which the client always sends.
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        while data := connection.recv(65536):
            if data[0] == 0x88:
                break


with socket.create_server(("127.0.0.1", port)) as listener:
    server = threading.Thread(target=serve, args=[listener])
    server.start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = os.path.join(folder, "keys.log")
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port))) as connection:
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        receive_head(connection)
        for number in range(messages):
            text = b"secret %d" % number
            connection.sendall(b"\x81" + bytes([0x80 | len(text)]) + b"\0\0\0\0" + text)
        connection.sendall(b"\x88\x82\0\0\0\0\x03\xe8")
    server.join()
