"""A gateway in front of engines, for tests with real clients: its routes come from a stand-in for ModelServing."""

import hashlib
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / "debug"
ADMIN_KEY = "a-key-for-these-tests-only"
START_SECONDS = 60
# It imports for a minute.
VLLM_START_SECONDS = 240
STOP_SECONDS = 40


_ports = set()


def free_port():
    """A port that nobody listens on, and that was not handed out before: the kernel may name one twice."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _ports:
            _ports.add(port)
            return port


def wait_until(answers, what, process=None, seconds=START_SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what} ended with status {process.returncode}")
        try:
            if answers():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{what} was not there after {seconds} s")


def answers(url):
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.status == 200


class Program:
    """A process with a group of its own, ended by its id."""

    def __init__(self, words, log, environment=None, folder=None):
        self.log = open(log, "w")
        self.process = subprocess.Popen(
            [str(word) for word in words],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            start_new_session=True,
        )

    def kill(self):
        """With the processes that it has started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()


class Stack:
    """The gateway, with routes that a test sets."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-engines-"))
        self.programs = []
        self.routes = []
        self.port = free_port()
        self.admin_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._serve_routes()
        self.gateway = self._gateway(self.port, self.admin_port, "gateway")

    def another_gateway(self, port=None):
        """A second gateway with the same routes; its program and port."""
        port = port or free_port()
        return self._gateway(port, free_port(), f"gateway-{port}"), port

    def _gateway(self, port, admin_port, folder):
        settings = {
            "SLIPWAY_PORT": str(port),
            "SLIPWAY_ADMIN_PORT": str(admin_port),
            "SLIPWAY_ADMIN_KEY": ADMIN_KEY,
            "SLIPWAY_MODEL_SERVING_URL": f"http://127.0.0.1:{self.control.server_port}",
            "SLIPWAY_DATA_DIR": str(self.folder / folder),
        }
        started = self.run([BUILD / "InferenceGateway"], settings)
        wait_until(lambda: answers(f"http://127.0.0.1:{admin_port}/readyz"), "the gateway", started.process)
        return started

    def _serve_routes(self):
        stack = self

        class Control(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                # One shard holds them all; each route that is added makes its next version.
                shard = {"shard": 0, "version": 1 + len(stack.routes), "routes": stack.routes}
                self._answer(json.dumps({"shards": [shard]}))

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer("{}")

            def _answer(self, text):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                try:
                    self.end_headers()
                    self.wfile.write(text.encode())
                except OSError:
                    pass  # The gateway has ended.

            def log_message(self, *_):
                pass

        self.control = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)
        threading.Thread(target=self.control.serve_forever, daemon=True).start()

    def run(self, words, environment=None, folder=None):
        program = Program(words, self.folder / f"program-{len(self.programs)}.log", environment, folder)
        self.programs.append(program)
        return program

    def serve(self, name, *ports, token=None, limits=None, flow_control=None):
        """Adds a service; private if it has a token, which may have limits."""
        number = len(self.routes) + 1
        self.routes.append(
            {
                "service_id": f"01920000-0000-7000-8000-{number:012x}",
                "name": name,
                "visibility": "private" if token else "public",
                "tokens": [
                    {
                        "id": f"01920000-0000-7000-9000-{number:012x}",
                        "sha256": hashlib.sha256(token.encode()).hexdigest(),
                        **(limits or {}),
                    }
                ]
                if token
                else [],
                "upstreams": [
                    {
                        "instance_id": f"01920000-0000-7000-{0xA000 + index:04x}-{number:012x}",
                        "revision": 1,
                        "url": f"http://127.0.0.1:{port}",
                    }
                    for index, port in enumerate(ports)
                ],
                "traffic": {"flow_control": flow_control} if flow_control else None,
            }
        )

    def wait_for_routes(self):
        """Until the gateway knows the service that was added last."""
        url = f"{self.url}/v2/models/{self.routes[-1]['name']}/health/live"

        def is_known():
            try:
                return answers(url)
            except urllib.error.HTTPError as error:
                return error.code != 404

        wait_until(is_known, "the newest route")

    def metric(self, name, service):
        """What the gateway's metrics say of a service, all its instances together; None if they say nothing."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.admin_port}/metrics", headers={"Authorization": f"Bearer {ADMIN_KEY}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            lines = response.read().decode().splitlines()
        values = [
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith(name + "{") and f'service="{service}"' in line
        ]
        return sum(values) if values else None

    def llama(self, python, *flags):
        """llama.cpp's server with the demo's model; its port and program."""
        port = free_port()
        program = self.run(
            [python, ROOT / "demo" / "llama-server", "--model", ROOT / "demo" / "tiny-chat" / "tiny-chat.gguf"]
            + ["--port", port, "--alias", "tiny-chat", *flags]
        )
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "llama.cpp", program.process)
        return port, program

    def vllm(self, vllm, names, *flags):
        """vLLM with the demo's model, called by any of the names; its port and program."""
        port = free_port()
        settings = {
            "HF_HUB_OFFLINE": "1",
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "VLLM_CACHE_ROOT": str(self.folder / "vllm"),
        }
        program = self.run(
            [vllm, "serve", ROOT / "Tests" / "Engines" / "tiny-chat", "--host", "127.0.0.1", "--port", port]
            + ["--served-model-name", *names, "--enforce-eager", "--dtype", "float32", *flags],
            settings,
        )
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "vLLM", program.process, VLLM_START_SECONDS)
        return port, program

    def oip_server(self, python):
        """The small server beside this file; its port."""
        port = free_port()
        started = self.run([python, ROOT / "Tests" / "Engines" / "oip_server.py", port])
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/v2/health/ready"), "the server", started.process)
        return port

    def mlserver(self, program):
        """MLServer with the model `double`; its port."""
        port = free_port()
        settings = {"MLSERVER_HTTP_PORT": str(port), "MLSERVER_GRPC_PORT": str(free_port())}
        started = self.run([program, "start", "."], settings, ROOT / "Tests" / "Engines" / "double")
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/v2/models/double/ready"), "MLServer", started.process)
        return port

    def stop(self):
        for program in reversed(self.programs):
            program.stop()
        self.control.shutdown()
        self.control.server_close()
        shutil.rmtree(self.folder)
