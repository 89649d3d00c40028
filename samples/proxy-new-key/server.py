"""A shop that answers orders. Logs what it was given and sent; behind the proxy it has every second connection."""
import asyncio
import json

from websockets.asyncio.server import serve

connections = 0


async def shop(connection):
    global connections
    connections += 2
    number = connections

    def log(sender, text):
        with open("application.jsonl", "a") as file:
            print(json.dumps({"connection": number, "from": sender, "opcode": "text", "text": text}), file=file)

    async for order in connection:
        log("client", order)
        answer = f"{order}: paid with 4012 8888 8888 1881" if "2" in order else f"{order}: accepted"
        log("server", answer)
        await connection.send(answer)


async def main():
    async with serve(shop, "127.0.0.1", 8912, compression=None):
        await asyncio.get_running_loop().create_future()

asyncio.run(main())
