"""A real WebSocket client and server, with the gateway between them."""

import threading
import unittest

import websockets.exceptions
from websockets.sync.client import connect
from websockets.sync.server import serve

from stack import Stack, free_port

TOKEN = "slp_a-token-for-these-tests"


def echo(connection):
    try:
        for message in connection:
            if message == "close":
                connection.close(4001, "as asked")
                return
            connection.send(message)
    except websockets.exceptions.ConnectionClosed:
        pass


class WebSocketTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.stop)
        port = free_port()
        server = serve(echo, "127.0.0.1", port, max_size=32 << 20)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.shutdown)
        cls.stack.serve("echo", port)
        cls.stack.serve("closed-echo", port, token=TOKEN)
        cls.stack.wait_for_routes()

    def connect(self, service="echo", **more):
        return connect(
            f"ws://127.0.0.1:{self.stack.port}/services/{service}/any/path", max_size=32 << 20, proxy=None, **more
        )

    def test_messages(self):
        with self.connect() as socket:
            for message in ("hello", "grüß Gott", b"\x00\xff" * 1000, "x" * (8 << 20)):
                socket.send(message)
                self.assertEqual(socket.recv(timeout=30), message)

    def test_pings(self):
        with self.connect() as socket:
            self.assertTrue(socket.ping().wait(30))

    def test_the_servers_close_code(self):
        with self.connect() as socket:
            socket.send("close")
            with self.assertRaises(websockets.exceptions.ConnectionClosed) as raised:
                socket.recv(timeout=30)
            self.assertEqual((raised.exception.rcvd.code, raised.exception.rcvd.reason), (4001, "as asked"))

    def test_a_token(self):
        with self.assertRaises(websockets.exceptions.InvalidStatus) as raised:
            self.connect("closed-echo")
        self.assertEqual(raised.exception.response.status_code, 401)
        with self.connect("closed-echo", additional_headers={"Authorization": f"Bearer {TOKEN}"}) as socket:
            socket.send("hello")
            self.assertEqual(socket.recv(timeout=30), "hello")


if __name__ == "__main__":
    unittest.main()
