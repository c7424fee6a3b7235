"""The gateway's whole data path beside a plain proxy_pass of nginx."""

import random
import statistics
import time

from support import chat, gateway, nginx
from support.load import Driver

BENCH = "gateway_proxy"
CONNECTIONS = [1, 16, 64]


def run(context):
    context.say(f"{BENCH}: gateway and nginx before the same engine, {context.rounds} rounds each")
    _, engine_port = nginx.start_fixed_reply(context, chat.REPLY)
    peer, peer_port = nginx.start_proxy(context, engine_port)
    ours, our_port, token = gateway.start(context, [engine_port])
    driver = Driver(context.folder, "POST", chat.headers(token), chat.REQUEST)
    targets = {"ours": (ours, our_port), "peer": (peer, peer_port)}
    time.sleep(1)
    idle = {name: tree.resident_mebibytes() for name, (tree, _) in targets.items()}
    for connections in CONNECTIONS:
        compare(context, driver, targets, connections, engine_port)
    context.record(BENCH, "idle", "resident_memory", "MiB", idle["ours"], "nginx", idle["peer"])
    loaded = {name: tree.resident_mebibytes() for name, (tree, _) in targets.items()}
    context.record(BENCH, "after load", "resident_memory", "MiB", loaded["ours"], "nginx", loaded["peer"])


def compare(context, driver, targets, connections, engine_port):
    cpu = {name: [] for name in targets}
    rates = {name: [] for name in targets}
    latencies = {name: [] for name in [*targets, "engine"]}
    for _, port in targets.values():
        driver.run(chat.url(port), connections, 1)
    for _ in range(context.rounds):
        for name, (tree, port) in random.sample(sorted(targets.items()), len(targets)):
            load, used = driver.measure(tree, chat.url(port), connections, context.seconds)
            cpu[name].append(used)
            rates[name].append(load.requests_per_second)
            latencies[name].append(load.p50_microseconds)
        if connections == 1:
            latencies["engine"].append(driver.run(chat.url(engine_port), 1, 1).p50_microseconds)
    case = f"connections={connections}"
    context.record(BENCH, case, "cpu_per_100k_requests", "s", cpu["ours"], "nginx", cpu["peer"])
    context.record(BENCH, case, "requests_per_second", "1/s", rates["ours"], "nginx", rates["peer"])
    if connections == 1:
        # Single requests wake either core; the least is what the path itself takes.
        engine = min(latencies["engine"])
        added = {name: min(latencies[name]) - engine for name in targets}
        context.record(BENCH, case, "added_p50_latency", "us", added["ours"], "nginx", added["peer"])
    context.say(
        f"{case}: cpu ratio {statistics.median(a / b for a, b in zip(cpu['ours'], cpu['peer'])):.2f}, "
        f"rate ratio {statistics.median(a / b for a, b in zip(rates['ours'], rates['peer'])):.2f}"
    )
