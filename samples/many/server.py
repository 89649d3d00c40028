# aiohttp server on 127.0.0.1 and ::1: echoes, and goes away when it hears "leave".
import base64, json
from aiohttp import WSMsgType, web

connections = 0


def log(connection, sender, message):
    entry = {"connection": connection, "from": sender}
    if isinstance(message, str):
        entry |= {"opcode": "text", "text": message}
    else:
        entry |= {"opcode": "binary", "base64": base64.b64encode(message).decode()}
    with open("application.jsonl", "a") as f:
        f.write(json.dumps(entry, ensure_ascii=False) + "\n")


async def handler(request):
    global connections
    ws = web.WebSocketResponse(protocols=("binary.example", "text.example"))
    await ws.prepare(request)
    connections += 1
    number = connections
    text = f"hello {request.query['client']}, you are number {number}"
    log(number, "server", text)
    await ws.send_str(text)
    async for message in ws:
        log(number, "client", message.data)
        if message.data == "leave":
            await ws.close(code=1001, message=b"going away")
        elif message.type is WSMsgType.TEXT:
            log(number, "server", message.data.upper())
            await ws.send_str(message.data.upper())
        else:
            log(number, "server", message.data * 2)
            await ws.send_bytes(message.data * 2)
    print(number, request.query["client"], "close code", ws.close_code)
    return ws

app = web.Application()
app.add_routes([web.get("/many", handler)])
web.run_app(app, host=["127.0.0.1", "::1"], port=8788, print=None)
