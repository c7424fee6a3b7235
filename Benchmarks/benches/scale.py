"""What it costs to have ten times as much: latencies of the control plane, and what an idle reconciliation takes."""

import concurrent.futures
import statistics
import time
import uuid

from support.control_plane import ControlPlane

BENCH = "scale"
SERVICES = (1_000, 10_000)
MODELS = (100, 1_000)
WRITERS = 8
SAMPLES = 300
# Two rounds of the sweeps.
IDLE_SECONDS = 60


def run(context):
    context.say(f"{BENCH}: {SERVICES[1]} services and {MODELS[1]} models on PostgreSQL, beside a tenth of them")
    plane = ControlPlane(context)
    figures = []
    for models, services in zip(MODELS, SERVICES):
        grow(plane, "ModelManagement", models, create_model)
        grow(plane, "ModelServing", services, create_service)
        figures.append({**measure(plane, services), **idle(plane)})
        context.say(f"services={services}: " + ", ".join(f"{name} {value:.3g}" for name, (value, _) in figures[-1].items()))
    small, large = figures
    for name, (value, unit) in large.items():
        context.record(BENCH, f"services={SERVICES[1]}", name, unit, value, f"services={SERVICES[0]}", small[name][0])


def grow(plane, service, count, create):
    """Creates what is missing up to `count`."""
    existing = plane.__dict__.setdefault("created", {}).get(service, 0)

    def some(numbers):
        client = plane.client(service)
        for number in numbers:
            create(client, number)

    parts = [range(existing + part, count, WRITERS) for part in range(WRITERS)]
    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(some, parts))
    plane.created[service] = count


def create_model(client, number):
    client.call("POST", "/models", {"name": f"model-{number}"})


def create_service(client, number):
    # Nothing is to run: a model that nobody looks up.
    return client.call("POST", "/model_services", {
        "name": f"service-{number}", "model_id": MODEL, "replicas": 0, "resource_requirements": {"cpu": "100m"}})["id"]


MODEL = "01890000-0000-7000-8000-000000000001"


def measure(plane, count):
    serving, models = plane.client("ModelServing"), plane.client("ModelManagement")
    ids = [create_service(serving, f"sample-{uuid.uuid4()}") for _ in range(SAMPLES)]
    found = {}
    for name, client, call in [
        ("create", serving, lambda number: create_service(serving, f"timed-{uuid.uuid4()}")),
        ("get", serving, lambda number: serving.call("GET", f"/model_services/{ids[number]}")),
        ("list_page", serving, lambda number: serving.call("GET", "/model_services?page_size=50")),
        ("list_models_page", models, lambda number: models.call("GET", "/models?page_size=50")),
    ]:
        samples = sorted(timed(call, number) for number in range(SAMPLES))
        found[f"{name}_p50"] = statistics.median(samples), "ms"
        found[f"{name}_p99"] = samples[int(SAMPLES * 0.99)], "ms"
    return found


def timed(call, number):
    start = time.perf_counter()
    call(number)
    return (time.perf_counter() - start) * 1000


def idle(plane):
    """CPU of ModelServing while nothing happens, in milliseconds per second."""
    time.sleep(2)
    before = plane.trees["ModelServing"].cpu_seconds()
    time.sleep(IDLE_SECONDS)
    spent = plane.trees["ModelServing"].cpu_seconds() - before
    memory = plane.trees["ModelServing"].resident_mebibytes()
    return {"idle_cpu": (spent / IDLE_SECONDS * 1000, "ms/s"), "resident_memory": (memory, "MiB")}
