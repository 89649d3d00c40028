# Four handshakes that fail, each by another client. The fifth is redirect.js.
import asyncio, base64, os, socket
import aiohttp, websocket
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus


async def wrong_origin():
    async with aiohttp.ClientSession() as session:
        try:
            await session.ws_connect("http://127.0.0.1:8451/app", origin="https://evil.example")
        except aiohttp.WSServerHandshakeError as error:
            print("aiohttp:", error.status, error.message)


def version_8():
    key = base64.b64encode(os.urandom(16)).decode()
    with socket.create_connection(("127.0.0.1", 8452)) as s:
        s.sendall(("GET /old HTTP/1.1\r\nHost: 127.0.0.1:8452\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Origin: http://old.example\r\n"
                   "Sec-WebSocket-Version: 8\r\n\r\n").encode())
        answer = b""
        while data := s.recv(65536):
            answer += data
        print("raw:", answer.split(b"\r\n")[0].decode())


def ordinary_answer():
    try:
        websocket.create_connection("ws://127.0.0.1:8453/")
    except websocket.WebSocketBadStatusException as error:
        print("websocket-client:", error.status_code)


async def no_password():
    try:
        await connect("ws://127.0.0.1:8451/private", origin="https://app.example")
    except InvalidStatus as error:
        print("websockets:", error.response.status_code)

asyncio.run(wrong_origin())
version_8()
ordinary_answer()
asyncio.run(no_password())
