#!/usr/bin/env python3
"""Puts on a gateway that counts what it runs through what gateways do most. See scripts/profile.

usage: train.py BINARIES
"""

import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from support import chat, event_stream, gateway, nginx  # noqa: E402
from support.context import Context  # noqa: E402
from support.load import Driver  # noqa: E402
from support.processes import Processes  # noqa: E402

SECONDS = 2
CONNECTIONS = [1, 16, 64]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().splitlines()[-1])
    with tempfile.TemporaryDirectory(prefix="slipway-train-") as folder, Processes() as processes:
        context = Context(HERE.parent, pathlib.Path(sys.argv[1]), pathlib.Path(folder), processes, 1, SECONDS)
        chats(context)
        streams(context)


def chats(context):
    _, engine = nginx.start_fixed_reply(context, chat.REPLY)
    for environment, limits in ((gateway.EVERYTHING_ON, gateway.LIMITS), ({}, {})):
        _, port = gateway.start(context, [engine], environment, limits)
        driver = Driver(context.folder, "POST", chat.headers(), chat.REQUEST)
        for connections in CONNECTIONS:
            load = driver.run(chat.url(port), connections, context.seconds)
            context.say(f"{load.requests} chats on {connections} connections")


def streams(context):
    for engine in (event_stream.start(context), nginx.start_large_reply(context, 10 << 20)):
        _, port = gateway.start(context, [engine])
        driver = Driver(context.folder, "GET", gateway.AUTHORIZATION, "")
        load = driver.run(gateway.stream_url(port), CONNECTIONS[1], context.seconds)
        context.say(f"{load.requests} streams")


if __name__ == "__main__":
    main()
