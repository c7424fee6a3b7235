"""Many streams, large bodies, slow readers, and processes that die under load."""

import asyncio
import json
import pathlib
import re
import sys
import time
import unittest

from stack import ROOT, Stack, answers, free_port, wait_until

MIB = 1 << 20


def peak(process):
    """The most memory that the process has had resident, in bytes."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) << 10


class Connection:
    """A plain HTTP/1.1 connection, which is kept."""

    def __init__(self, port):
        self.port = port
        self.reader = None

    async def request(self, method, target, body=b""):
        """Sends a request; status and fields of its answer, whose body is left to be read."""
        if self.reader is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        return await self.head()

    async def head(self):
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        return int(lines[0].split(" ")[1]), fields

    async def ask(self, body):
        """A chat; its status."""
        status, fields = await self.request("POST", "/v1/chat/completions", body)
        await self.reader.readexactly(int(fields["content-length"]))
        if fields.get("connection") == "close":
            self.close()
        return status

    def close(self):
        if self.reader is not None:
            self.writer.close()
        self.reader = None


def chat(model, **more):
    return json.dumps({"model": model, "messages": [{"role": "user", "content": "?"}], **more}).encode()


class PressureTests(unittest.TestCase):
    def setUp(self):
        self.stack = Stack()
        self.addCleanup(self.stack.stop)

    def engine(self):
        port = free_port()
        started = self.stack.run([sys.executable, ROOT / "Tests" / "Engines" / "pressure_engine.py", port])
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/pushed"), "the engine", started.process)
        return port, started

    def serve(self, count=1):
        engines = [self.engine() for _ in range(count)]
        self.stack.serve("chat", *[port for port, _ in engines])
        self.stack.wait_for_routes()
        return engines

    @property
    def gateway(self):
        return self.stack.gateway.process

    def test_a_thousand_streams(self):
        self.serve()
        events = 40

        async def one():
            connection = Connection(self.stack.port)
            status, _ = await connection.request(
                "POST", "/v1/chat/completions", chat("chat", stream=True, max_tokens=events)
            )
            text = await asyncio.wait_for(connection.reader.readuntil(b"0\r\n\r\n"), 120)
            connection.close()
            return status, text.count(b"data: "), text.count(b"[DONE]")

        async def all_of_them():
            return await asyncio.gather(*[one() for _ in range(1000)])

        outcomes = set(asyncio.run(all_of_them()))
        self.assertEqual(outcomes, {(200, events + 1, 1)})
        print(f"1,000 streams: at most {peak(self.gateway) / MIB:.0f} MiB resident", file=sys.stderr)
        self.assertLessEqual(peak(self.gateway), 150 * MIB)

    def test_a_gibibyte_each_way(self):
        self.serve()
        before = peak(self.gateway)

        async def there_and_back():
            connection = Connection(self.stack.port)
            reader, writer = await asyncio.open_connection("127.0.0.1", self.stack.port)
            connection.reader, connection.writer = reader, writer
            writer.write(f"POST /services/chat/sink HTTP/1.1\r\nHost: x\r\nContent-Length: {1 << 30}\r\n\r\n".encode())
            block = bytes(MIB)
            for _ in range(1024):
                writer.write(block)
                await writer.drain()
            status, fields = await connection.head()
            taken = json.loads(await reader.readexactly(int(fields["content-length"])))["bytes"]
            self.assertEqual((status, taken), (200, 1 << 30))
            status, fields = await connection.request("GET", f"/services/chat/source/{1 << 30}")
            left = int(fields["content-length"])
            while left:
                piece = await reader.read(MIB)
                self.assertTrue(piece, "the answer was cut short")
                left -= len(piece)
            connection.close()
            self.assertEqual(status, 200)

        asyncio.run(there_and_back())
        grown = peak(self.gateway) - before
        print(f"1 GiB each way: {grown / MIB:.1f} MiB more resident", file=sys.stderr)
        self.assertLess(grown, 32 * MIB)

    def test_readers_of_one_byte_a_second(self):
        ((engine, _),) = self.serve()
        before = peak(self.gateway)

        async def pushed():
            connection = Connection(engine)
            _, fields = await connection.request("GET", "/pushed")
            answer = json.loads(await connection.reader.readexactly(int(fields["content-length"])))
            connection.close()
            return answer["bytes"]

        async def slowly(count):
            readers = []
            for _ in range(count):
                # What is not read stays in the kernels' buffers: the stream itself takes but a byte.
                reader, writer = await asyncio.open_connection("127.0.0.1", self.stack.port, limit=1)
                writer.write(b"GET /services/chat/source/104857600 HTTP/1.1\r\nHost: x\r\n\r\n")
                readers.append((reader, writer))
            for _ in range(10):
                for reader, _ in readers:
                    await reader.read(1)
                connection = Connection(self.stack.port)
                self.assertEqual(await connection.ask(chat("chat")), 200)
                connection.close()
                await asyncio.sleep(1)
            held = await pushed()
            for _, writer in readers:
                writer.close()
            return held

        held = asyncio.run(slowly(100)) / 100
        grown = (peak(self.gateway) - before) / 100
        print(f"a slow reader: {grown / 1024:.0f} KiB in the gateway, {held / MIB:.1f} MiB left the engine", file=sys.stderr)
        self.assertLess(grown, 512 << 10)
        self.assertLess(held, 20 * MIB)

    def load(self, seconds, ports, disturb):
        """Chats from 16 callers for so long, with `disturb` in the middle; the statuses that came.

        A caller that finds nobody at one port goes to the next one, as a load balancer does.
        """
        body = chat("chat")
        deadline = time.monotonic() + seconds

        async def caller(number):
            seen = {}
            connections = [Connection(port) for port in ports]
            while time.monotonic() < deadline:
                for attempt in range(len(ports)):
                    connection = connections[(number + attempt) % len(ports)]
                    is_new = connection.reader is None
                    try:
                        status = await connection.ask(body)
                        break
                    except ConnectionRefusedError:
                        status = "refused"
                    except (asyncio.IncompleteReadError, OSError):
                        connection.close()
                        status = "broken when new" if is_new else "broken"
                        break
                seen[status] = seen.get(status, 0) + 1
            for connection in connections:
                connection.close()
            return seen

        async def all_of_them():
            callers = [asyncio.create_task(caller(number)) for number in range(16)]
            await asyncio.sleep(seconds / 3)
            await asyncio.get_running_loop().run_in_executor(None, disturb)
            total = {}
            for seen in await asyncio.gather(*callers):
                for status, count in seen.items():
                    total[status] = total.get(status, 0) + count
            return total

        return asyncio.run(all_of_them())

    def only_ok(self, outcome, what):
        print(f"{what}: {outcome}", file=sys.stderr)
        self.assertEqual(set(outcome), {200})
        self.assertGreater(outcome[200], 500)

    def test_one_of_two_engines_is_killed(self):
        engines = self.serve(2)
        self.only_ok(self.load(12, [self.stack.port], engines[0][1].kill), "an engine killed")

    def test_the_control_plane_is_away_for_a_minute(self):
        self.serve()

        def away():
            self.stack.control.shutdown()
            self.stack.control.server_close()

        self.only_ok(self.load(90, [self.stack.port], away), "no control plane for a minute")

    def test_one_of_two_gateways_is_restarted(self):
        self.serve()
        other, port = self.stack.another_gateway()

        def restart():
            other.stop()
            self.assertEqual(other.process.returncode, 0)
            self.stack.another_gateway(port)

        self.only_ok(self.load(15, [self.stack.port, port], restart), "a gateway restarted")


if __name__ == "__main__":
    unittest.main()
