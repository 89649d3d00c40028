"""Echoes; goes away with 1001 on SIGTERM. server.py HOST PING_INTERVAL PING_TIMEOUT MAX_SIZE, 0 for none."""
import asyncio
import signal
import sys

from websockets.asyncio.server import serve


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main(host, interval, timeout, size):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(echo, host, 9500, ping_interval=float(interval) or None, ping_timeout=float(timeout) or None,
                     max_size=int(size) or None):
        await stop.wait()


asyncio.run(main(*sys.argv[1:]))
