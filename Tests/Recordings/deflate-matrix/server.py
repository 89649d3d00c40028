"""A server of python websockets for each combination of the parameters, from port 9100 on."""
import asyncio
import json

from digest import make_handler
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory


async def main():
    with open("application.python.jsonl", "w") as log:
        for index, combination in enumerate(json.load(open("combinations.json"))):
            await serve(make_handler(log), "127.0.0.1", 9100 + index, max_size=None, compression=None,
                        extensions=[ServerPerMessageDeflateFactory(**combination)])
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
