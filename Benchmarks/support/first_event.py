"""How long a caller waits for the first event of a streamed answer."""

import socket
import time

REQUESTS = 100
DEADLINE_SECONDS = 10
END = b"\r\n0\r\n\r\n"


def microseconds(url, headers):
    """For each of a number of requests, one after the other on one connection: from sending it to its first event."""
    host, _, path = url.removeprefix("http://").partition("/")
    fields = "".join(f"{name}: {value}\r\n" for name, value in {"Host": host, **headers}.items())
    request = f"GET /{path} HTTP/1.1\r\n{fields}\r\n".encode()
    address, port = host.split(":")
    waits = []
    with socket.create_connection((address, int(port)), timeout=DEADLINE_SECONDS) as connection:
        for _ in range(REQUESTS):
            begun = time.perf_counter()
            connection.sendall(request)
            answer = received(connection)
            while b"data:" not in answer:
                answer += received(connection)
            waits.append((time.perf_counter() - begun) * 1e6)
            while not answer.endswith(END):
                answer += received(connection)
    return waits


def received(connection):
    piece = connection.recv(65536)
    if not piece:
        raise RuntimeError("the connection was closed in mid-answer")
    return piece
