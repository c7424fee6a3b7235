"""Requests that two parsers might read differently, and clients that are slow on purpose: before nginx and its engine."""

import shutil
import socket
import sys
import time
import unittest

from stack import ROOT, Stack, answers, free_port, wait_until

SMUGGLED = "GET /secret HTTP/1.1\r\nHost: x\r\n\r\n"

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format requests '$request_method $request_uri $request_length $status $bytes_sent $request_time';
  access_log {folder}/access.log requests;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{engine};
      proxy_http_version 1.1;
      proxy_buffering off;
    }}
  }}
}}
"""


def post(*fields, body=""):
    lines = ["POST /services/chat/sink HTTP/1.1", "Host: x", *fields]
    return "\r\n".join(lines) + "\r\n\r\n" + body + SMUGGLED


def get(*fields, target="/services/chat/pushed"):
    return "\r\n".join([f"GET {target} HTTP/1.1", *fields]) + "\r\n\r\n" + SMUGGLED


ATTACKS = {
    "length and coding": post("Content-Length: 4", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
    "two lengths": post("Content-Length: 0", "Content-Length: 33"),
    "two lengths in one": post("Content-Length: 0, 33"),
    "space before the colon": post("Content-Length : 0"),
    "unknown coding": post("Transfer-Encoding: xchunked", body="0\r\n\r\n"),
    "two codings": post("Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"),
    "a length with a sign": post("Content-Length: +5", body="abcde"),
    "a chunk size with a prefix": post("Transfer-Encoding: chunked", body="0x3\r\nabc\r\n0\r\n\r\n"),
    "a chunk line with a bare line feed": post("Transfer-Encoding: chunked", body="3\nabc\r\n0\r\n\r\n"),
    "a folded field": get("Host: x", "A: b", " c: d"),
    "a NUL": get("Host: x", "A: b\0c"),
    "no host": get(),
    "two hosts": get("Host: x", "Host: y"),
    "a large field": get("Host: x", "A: " + "a" * 40_000),
    "bare line feeds": get("Host: x").replace("\r\n", "\n"),
    "a vertical tab in a field": get("Host: x", "Transfer-Encoding:\x0bchunked"),
}


class SmugglingTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("nginx") is None:
            raise unittest.SkipTest("nginx is not installed")
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.stop)
        engine, port = free_port(), free_port()
        cls.stack.run([sys.executable, ROOT / "Tests" / "Engines" / "pressure_engine.py", engine])
        folder = cls.stack.folder / "nginx"
        folder.mkdir()
        (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port, engine=engine))
        cls.log = folder / "access.log"
        nginx = cls.stack.run(["nginx", "-e", folder / "error.log", "-c", folder / "nginx.conf"])
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/pushed"), "nginx", nginx.process)
        cls.stack.serve("chat", port)
        cls.stack.wait_for_routes()

    def connect(self, seconds=60):
        return socket.create_connection(("127.0.0.1", self.stack.port), timeout=seconds)

    @staticmethod
    def read(caller):
        """Everything until the gateway closes."""
        answer = b""
        try:
            while piece := caller.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer.decode("latin-1")

    @staticmethod
    def trickle(caller, piece, pause, times):
        """Sends a piece again and again until the gateway closes."""
        for _ in range(times):
            try:
                caller.sendall(piece)
            except OSError:
                return
            time.sleep(pause)

    def seen(self):
        return self.log.read_text().splitlines()

    def asked_for_secrets(self):
        return [line for line in self.seen() if "secret" in line]

    def test_nothing_is_smuggled(self):
        for name, attack in ATTACKS.items():
            for is_in_pieces in (False, True):
                with self.subTest(name, in_pieces=is_in_pieces):
                    before = len(self.seen())
                    with self.connect() as caller:
                        try:
                            if is_in_pieces:
                                for byte in attack[:500]:
                                    caller.send(byte.encode("latin-1"))
                                caller.sendall(attack[500:].encode("latin-1"))
                            else:
                                caller.sendall(attack.encode("latin-1"))
                        except OSError:
                            pass  # Refused before it was all there.
                        answer = self.read(caller)
                    self.assertRegex(answer, r"\A(HTTP/1\.1 (4|501)|\Z)")
                    self.assertLessEqual(answer.count("HTTP/1.1 "), 1)
                    # A body that is found to be broken on its way may have been begun.
                    self.assertLessEqual(len(self.seen()) - before, 1 if "chunk" in name else 0)
        self.assertEqual(self.asked_for_secrets(), [])

    def test_a_head_that_does_not_end(self):
        with self.connect() as caller:
            caller.sendall(b"GET /services/chat/pushed HTTP/1.1\r\nHost: x\r\n")
            began = time.monotonic()
            self.trickle(caller, b"A: b\r\n", pause=0.5, times=30)
            answer = self.read(caller)
        self.assertIn(answer[:12], ("HTTP/1.1 408", ""))
        self.assertLess(time.monotonic() - began, 20)

    def test_a_body_of_a_byte_a_second(self):
        with self.connect() as caller:
            caller.sendall(b"POST /services/chat/sink HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            began = time.monotonic()
            self.trickle(caller, b"x", pause=1, times=40)
            self.assertNotIn("200 OK", self.read(caller))
        self.assertLess(time.monotonic() - began, 35)

    def test_an_answer_that_nobody_reads(self):
        with socket.socket() as caller:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            caller.settimeout(60)
            caller.connect(("127.0.0.1", self.stack.port))
            caller.sendall(b"GET /services/chat/source/104857600 HTTP/1.1\r\nHost: x\r\n\r\n")
            began = time.monotonic()
            before = len([line for line in self.seen() if "source" in line])
            # nginx logs a request when it has ended.
            while len([line for line in self.seen() if "source" in line]) == before:
                self.assertLess(time.monotonic() - began, 50, "the answer is still held")
                time.sleep(0.2)


if __name__ == "__main__":
    unittest.main()
