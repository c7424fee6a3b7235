"""An engine that answers every request with server-sent events, each written by itself as engines write tokens."""

import asyncio
import pathlib
import sys

EVENTS = 200
EVENT = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" word"}}]}\n\n'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n" % (len(EVENT), EVENT)


def start(context):
    """Returns the port."""
    from support.processes import free_port

    port = free_port()
    context.processes.start([sys.executable, pathlib.Path(__file__).resolve(), port], port)
    return port


class Connection(asyncio.Protocol):
    """Takes requests without a body, one after the other."""

    def connection_made(self, transport):
        self.transport = transport
        self.received = b""

    def data_received(self, data):
        self.received += data
        if self.received.endswith(b"\r\n\r\n"):
            self.received = b""
            self.transport.write(HEAD)
            self.send_event(EVENTS)

    def send_event(self, left):
        if self.transport.is_closing():
            return
        if left == 0:
            self.transport.write(b"0\r\n\r\n")
            return
        self.transport.write(CHUNK)
        # The other connections' events come before the next one.
        asyncio.get_running_loop().call_soon(self.send_event, left - 1)


async def serve(port):
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
