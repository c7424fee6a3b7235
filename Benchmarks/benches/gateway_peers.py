"""The gateway with everything on beside the proxies that others put before their engines.

One start of a program differs from the next by a few hundredths (where its code and memory come to lie), and one second on a
shared machine from the next by a quarter: so all are started anew again and again, and the ratio is the mean of the starts.
"""

import dataclasses
import os
import random
import statistics
import time

from support import chat, gateway, nginx, peers
from support.load import Driver

BENCH = "gateway_peers"
CONNECTIONS = [1, 16, 64]
STARTS = 8
SECONDS = 1
# The aim is a tenth beside this one, and whole multiples beside the others, which have one measurement at each start.
CLOSE = "nginx"
# It takes half a minute to start, and in a second answers too little for a figure.
SLOW = "litellm"
SLOW_SECONDS = 5
SETTLE_SECONDS = 15


@dataclasses.dataclass
class Figures:
    """What was measured of one target at one number of connections: for each start, the mean of its measurements."""

    cpu: list = dataclasses.field(default_factory=list)
    rates: list = dataclasses.field(default_factory=list)
    latencies: list = dataclasses.field(default_factory=list)


def run(context):
    context.say(f"{BENCH}: gateway and peers before the same engine, {STARTS} starts, {context.rounds} rounds each")
    say_load(context)
    engine = nginx.start_fixed_reply(context, chat.REPLY)
    driver = Driver(context.folder, "POST", chat.headers(), chat.REQUEST)
    slow = peers.start_all(context, [SLOW], engine[1])
    quick = [name for name in peers.STARTS if name != SLOW]
    names = ["ours", *quick, *slow]
    figures = {connections: {name: Figures() for name in [*names, "engine"]} for connections in CONNECTIONS}
    memory = {case: {name: [] for name in names} for case in ("idle", "after load")}
    for _ in range(STARTS):
        with context.started_anew():
            ours = gateway.start(context, [engine[1]], gateway.EVERYTHING_ON, gateway.LIMITS)
            targets = {"ours": ours, **peers.start_all(context, quick, engine[1]), **slow}
            quick = [name for name in quick if name in targets]
            time.sleep(1)
            read_memory(memory["idle"], targets)
            for connections in CONNECTIONS:
                measure(context, driver, {**targets, "engine": engine}, connections, figures[connections])
            read_memory(memory["after load"], targets)
    for name in [*quick, *slow]:
        for connections in CONNECTIONS:
            record(context, connections, name, figures[connections])
        for case, values in memory.items():
            context.record(BENCH, case, "resident_memory", "MiB", values["ours"], name, values[name])
    say_load(context)


def measure(context, driver, targets, connections, figures):
    for name in targets:
        if name != SLOW:
            driver.run(chat.url(targets[name][1]), connections, SECONDS)
    turns = ["ours", CLOSE] * (context.rounds - 1) + list(targets)
    samples = {name: [] for name in targets}
    for name in random.sample(turns, len(turns)):
        tree, port = targets[name]
        samples[name].append(
            driver.measure(tree, chat.url(port), connections, SLOW_SECONDS if name == SLOW else SECONDS)
        )
        settle(tree)
    for name, measured in samples.items():
        figures[name].cpu.append(statistics.mean(cpu for _, cpu in measured))
        figures[name].rates.append(statistics.mean(load.requests_per_second for load, _ in measured))
        figures[name].latencies.append(statistics.mean(load.p50_microseconds for load, _ in measured))


def record(context, connections, peer, figures):
    case = f"connections={connections}"
    ours, theirs = figures["ours"], figures[peer]
    ratio, error = mean_with_error([a / b for a, b in zip(ours.cpu, theirs.cpu)])
    cpu = [statistics.mean(each.cpu) for each in (ours, theirs)]
    rates = [statistics.mean(each.rates) for each in (ours, theirs)]
    context.record(BENCH, case, "cpu_per_100k_requests", "s", cpu[0], peer, cpu[1], ratio=ratio)
    context.record(BENCH, case, "cpu_ratio_standard_error", "", error, peer)
    context.record(BENCH, case, "requests_per_second", "1/s", rates[0], peer, rates[1])
    engine = statistics.mean(figures["engine"].latencies)
    added = [statistics.mean(each.latencies) - engine for each in (ours, theirs)]
    context.record(BENCH, case, "added_p50_latency", "us", added[0], peer, added[1])
    context.say(f"{case}: CPU {cpu[0]:.2f} s for 100,000 requests, {ratio:.3f} ± {error:.3f} times {peer}'s {cpu[1]:.2f}")


def mean_with_error(values):
    """The mean, and how far it may be off: its standard error."""
    return statistics.mean(values), statistics.stdev(values) / len(values) ** 0.5


def read_memory(memory, targets):
    for name, (tree, _) in targets.items():
        memory[name].append(tree.resident_mebibytes())


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
