"""Echoes. Logs for each connection how many messages the application was given and sent, and a digest of them.

echo.py LOG PORT: one server of python websockets as it is. echo.py LOG PORT COMBINATIONS: one for each combination of the
parameters of permessage-deflate, from PORT on.
"""
import asyncio
import json
import sys

from digest import Digest
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory


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
            print(digest.line(connection.remote_address[1], side), file=log, flush=True)
    return echo


async def main(path, port, combinations=None):
    with open(path, "w") as log:
        options = dict(max_size=None, ping_interval=None)
        if combinations is None:
            await serve(make_handler(log), "127.0.0.1", int(port), **options)
        else:
            for index, combination in enumerate(json.load(open(combinations))):
                extension = ServerPerMessageDeflateFactory(**combination)
                await serve(make_handler(log), "127.0.0.1", int(port) + index, compression=None,
                            extensions=[extension], **options)
        await asyncio.get_running_loop().create_future()


asyncio.run(main(*sys.argv[1:]))
