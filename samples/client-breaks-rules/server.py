# websockets server, connections 1 to 10 of the log: answers "hello".
import asyncio, json
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

connections = 0


def log(connection, sender, text):
    with open("application.jsonl", "a") as f:
        f.write(json.dumps({"connection": connection, "from": sender, "opcode": "text", "text": text}) + "\n")


async def handler(socket):
    global connections
    connections += 1
    number = connections
    try:
        async for message in socket:
            log(number, "client", message)
            log(number, "server", "hello from websockets")
            await socket.send("hello from websockets")
    except ConnectionClosed as closed:
        print("websockets:", socket.request.path, closed)


async def main():
    async with serve(handler, "127.0.0.1", 8907, compression=None, ping_interval=None) as server:
        await server.serve_forever()

asyncio.run(main())
