# WebSocket server for page.html; websockets offers its default permessage-deflate.
# The page itself is served over HTTP from the same port.
import asyncio, base64, hashlib, json
from http import HTTPStatus
from pathlib import Path
from websockets.asyncio.server import serve
from websockets.datastructures import Headers
from websockets.http11 import Response

PORT = 8282
connections = 0
finished = asyncio.Event()


def log(connection, sender, message):
    entry = {"connection": connection, "from": sender}
    if isinstance(message, str):
        entry |= {"opcode": "text", "text": message}
    else:
        entry |= {"opcode": "binary", "base64": base64.b64encode(message).decode()}
    with open("application.jsonl", "a") as f:
        f.write(json.dumps(entry, ensure_ascii=False) + "\n")


async def page(connection, request):
    if request.path == "/feed":
        return None  # the WebSocket handshake goes on
    body, status = b"", HTTPStatus.NOT_FOUND
    if request.path == "/":
        body, status = Path("page.html").read_bytes(), HTTPStatus.OK
    elif request.path == "/closed":
        await finished.wait()
        await asyncio.sleep(0.3)
    headers = Headers({"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)),
                       "Connection": "close"})
    return Response(status.value, status.phrase, headers, body)


async def feed(socket):
    global connections
    connections += 1
    number = connections

    async def send(message):
        log(number, "server", message)
        await socket.send(message)

    async for message in socket:
        log(number, "client", message)
        if isinstance(message, bytes):
            await send(bytes(reversed(message)))
        elif message == "catalogue":
            items = [{"id": i, "name": f"Artikel {i}", "sku": hashlib.sha1(str(i).encode()).hexdigest()[:24],
                      "tags": ["Größe", "neu"], "available": i % 3 == 0} for i in range(180)]
            await send(json.dumps({"type": "catalogue", "items": items}, ensure_ascii=False))
        elif message.startswith("{"):
            await send(json.dumps({"type": "seen", "characters": len(message)}))
        elif message.startswith("subscribe "):
            for i in range(10):
                await send(json.dumps({"type": "tick", "symbol": message[10:], "price": 100 + i / 10, "n": i}))
    print("closed", socket.close_code, socket.close_reason)
    finished.set()


async def main():
    async with serve(feed, "127.0.0.1", PORT, process_request=page):
        await finished.wait()
        await asyncio.sleep(2)

asyncio.run(main())
