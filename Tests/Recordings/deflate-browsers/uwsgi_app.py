"""Echoes with uWSGI, which does not tell texts from binary messages and answers with texts."""
import os
import socket

import uwsgi
from digest import Digest


def application(environment, start_response):
    with socket.socket(fileno=os.dup(uwsgi.connection_fd())) as connection:
        port = connection.getpeername()[1]
    uwsgi.websocket_handshake(environment["HTTP_SEC_WEBSOCKET_KEY"], environment.get("HTTP_ORIGIN", ""))
    given, sent = Digest(), Digest()
    try:
        while True:
            message = uwsgi.websocket_recv().decode()
            if not message:
                break  # uWSGI gives out a Close as an empty message.
            given.add(message)
            uwsgi.websocket_send(message.encode())
            sent.add(message)
    except OSError:
        pass  # The client closed.
    with open("application.uwsgi.jsonl", "a") as log:
        for side, digest in (("client", given), ("server", sent)):
            print(digest.line(port, side), file=log)
    return []
