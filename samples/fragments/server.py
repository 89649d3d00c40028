# Answers each message with a fragmented one.
import asyncio
from websockets.asyncio.server import serve
from parts import cut, log, send_parts

LOG = "application.jsonl"


async def handler(socket):
    message = await socket.recv()  # text in 4 fragments
    log(LOG, "client", message)
    data = f"größe: {len(message)} Zeichen, 💶💶".encode()
    # Borders inside of ö (2 bytes), inside of the first 💶 (4 bytes, after its 1st), and after its 3rd byte.
    at = data.index("💶".encode())
    await send_parts(socket, cut(data, 3, at + 1, at + 3), text=True, ping_before={1: b"server-1", 3: b"server-2"})
    log(LOG, "server", data.decode())

    message = await socket.recv()  # binary
    log(LOG, "client", message)
    answer = bytes(255 - b for b in message)
    await send_parts(socket, cut(answer, 1, 127, 127, 600), ping_before={2: b"", 4: bytes(125)})
    log(LOG, "server", answer)

    # Both sides send a fragmented message at the same time; the server's begins first.
    answer = "".join(f"line {i}\n" for i in range(6))

    async def slow_lines():
        for line in answer.splitlines(keepends=True):
            yield line
            await asyncio.sleep(0.05)

    sending = asyncio.create_task(socket.send(slow_lines()))
    message = await socket.recv()
    log(LOG, "client", message)
    await sending
    log(LOG, "server", answer)

    await socket.send("whole message")
    log(LOG, "server", "whole message")
    await socket.wait_closed()


async def main():
    async with serve(handler, "127.0.0.1", 8383, compression=None, ping_interval=None) as server:
        await server.serve_forever()

asyncio.run(main())
