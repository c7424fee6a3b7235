"""The control plane as it is shipped: three services behind a local sidecar that keeps state in PostgreSQL."""

import contextlib
import http.client
import json
import secrets
import subprocess
import time

from support.processes import START_DEADLINE_SECONDS, free_port

# What each lists, which it can once it has read the access rules.
LISTS = {"ModelServing": "/model_services", "ModelManagement": "/models", "ResourceManagement": "/resource_pools"}
SERVICES = {"ModelServing": "model-serving", "ModelManagement": "model-management",
            "ResourceManagement": "resource-management"}


class ControlPlane:
    """Started with a database of its own, which goes with it."""

    def __init__(self, context):
        self._script = context.root / "scripts" / "postgres"
        self._folder = context.folder / f"control-plane-{secrets.token_hex(4)}"
        self._database = self._folder / "database"
        self._database.mkdir(parents=True)
        # The database's user must be able to come as far as its folder.
        for folder in (context.folder, self._folder):
            folder.chmod(0o755)
        self._key = secrets.token_hex(32)
        self._ports = {name: free_port() for name in SERVICES}
        self.trees = {}
        self._start(context)

    def _start(self, context):
        connection = subprocess.run(
            [self._script, "start", self._database], check=True, capture_output=True, text=True).stdout.strip()
        context.processes.at_end(lambda: subprocess.run([self._script, "stop", self._database], check=True))
        (self._folder / "components").mkdir()
        for name, prefix in (("statestore", "appid"), ("accessstore", "name")):
            (self._folder / "components" / f"{name}.yaml").write_text(component(name, prefix, connection))
        sidecars = {name: free_port() for name in SERVICES}
        apps = [f"{app}=127.0.0.1:{self._ports[name]}@{sidecars[name]}" for name, app in SERVICES.items()]
        options = [part for app in apps for part in ("--app", app)]
        environment = {
            "SLIPWAY_DATA_DIR": str(self._folder), "SLIPWAY_LOG_LEVEL": "warning", "APP_API_TOKEN": f"{self._key}-of-apps",
        }
        command = [context.binaries / "LocalSidecar", "--resources-path", self._folder / "components", *options]
        self.trees["LocalSidecar"] = context.processes.start(
            command, sidecars["ModelServing"], environment, log=self._folder / "sidecar.log")
        for name in SERVICES:
            self.trees[name] = context.processes.start(
                [context.binaries / name], self._ports[name],
                {**environment, "SLIPWAY_PORT": str(self._ports[name]), "DAPR_HTTP_PORT": str(sidecars[name]),
                 "SLIPWAY_ADMIN_KEY": self._key}, log=self._folder / f"{name}.log")
        for name, target in LISTS.items():
            self.client(name).wait(target)

    def client(self, service):
        return Client(self._ports[service], self._key)


class Client:
    """One connection that is kept. Not for several threads."""

    def __init__(self, port, key):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._fields = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def wait(self, target):
        """Returns when it can be read."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(RuntimeError):
                return self.call("GET", target)
            time.sleep(0.02)
        self.call("GET", target)

    def call(self, method, target, body=None, expected=(200, 201, 202, 204)):
        """The answer's JSON. Any other status is an error."""
        self._connection.request(method, target, json.dumps(body) if body is not None else None, self._fields)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in expected:
            raise RuntimeError(f"{method} {target}: {answer.status} {text[:500]!r}")
        return json.loads(text) if text else None


def component(name, prefix, connection):
    return json.dumps({
        "apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": name},
        "spec": {"type": "state.postgresql", "version": "v2", "metadata": [
            {"name": "connectionString", "value": connection}, {"name": "tablePrefix", "value": "bench_"},
            {"name": "keyPrefix", "value": prefix}, {"name": "timeout", "value": "4s"}]},
    })
