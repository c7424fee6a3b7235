"""Our gateway, started from a route table on disk without a control plane: what it does when that is down."""

import hashlib
import json
import secrets
import uuid

from support.processes import free_port

SERVICE = "bench"
EVERYTHING_ON = {"SLIPWAY_ACCESS_LOG_PERCENT": "100"}
# Too high to refuse anything, and counted all the same.
LIMITS = {"requests_per_minute": 1_000_000_000, "tokens_per_minute": 1_000_000_000}
# The service's, for all that a run starts.
TOKEN = "slp_" + secrets.token_urlsafe(32)
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}


def start(context, upstream_ports, environment=None, limits=None):
    """Serves one private service on the upstreams, with one event loop. Returns the process tree and the port.

    `limits` are the token's, as in a route.
    """
    folder = context.folder / f"gateway-{secrets.token_hex(4)}"
    (folder / "gateway" / "routes").mkdir(parents=True)
    (folder / "gateway" / "routes" / "0.json").write_text(json.dumps(route_table(upstream_ports, limits or {})))
    port, admin_port = free_port(), free_port()
    environment = {
        "SLIPWAY_ADMIN_KEY": secrets.token_hex(32),
        "SLIPWAY_DATA_DIR": str(folder),
        "SLIPWAY_HOST": "127.0.0.1",
        "SLIPWAY_PORT": str(port),
        "SLIPWAY_ADMIN_PORT": str(admin_port),
        "SLIPWAY_LOOPS": "1",
        "SLIPWAY_LOG_FORMAT": "json",
        # Nobody listens there.
        "SLIPWAY_MODEL_SERVING_URL": "http://127.0.0.1:1",
        **(environment or {}),
    }
    tree = context.processes.start(
        [context.binaries / "InferenceGateway"], port, environment, log=folder / "output.log"
    )
    return tree, port


def stream_url(port):
    return f"http://127.0.0.1:{port}/services/{SERVICE}/stream"


def route_table(upstream_ports, limits):
    return {
        "schema_version": 1,
        "fetched_at": "2026-01-01T00:00:00Z",
        "shard": {
            "shard": 0,
            "version": 1,
            "routes": [
                {
                    "service_id": str(uuid.uuid4()),
                    "name": SERVICE,
                    "visibility": "private",
                    "tokens": [
                        {"id": str(uuid.uuid4()), "sha256": hashlib.sha256(TOKEN.encode()).hexdigest(), **limits}
                    ],
                    "upstreams": [
                        {"instance_id": str(uuid.uuid4()), "revision": 1, "url": f"http://127.0.0.1:{port}"}
                        for port in upstream_ports
                    ],
                }
            ]
        },
    }
