# wsproto: a version other than 13 is answered as wsproto proposes, with 426.
import socket
from wsproto import ConnectionType, WSConnection
from wsproto.utilities import RemoteProtocolError

listener = socket.create_server(("127.0.0.1", 8452))
while True:
    peer, _ = listener.accept()
    ws = WSConnection(ConnectionType.SERVER)
    try:
        ws.receive_data(peer.recv(65536))
        list(ws.events())
    except RemoteProtocolError as error:
        print("wsproto:", error)
        peer.sendall(ws.send(error.event_hint))
    peer.close()
