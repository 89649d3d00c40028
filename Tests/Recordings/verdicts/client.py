"""client.py HOST COUNT SECONDS WHAT: COUNT clients say three things, then WHAT (nothing, large, latin1), and stay."""
import asyncio
import sys

from websockets.asyncio.client import connect


async def talk(host, number, seconds, what):
    try:
        async with connect(f"ws://{host}:9500/{number}", ping_interval=None, compression=None) as connection:
            for count in range(3):
                await connection.send(f"message {count} of {number}")
                await connection.recv()
            if what == "large":
                await connection.send("x" * 5000)
            if what == "latin1":
                await connection.send("café noir".encode("latin-1"), text=True)
            await asyncio.wait_for(connection.recv(), seconds)
    except Exception as error:
        print(type(error).__name__, error)


async def main(host, count, seconds, what):
    await asyncio.gather(*(talk(host, number, float(seconds), what) for number in range(int(count))))


asyncio.run(main(*sys.argv[1:]))
