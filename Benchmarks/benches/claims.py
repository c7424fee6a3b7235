"""What it costs that many want the same pool: claims and releases by a hundred claimers, beside those by one."""

import statistics
import threading
import time
import uuid

from support.control_plane import ControlPlane

BENCH = "claims"
CLAIMERS = 100


def run(context):
    context.say(f"{BENCH}: {CLAIMERS} claimers on one pool on PostgreSQL, beside one claimer")
    plane = ControlPlane(context)
    pools = plane.client("ResourceManagement")
    # Enough for everybody: what is measured is the way through, not the waiting for capacity.
    pools.call("POST", "/resource_pools",
               {"name": "cpus", "resource_type": "CPU", "total_capacity": CLAIMERS * 1000})
    many, one = [], []
    for number in range(context.rounds):
        for claimers, found in [(CLAIMERS, many), (1, one)][:: 1 if number % 2 else -1]:
            found.append(load(plane, claimers, context.seconds))
    pool = pools.call("GET", "/resource_pools?name=cpus")["resource_pools"][0]
    if pool["available_capacity"] != pool["total_capacity"]:
        raise RuntimeError(f"{pool['available_capacity']} of {pool['total_capacity']} are free after all releases")
    for name, unit in [("claims", "1/s"), ("claim_p50", "ms"), ("claim_p99", "ms"), ("release_p99", "ms")]:
        context.record(BENCH, f"claimers={CLAIMERS}", name, unit, [round[name] for round in many], "claimers=1",
                       [round[name] for round in one])


def load(plane, claimers, seconds):
    """Everybody claims, releases, and claims again under another id."""
    claims, releases, errors = [], [], []
    begin = threading.Barrier(claimers + 1)
    end = threading.Event()

    def claimer():
        client = plane.client("ResourceManagement")
        mine, given = [], []
        begin.wait()
        try:
            while not end.is_set():
                instance = str(uuid.uuid4())
                wanted = {"service_id": instance, "instance_id": instance, "resource_requirements": {"cpu": "100m"}}
                mine.append(timed(client, "PUT", instance, wanted))
                given.append(timed(client, "DELETE", instance))
        except Exception as error:  # noqa: BLE001: told below, where somebody sees it
            errors.append(error)
        claims.extend(mine)
        releases.extend(given)

    threads = [threading.Thread(target=claimer) for _ in range(claimers)]
    for thread in threads:
        thread.start()
    begin.wait()
    start = time.perf_counter()
    end.wait(seconds)
    end.set()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - start
    if errors:
        raise RuntimeError(f"{len(errors)} of {claimers} claimers failed, one with: {errors[0]}")
    claims.sort()
    releases.sort()
    return {"claims": len(claims) / spent, "claim_p50": statistics.median(claims),
            "claim_p99": claims[int(len(claims) * 0.99)], "release_p99": releases[int(len(releases) * 0.99)]}


def timed(client, method, claim, body=None):
    start = time.perf_counter()
    client.call(method, f"/resource_claims/{claim}", body)
    return (time.perf_counter() - start) * 1000
