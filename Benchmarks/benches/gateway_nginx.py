"""The gateway with everything on beside nginx, closely: both started anew again and again.

One start of either differs from the next by a few hundredths (where its code and memory come to lie), which no number of
rounds averages out.
"""

import random
import statistics
import time

from support import chat, gateway, nginx, peers
from support.load import Driver
from support.processes import Processes

BENCH = "gateway_nginx"
CONNECTIONS = [1, 16, 64]
STARTS = 8
SECONDS = 1


def run(context):
    context.say(f"{BENCH}: gateway and nginx, {STARTS} starts of both, {context.rounds} rounds each")
    _, engine_port = nginx.start_fixed_reply(context, chat.REPLY)
    cpu = {connections: {"ours": [], "nginx": [], "ratio": []} for connections in CONNECTIONS}
    processes = context.processes
    for _ in range(STARTS):
        with Processes() as context.processes:
            compare(context, engine_port, cpu)
    context.processes = processes
    for connections, figures in cpu.items():
        record(context, connections, figures)


def compare(context, engine_port, cpu):
    ours, our_port, token = gateway.start(
        context, [engine_port], environment=gateway.EVERYTHING_ON, limits=gateway.LIMITS
    )
    targets = {"ours": (ours, our_port), "nginx": peers.start_nginx(context, engine_port, token)}
    driver = Driver(context.folder, "POST", chat.headers(token), chat.REQUEST)
    time.sleep(1)
    for connections in CONNECTIONS:
        used = {name: [] for name in targets}
        for _, port in targets.values():
            driver.run(chat.url(port), connections, SECONDS)
        for _ in range(context.rounds):
            for name, (tree, port) in random.sample(sorted(targets.items()), len(targets)):
                used[name].append(driver.measure(tree, chat.url(port), connections, SECONDS)[1])
        for name, values in used.items():
            cpu[connections][name].append(statistics.median(values))
        cpu[connections]["ratio"].append(statistics.median(a / b for a, b in zip(used["ours"], used["nginx"])))


def record(context, connections, figures):
    """The mean of the starts, and how far that may be off: the standard error."""
    case = f"connections={connections}"
    ratios = figures["ratio"]
    ratio, error = statistics.mean(ratios), statistics.stdev(ratios) / len(ratios) ** 0.5
    context.record(
        BENCH, case, "cpu_per_100k_requests", "s", figures["ours"], "nginx", figures["nginx"], ratio=ratio
    )
    context.record(BENCH, case, "cpu_ratio_standard_error", "", error)
    each = " ".join(f"{value:.2f}" for value in ratios)
    context.say(f"{case}: CPU {ratio:.3f} ± {error:.3f} times nginx's; by start {each}")
