"""An engine for tests of load, which does as it is asked: `pressure_engine.py PORT`.

POST /v1/chat/completions  a short answer, or `max_tokens` events, one each 0.25 s
GET /source/N              N bytes
POST /sink                 how many bytes came
GET /pushed                how many bytes of /source were taken by the gateway so far
"""

import asyncio
import json
import sys

INTERVAL = 0.25
BLOCK = bytes(65536)


class Engine:
    def __init__(self):
        self.pushed = 0

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self.answer(head.decode("latin-1"), reader, writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def answer(self, head, reader, writer):
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        length = next(
            (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
        )
        if target == "/sink":
            return self.reply(writer, {"bytes": await self.swallow(reader, length)})
        body = await reader.readexactly(length)
        if target.startswith("/source/"):
            return await self.pour(writer, int(target[8:]))
        if target == "/pushed":
            return self.reply(writer, {"bytes": self.pushed})
        asked = json.loads(body) if body else {}
        if asked.get("stream"):
            return await self.stream(writer, asked["max_tokens"])
        usage = {"prompt_tokens": 1, "completion_tokens": 1}
        self.reply(writer, {"choices": [{"message": {"role": "assistant", "content": "yes"}}], "usage": usage})

    @staticmethod
    def reply(writer, answer):
        text = json.dumps(answer)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        writer.write((head + text).encode())

    @staticmethod
    async def swallow(reader, length):
        left = length
        while left:
            left -= len(await reader.read(min(left, 1 << 20)))
        return length

    async def pour(self, writer, count):
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n".encode())
        while count:
            block = BLOCK[: min(count, len(BLOCK))]
            writer.write(block)
            await writer.drain()
            self.pushed += len(block)
            count -= len(block)

    @staticmethod
    async def stream(writer, count):
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head.encode())
        for number in range(count):
            event = f'data: {{"choices":[{{"delta":{{"content":"{number} "}}}}]}}\n\n'
            writer.write(f"{len(event):x}\r\n{event}\r\n".encode())
            await writer.drain()
            await asyncio.sleep(INTERVAL)
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")


async def main():
    server = await asyncio.start_server(Engine().serve, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    await server.serve_forever()


asyncio.run(main())
