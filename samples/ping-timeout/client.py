# Pings each second and gives up when a pong takes more than two seconds.
import asyncio, json, os
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

LOG = os.environ.get("CLIENT_LOG", os.devnull)


def log(sender, text):
    with open(LOG, "a") as f:
        f.write(json.dumps({"connection": 1, "from": sender, "opcode": "text", "text": text}) + "\n")


async def main():
    try:
        async with connect("ws://127.0.0.1:8901/", compression=None, ping_interval=1, ping_timeout=2,
                           close_timeout=1) as socket:
            for text in ("one", "two", "three", "anybody there?"):
                log("client", text)
                await socket.send(text)
                log("server", await socket.recv())
                await asyncio.sleep(0.8)
    except ConnectionClosed as closed:
        print("client:", closed)

asyncio.run(main())
