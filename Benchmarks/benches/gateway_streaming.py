"""Answers that stream through the gateway: many small events, and one large body, beside nginx without buffering."""

import random
import statistics

from support import event_stream, first_event, gateway, nginx
from support.load import Driver

BENCH = "gateway_streaming"
EVENT_CONNECTIONS = 16
BODY_MEBIBYTES = 10
BODY_CONNECTIONS = 4


def run(context):
    context.say(f"{BENCH}: gateway and nginx before the same engine, {context.rounds} rounds each")
    events = event_stream.start(context)
    cost = compare(context, events, EVENT_CONNECTIONS, event_stream.EVENTS / 100_000)
    context.record(BENCH, "events", "cpu_per_100k_events", "s", cost["ours"], "nginx", cost["peer"])
    wait = first_events(context, events)
    context.record(BENCH, "events", "added_time_to_first_event", "us", wait["ours"], "nginx", wait["peer"])
    body = nginx.start_large_reply(context, BODY_MEBIBYTES << 20)
    cost = compare(context, body, BODY_CONNECTIONS, BODY_MEBIBYTES / 1024)
    context.record(
        BENCH, f"body={BODY_MEBIBYTES}MiB", "cpu_per_gibibyte", "s", cost["ours"], "nginx", cost["peer"])


def compare(context, engine_port, connections, units):
    """CPU seconds for each unit of work, of which one answer holds so many."""
    targets = start(context, engine_port)
    driver = Driver(context.folder, "GET", gateway.AUTHORIZATION, "")
    cost = {name: [] for name in targets}
    for _, port in targets.values():
        driver.run(gateway.stream_url(port), connections, 1)
    for _ in range(context.rounds):
        for name, (tree, port) in random.sample(sorted(targets.items()), len(targets)):
            before = tree.cpu_seconds()
            load = driver.run(gateway.stream_url(port), connections, context.seconds)
            cost[name].append((tree.cpu_seconds() - before) / (load.requests * units))
    ratio = statistics.median(a / b for a, b in zip(cost["ours"], cost["peer"]))
    context.say(f"connections={connections}: cpu ratio {ratio:.2f}")
    return cost


def first_events(context, engine_port):
    """What each adds to the time until the first event, in microseconds, from the medians of all requests."""
    targets = start(context, engine_port)
    ports = {"engine": engine_port, **{name: port for name, (_, port) in targets.items()}}
    waits = {name: [] for name in ports}
    for _ in range(context.rounds + 1):
        for name in random.sample(sorted(ports), len(ports)):
            waits[name].append(first_event.microseconds(gateway.stream_url(ports[name]), gateway.AUTHORIZATION))
    # In the first round connections to the engine are opened.
    medians = {name: statistics.median(sum(rounds[1:], [])) for name, rounds in waits.items()}
    return {name: medians[name] - medians["engine"] for name in targets}


def start(context, engine_port):
    """Gateway and nginx, each as its process tree and its port."""
    peer = nginx.start_proxy(context, engine_port, buffering=False)
    return {"ours": gateway.start(context, [engine_port]), "peer": peer}
