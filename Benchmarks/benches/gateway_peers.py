"""The gateway with everything on beside the proxies that others put before their engines."""

import os
import random
import statistics
import time

from support import chat, gateway, nginx, peers
from support.load import Driver

BENCH = "gateway_peers"
CONNECTIONS = [1, 16, 64]
# Who answers a hundred requests a second needs more time for a figure.
SECONDS = {"litellm": 5}
SETTLE_SECONDS = 15


def run(context):
    context.say(f"{BENCH}: gateway and peers before the same engine, {context.rounds} rounds each")
    say_load(context)
    _, engine_port = nginx.start_fixed_reply(context, chat.REPLY)
    ours, our_port, token = gateway.start(
        context, [engine_port], environment=gateway.EVERYTHING_ON, limits=gateway.LIMITS
    )
    targets = {"ours": (ours, our_port), **peers.start_all(context, engine_port, token)}
    driver = Driver(context.folder, "POST", chat.headers(token), chat.REQUEST)
    time.sleep(1)
    record_memory(context, "idle", targets)
    for connections in CONNECTIONS:
        compare(context, driver, targets, connections, engine_port)
    record_memory(context, "after load", targets)
    say_load(context)


def compare(context, driver, targets, connections, engine_port):
    cpu = {name: [] for name in targets}
    rates = {name: [] for name in targets}
    latencies = {name: [] for name in [*targets, "engine"]}
    for name, (tree, port) in targets.items():
        driver.run(chat.url(port), connections, SECONDS.get(name, 1))
        settle(tree)
    for _ in range(context.rounds):
        for name, (tree, port) in random.sample(sorted(targets.items()), len(targets)):
            load, used = driver.measure(tree, chat.url(port), connections, SECONDS.get(name, context.seconds))
            cpu[name].append(used)
            rates[name].append(load.requests_per_second)
            latencies[name].append(load.p50_microseconds)
            settle(tree)
        latencies["engine"].append(driver.run(chat.url(engine_port), connections, 1).p50_microseconds)
    case = f"connections={connections}"
    # Single requests wake either core, and others are on the machine; the least is what the path itself takes.
    engine = min(latencies["engine"])
    for name in targets:
        if name == "ours":
            continue
        context.record(BENCH, case, "cpu_per_100k_requests", "s", cpu["ours"], name, cpu[name])
        context.record(BENCH, case, "requests_per_second", "1/s", rates["ours"], name, rates[name])
        added = [min(latencies[each]) - engine for each in ("ours", name)]
        context.record(BENCH, case, "added_p50_latency", "us", added[0], name, added[1])
    least = ", ".join(f"{name} {statistics.median(values):.2f}" for name, values in cpu.items())
    context.say(f"{case}: CPU seconds for 100,000 requests: {least}")


def record_memory(context, case, targets):
    memory = {name: tree.resident_mebibytes() for name, (tree, _) in targets.items()}
    for name in targets:
        if name != "ours":
            context.record(BENCH, case, "resident_memory", "MiB", memory["ours"], name, memory[name])


def settle(tree):
    """Until it has done with requests whose callers have left, so that they are not in the next one's figures."""
    deadline = time.monotonic() + SETTLE_SECONDS
    used = tree.cpu_seconds()
    while time.monotonic() < deadline:
        time.sleep(0.1)
        before, used = used, tree.cpu_seconds()
        if used - before < 0.02:
            return


def say_load(context):
    context.say("load average: " + " ".join(f"{value:.1f}" for value in os.getloadavg()))
