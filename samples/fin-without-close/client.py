# Three connections, each begun 0.3 s after the one before; none of them gets a Close frame.
import asyncio, json, os
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

LOG = os.environ.get("CLIENT_LOG", os.devnull)


def log(connection, sender, text):
    with open(LOG, "a") as f:
        f.write(json.dumps({"connection": connection, "from": sender, "opcode": "text", "text": text}) + "\n")


async def talk(number, path):
    await asyncio.sleep(0.3 * number)
    async with connect("ws://127.0.0.1:8903" + path, compression=None) as socket:
        log(number, "client", "hello from " + path)
        await socket.send("hello from " + path)
        try:
            async for message in socket:
                log(number, "server", message)
        except ConnectionClosed as closed:
            print(path, closed)


async def main():
    await asyncio.gather(talk(1, "/terminate"), talk(2, "/message-incomplete"), talk(3, "/frame-incomplete"))

asyncio.run(main())
