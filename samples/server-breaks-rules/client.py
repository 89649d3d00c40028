# Connects with websockets to each path of the server, one after the other (connections 1 to 6).
import asyncio, json, os
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

LOG = os.environ.get("CLIENT_LOG", os.devnull)


async def visit(connection, path):
    def log(sender, text):
        with open(LOG, "a") as f:
            f.write(json.dumps({"connection": connection, "from": sender, "opcode": "text", "text": text}) + "\n")

    async with connect("ws://127.0.0.1:8909" + path, compression=None, ping_interval=None, close_timeout=1) as socket:
        log("client", "hello")
        await socket.send("hello")
        try:
            log("server", await socket.recv())
            log("server", await socket.recv())
            await socket.close(1000, "fine")
        except ConnectionClosed as closed:
            print("websockets:", path, closed)
        else:
            print("websockets:", path, "took it as a message")


async def main():
    paths = "/masked /length-16 /length-64 /length-top-bit /close-1005 /after-close".split()
    for connection, path in enumerate(paths, 1):
        await visit(connection, path)

asyncio.run(main())
