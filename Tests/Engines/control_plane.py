"""The whole of Slipway as processes of their own, for tests that take a model from its registration to an answer."""

import hashlib
import json
import os
import pathlib
import shutil
import signal
import tempfile
import time
import urllib.error
import urllib.request

from stack import ADMIN_KEY, BUILD, ROOT, Program, free_port, wait_until

SIDECAR_TOKEN = "a-token-between-sidecar-and-services"


def is_up(url):
    """Whether anything but a fault is answered."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500


class ControlPlane:
    """Sidecar, registry, resources, serving and gateway over one folder that goes with it.

    `settings` are ModelServing's, beside those that it needs to find the others.
    """

    def __init__(self, settings=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-engines-"))
        self.programs = {}
        self.starts = {}
        self.ports = {name: free_port() for name in ("models", "resources", "serving", "gateway", "admin")}
        self.sidecars = {name: free_port() for name in ("models", "resources", "serving")}
        self.gateway_url = f"http://127.0.0.1:{self.ports['gateway']}"
        try:
            self._start(settings or {})
        except BaseException:
            self.stop()
            raise

    def _start(self, settings):
        apps = {"models": "model-management", "resources": "resource-management", "serving": "model-serving"}
        words = []
        for name, app in apps.items():
            words += ["--app", f"{app}=127.0.0.1:{self.ports[name]}@{self.sidecars[name]}"]
        self._run(
            "LocalSidecar",
            [*words, "--resources-path", ROOT / "components" / "local", "--max-body-size", "16Mi"],
            {"DAPR_API_TOKEN": SIDECAR_TOKEN, "APP_API_TOKEN": SIDECAR_TOKEN},
            f"http://127.0.0.1:{self.sidecars['models']}/v1.0/healthz/outbound",
        )
        for name, program in (
            ("models", "ModelManagement"),
            ("resources", "ResourceManagement"),
            ("serving", "ModelServing"),
        ):
            own = {
                "SLIPWAY_PORT": str(self.ports[name]),
                "DAPR_HTTP_PORT": str(self.sidecars[name]),
                "DAPR_API_TOKEN": SIDECAR_TOKEN,
                "APP_API_TOKEN": SIDECAR_TOKEN,
                "SLIPWAY_GATEWAY_URL": self.gateway_url,
                "SLIPWAY_REPLICA_ID": f"test-{name}",
            }
            if name == "serving":
                own |= settings
            self._run(program, [], own, f"http://127.0.0.1:{self.ports[name]}/readyz")
        own = {
            "SLIPWAY_PORT": str(self.ports["gateway"]),
            "SLIPWAY_ADMIN_PORT": str(self.ports["admin"]),
            "SLIPWAY_MODEL_SERVING_URL": f"http://127.0.0.1:{self.ports['serving']}",
        }
        self._run("InferenceGateway", [], own, f"http://127.0.0.1:{self.ports['admin']}/readyz")

    def _run(self, name, words, settings, ready):
        data = self.folder / name
        data.mkdir(exist_ok=True)
        environment = {"SLIPWAY_DATA_DIR": str(data), "SLIPWAY_ADMIN_KEY": ADMIN_KEY, "SLIPWAY_LOG_FORMAT": "json"}
        self.starts[name] = (words, settings, ready)
        log = self.folder / f"{name}-{time.monotonic_ns()}.log"
        program = Program([BUILD / name, *words], log, {**environment, **settings}, self.folder)
        self.programs[name] = program
        wait_until(lambda: is_up(ready), name, program.process)

    def kill(self, name):
        """Ends a program without a word; `start_again` begins it anew, with what it has left behind."""
        program = self.programs.pop(name)
        program.kill()
        program.log.close()

    def start_again(self, name):
        self._run(name, *self.starts[name])

    def call(self, method, service, path, body=None):
        """The status and the document of an answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[service]}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                text = response.read()
                return response.status, json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def make(self, service, path, body):
        """The document of what was made, or an error that says why not."""
        status, document = self.call("POST", service, path, body)
        if status not in (200, 201, 202):
            raise RuntimeError(f"POST {path}: {status} {document}")
        return document

    def pool(self, kind, total):
        self.make("resources", "/resource_pools", {"name": kind.lower(), "resource_type": kind, "total_capacity": total})

    def model(self, name, file, definition=None):
        """The id of a new model with one version, which is the file."""
        model = self.make("models", "/models", {"name": name})["id"]
        version = {
            "model_file_url": f"file://{file}",
            "sha256": hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest(),
        }
        if definition:
            version["model_definition"] = definition
        self.make("models", f"/models/{model}/versions", version)
        return model

    def service(self, identity):
        status, document = self.call("GET", "serving", f"/model_services/{identity}")
        return document if status == 200 else None

    def wait_for(self, identity, is_so, what, seconds):
        """The service's document once it is so; what it said last is in the error."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            document = self.service(identity)
            if is_so(document):
                return document
            time.sleep(0.2)
        raise RuntimeError(f"{what} did not come about in {seconds} s: {json.dumps(self.service(identity))}")

    def wait_until_running(self, identity, seconds, replicas=1):
        """The service's document, with as many replicas as that and no more."""

        def is_running(document):
            if document["status"] == "error":
                raise RuntimeError(document["failure"])
            return document["status"] == "running" and document["ready_replicas"] == replicas

        return self.wait_for(identity, is_running, f"{replicas} replicas", seconds)

    def update(self, identity, body):
        status, document = self.call("PUT", "serving", f"/model_services/{identity}", body)
        if status not in (200, 202):
            raise RuntimeError(f"PUT /model_services/{identity}: {status} {document}")

    def delete(self, identity, seconds):
        self.call("DELETE", "serving", f"/model_services/{identity}")
        self.wait_for(identity, lambda document: document is None, "the removal", seconds)

    def runtimes(self):
        """What is said of each runtime, by its name."""
        _, document = self.call("GET", "serving", "/runtimes")
        return {runtime["name"]: runtime for runtime in document["runtimes"]}

    def available(self):
        """What is free of each kind of resource."""
        _, document = self.call("GET", "resources", "/resource_pools")
        return {pool["resource_type"]: pool["available_capacity"] for pool in document["resource_pools"]}

    def engines(self):
        """The ids of the processes that ModelServing has started."""
        mark = f"SLIPWAY_DATA_FOLDER={self.folder / 'ModelServing'}".encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def stop(self):
        for program in reversed(list(self.programs.values())):
            program.stop()
        for process in self.engines():
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(self.folder)
