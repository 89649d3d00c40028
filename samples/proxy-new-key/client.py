"""Two customers at a time, with compression. The second one begins 100 ms after the first."""
import asyncio
import json

from websockets.asyncio.client import connect


async def customer(number, name):
    def log(sender, text):
        with open("application.jsonl", "a") as file:
            print(json.dumps({"connection": number, "from": sender, "opcode": "text", "text": text}), file=file)

    await asyncio.sleep(0.05 * number)
    async with connect("ws://127.0.0.1:8911/orders") as socket:
        for order in range(1, 6):
            log("client", text := f"{name} orders {order} loaves")
            await socket.send(text)
            if name == "Ada" and order == 3:
                log("client", "telemetry 0.94")
                await socket.send("telemetry 0.94")
            log("server", await socket.recv())
            await asyncio.sleep(0.04)


async def main():
    await asyncio.gather(customer(1, "Ada"), customer(3, "Grace"))

asyncio.run(main())
