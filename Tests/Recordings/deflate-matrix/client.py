"""A client of python websockets with each combination of the parameters, to both servers."""
import asyncio
import json
import random

from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory


def messages(seed):
    source = random.Random(seed)
    words = ["".join(source.choices("abcdefghijklmnop", k=source.randint(3, 30))) for _ in range(150)]
    texts = [" ".join(source.choices(words, k=count)) for count in (1, 20, 20, 60, 150)]
    return ["hello", "hello", "", "seven77", *texts, source.randbytes(300), "größer 新用户 " * 8, "hello"]


async def main():
    for base in (9100, 9200):
        for index, combination in enumerate(json.load(open("combinations.json"))):
            parameters = dict(combination, client_max_window_bits=combination["client_max_window_bits"] or True)
            extension = ClientPerMessageDeflateFactory(**parameters)
            url = f"ws://127.0.0.1:{base + index}/"
            async with connect(url, extensions=[extension], compression=None, max_size=None) as connection:
                for message in messages(index):
                    await connection.send(message)
                    assert await connection.recv() == message


asyncio.run(main())
