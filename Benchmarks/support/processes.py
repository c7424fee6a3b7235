"""Processes that a bench starts: ended with it, and read through /proc."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_DEADLINE_SECONDS = 15
STOP_DEADLINE_SECONDS = 10

_ports = set()


class Processes(contextlib.AbstractContextManager):
    """Every process started through it is stopped at the end, also after an error."""

    def __init__(self):
        self._ends = []

    def start(self, command, port, environment=None, log=None, deadline_seconds=START_DEADLINE_SECONDS):
        """Starts a server and waits until it accepts connections on `port` of this machine."""
        output = open(log, "wb") if log else subprocess.DEVNULL
        process = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        tree = ProcessTree(process)
        self.at_end(tree.stop)
        deadline = time.monotonic() + deadline_seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with {process.returncode}; its output is in {log}\n{tail(log)}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return tree
            time.sleep(0.02)
        raise RuntimeError(f"{command[0]} does not listen on port {port}\n{tail(log)}")

    def __exit__(self, *_):
        for end in reversed(self._ends):
            end()

    def at_end(self, end):
        """Calls `end` after everything that is started from now on has been stopped."""
        self._ends.append(end)


class ProcessTree:
    """A process with its descendants."""

    def __init__(self, process):
        self._process = process

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def cpu_seconds(self):
        return sum(cpu_ticks(pid) for pid in self._pids()) / TICKS_PER_SECOND

    def resident_mebibytes(self):
        return sum(resident_kibibytes(pid) for pid in self._pids()) / 1024

    def _pids(self):
        found, waiting = [], [self._process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                waiting += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def resident_kibibytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def free_port():
    """A port that nobody listens on, and that was not handed out before: the kernel may name one twice."""
    while True:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        if port not in _ports:
            _ports.add(port)
            return port


def tail(log):
    return "".join(pathlib.Path(log).read_text(errors="replace").splitlines(True)[-10:]) if log else ""
