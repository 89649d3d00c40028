import asyncio, os
from websockets.asyncio.client import connect
from parts import cut, log, send_parts

LOG = os.environ.get("CLIENT_LOG", os.devnull)


async def main():
    async with connect("ws://127.0.0.1:8383/parts", compression=None, ping_interval=None) as socket:
        async def say(parts, **options):
            await send_parts(socket, parts, **options)
            whole = parts[0][:0].join(parts)
            log(LOG, "client", whole.decode() if options.get("text") else whole)

        async def hear():
            log(LOG, "server", await socket.recv())

        # 日本語 has 3 bytes for each character: borders after byte 1 of 日 and after byte 2 of 語.
        await say(cut("日本語 in fragments".encode(), 1, 8, 12), text=True, ping_before={1: b"client-1", 2: b"client-2"})
        await hear()
        # Fragments of 300, 0 and 700 bytes.
        await say(cut(bytes(i * 7 % 256 for i in range(1000)), 300, 300), ping_before={2: b"client-3"})
        await hear()
        # While the server's fragments are still arriving.
        await asyncio.sleep(0.12)
        await say(["meanwhile ", "the client ", "speaks ", "too"])
        await hear()
        await hear()

asyncio.run(main())
