"""What a bench is given, and where its figures go."""

import contextlib
import json
import pathlib
import statistics
import subprocess
import tempfile

from support.processes import Processes


class Context:
    def __init__(self, root, binaries, folder, processes, rounds, seconds):
        self.root = pathlib.Path(root)
        self.binaries = binaries
        self.folder = folder
        self.processes = processes
        self.rounds = rounds
        self.seconds = seconds
        self._figures = []
        self._results = pathlib.Path(root) / ".bench" / "results.jsonl"
        commit = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
        self._commit = subprocess.run(commit, capture_output=True, text=True, check=True).stdout.strip()

    @contextlib.contextmanager
    def started_anew(self):
        """What is started within is stopped at its end, and what it wrote is removed."""
        outside = self.processes, self.folder
        with tempfile.TemporaryDirectory(dir=self.folder) as folder, Processes() as processes:
            self.processes, self.folder = processes, pathlib.Path(folder)
            try:
                yield
            finally:
                self.processes, self.folder = outside

    def say(self, text):
        print(f"  {text}", flush=True)

    def record(self, bench, case, metric, unit, ours, peer=None, peer_value=None, ratio=None):
        """Keeps one figure. Lists are samples by round: their medians are kept, and the median of their ratios."""
        if ratio is None and isinstance(ours, list) and isinstance(peer_value, list):
            ratio = statistics.median(a / b for a, b in zip(ours, peer_value) if b)
        ours = statistics.median(ours) if isinstance(ours, list) else ours
        peer_value = statistics.median(peer_value) if isinstance(peer_value, list) else peer_value
        if ratio is None and peer_value:
            ratio = ours / peer_value
        figure = {
            "bench": bench,
            "case": case,
            "metric": metric,
            "ours": rounded(ours),
            "peer": peer,
            "peer_value": rounded(peer_value),
            "ratio": rounded(ratio),
            "unit": unit,
            "commit": self._commit,
        }
        self._figures.append(figure)
        self._results.parent.mkdir(exist_ok=True)
        with self._results.open("a") as file:
            file.write(json.dumps(figure) + "\n")

    def print_table(self):
        titles = ["bench", "case", "metric", "unit", "ours", "peer", "peer_value", "ratio"]
        rows = [titles] + [[cell(figure[title]) for title in titles] for figure in self._figures]
        widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
        for number, row in enumerate(rows):
            line = "  ".join(
                text.rjust(width) if title in ("ours", "peer_value", "ratio") else text.ljust(width)
                for text, width, title in zip(row, widths, titles)
            )
            print(line.rstrip())
            if number == 0:
                print("  ".join("-" * width for width in widths))
        print(f"\n{len(self._figures)} figures appended to {self._results}")


def rounded(value):
    return None if value is None else float(f"{value:.4g}")


def cell(value):
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
