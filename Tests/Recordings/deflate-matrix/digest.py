"""Echoes. Logs for each connection how many messages the application was given and sent, and a digest of them."""
import asyncio
import json
import sys

from websockets.asyncio.server import serve


class Digest:
    """FNV-1a, 64 bits, over opcode, length and payload of each message."""

    def __init__(self):
        self.count, self.value = 0, 0xCBF29CE484222325

    def add(self, message):
        payload = message.encode() if isinstance(message, str) else message
        self.count += 1
        for byte in (b"t" if isinstance(message, str) else b"b") + str(len(payload)).encode() + payload:
            self.value = (self.value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF


def make_handler(log):
    async def echo(connection):
        given, sent = Digest(), Digest()
        try:
            async for message in connection:
                given.add(message)
                await connection.send(message)
                sent.add(message)
        except Exception:
            pass  # The peer may break rules on purpose.
        for side, digest in (("client", given), ("server", sent)):
            line = {"port": connection.remote_address[1], "from": side, "messages": digest.count,
                    "digest": f"{digest.value:016x}"}
            print(json.dumps(line), file=log, flush=True)
    return echo


async def main():
    with open("application.jsonl", "w") as log:
        async with serve(make_handler(log), "127.0.0.1", int(sys.argv[1]), max_size=None, ping_interval=None):
            await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main())
