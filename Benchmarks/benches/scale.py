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
    create_service = service_maker(plane.client("ModelManagement"))
    figures = []
    for models, services in zip(MODELS, SERVICES):
        grow(plane, "ModelManagement", models, create_model)
        grow(plane, "ModelServing", services, create_service)
        figures.append({**measure(plane, create_service), **idle(plane)})
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


def service_maker(models):
    """What creates services of one model. Nothing is to run, so nobody looks for its file."""
    model = models.call("POST", "/models", {"name": "served"})["id"]
    models.call("POST", f"/models/{model}/versions", {"model_file_url": "file:///nowhere", "sha256": "0" * 64})

    def create_service(client, number):
        return client.call("POST", "/model_services", {
            "name": f"service-{number}", "model_id": model, "replicas": 0, "resource_requirements": {"cpu": "100m"}})["id"]

    return create_service


def measure(plane, create_service):
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
