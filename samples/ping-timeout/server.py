# Answers what it hears; record.sh stops this process for a while.
import asyncio, json
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


def log(sender, text):
    with open("application.jsonl", "a") as f:
        f.write(json.dumps({"connection": 1, "from": sender, "opcode": "text", "text": text}) + "\n")


async def handler(socket):
    try:
        async for message in socket:
            log("client", message)
            await socket.send("heard: " + message)
            log("server", "heard: " + message)
    except ConnectionClosed as closed:
        print("server:", closed)


async def main():
    async with serve(handler, "127.0.0.1", 8901, compression=None, ping_interval=None) as server:
        await server.serve_forever()

asyncio.run(main())
