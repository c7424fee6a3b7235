"""A Ray cluster of one node, on loopback, with a folder of its own. Other clusters of the machine are left alone."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from stack import free_port, wait_until

START_SECONDS = 180
END_SECONDS = 20


class RayCluster:
    def __init__(self, python, cores):
        self.python = pathlib.Path(python)
        self.cores = cores
        self.gcs_port, self.dashboard_port, self.client_port, self.proxy_port = (free_port() for _ in range(4))
        self.url = f"http://127.0.0.1:{self.dashboard_port}"
        self.proxy_url = f"http://127.0.0.1:{self.proxy_port}"
        self.folder = None
        self.start()

    def start(self):
        """Paths of sockets must be short, and nothing of an earlier start may be found."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ray-"))
        words = [self.python.parent / "ray", "start", "--head", "--node-ip-address=127.0.0.1"]
        words += [f"--port={self.gcs_port}", "--dashboard-host=127.0.0.1", f"--dashboard-port={self.dashboard_port}"]
        words += ["--include-dashboard=true", f"--ray-client-server-port={self.client_port}"]
        words += [f"--num-cpus={self.cores}", "--num-gpus=0", "--object-store-memory=100000000"]
        words += [f"--temp-dir={self.folder}", "--disable-usage-stats"]
        settings = {
            # By it the processes of this cluster are known.
            "RAY_TMPDIR": str(self.folder),
            "RAY_USAGE_STATS_ENABLED": "0",
            # Without it Ray listens on the machine's address, whatever it is told.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        }
        with open(self.folder / "start.log", "w") as log:
            subprocess.run(
                [str(word) for word in words],
                env={**os.environ, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=START_SECONDS,
                check=True,
            )
        wait_until(lambda: self.state() is not None, "Ray's dashboard", seconds=START_SECONDS)

    def state(self):
        try:
            with urllib.request.urlopen(f"{self.url}/api/serve/applications/", timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError:
            return None

    def applications(self):
        return self.state()["applications"]

    def declare(self, *applications):
        """Makes them all that is declared."""
        body = {
            "http_options": {"host": "127.0.0.1", "port": self.proxy_port, "request_timeout_s": 120},
            "applications": applications,
        }
        request = urllib.request.Request(
            f"{self.url}/api/serve/applications/",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method="PUT",
        )
        urllib.request.urlopen(request, timeout=60).close()

    def wait_until_running(self, name, seconds=120):
        wait_until(lambda: self.applications()[name]["status"] == "RUNNING", f"the application {name}", seconds=seconds)

    def _processes(self):
        mark = f"RAY_TMPDIR={self.folder}".encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                pass  # It has ended.
        return found

    def kill(self):
        """At once and as a whole, as when the machine loses its power."""
        deadline = time.monotonic() + END_SECONDS
        while processes := self._processes():
            if time.monotonic() > deadline:
                raise RuntimeError(f"processes of Ray are left: {processes}")
            for process in processes:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Nothing is lost with a cluster that nobody uses any more, and Ray's own way to end would end all of the machine.
    stop = kill
