"""HTTP load by wrk, with its result as numbers."""

import dataclasses
import json
import subprocess

# wrk's own report rounds; its script hands out what it has counted.
SCRIPT = """
wrk.method = %(method)s
wrk.body = %(body)s
%(headers)s
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\n{"requests": %%d, "microseconds": %%d, "failed": %%d, "p50_us": %%d, "p99_us": %%d}\\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclasses.dataclass
class Load:
    requests: int
    seconds: float
    p50_microseconds: float
    p99_microseconds: float

    @property
    def requests_per_second(self):
        return self.requests / self.seconds


class Driver:
    """Sends one request over and over."""

    def __init__(self, folder, method, headers, body):
        self._script = folder / "load.lua"
        lines = "\n".join(f"wrk.headers[{lua(name)}] = {lua(value)}" for name, value in headers.items())
        self._script.write_text(SCRIPT % {"method": lua(method), "body": lua(body), "headers": lines})

    def run(self, url, connections, seconds):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", self._script, url]
        output = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, check=True, timeout=seconds + 30
        ).stdout
        result = json.loads(output.strip().splitlines()[-1])
        if result["failed"] or not result["requests"]:
            raise RuntimeError(f"{url}: {result['failed']} of {result['requests']} requests failed\n{output}")
        return Load(result["requests"], result["microseconds"] / 1e6, result["p50_us"], result["p99_us"])

    def measure(self, tree, url, connections, seconds):
        """Returns the load, and the CPU seconds that the process tree has taken for 100,000 requests of it."""
        before = tree.cpu_seconds()
        load = self.run(url, connections, seconds)
        return load, (tree.cpu_seconds() - before) / load.requests * 100_000


def lua(text):
    return json.dumps(text)
