# tornado server that restarts: it closes with 1012, then turns clients away with 1013 for a while.
import asyncio, json
from tornado.web import Application
from tornado.websocket import WebSocketHandler

connections = 0


class Handler(WebSocketHandler):
    def log(self, sender, text):
        with open("application.jsonl", "a") as f:
            f.write(json.dumps({"connection": self.number, "from": sender, "opcode": "text", "text": text}) + "\n")

    def say(self, text):
        self.log("server", text)
        self.write_message(text)

    def open(self):
        global connections
        connections += 1
        self.number = connections
        if 2 <= self.number <= 4:
            self.close(1013, "try again later")
        else:
            self.say("ready")

    def on_message(self, message):
        self.log("client", message)
        self.say(message + " done")
        if self.number == 1 and message == "job 2":
            self.close(1012, "service restart")
        else:
            self.say("ready")


async def main():
    Application([("/jobs", Handler)]).listen(8906, "127.0.0.1")
    await asyncio.Event().wait()

asyncio.run(main())
