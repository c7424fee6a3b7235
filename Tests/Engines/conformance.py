"""`slipway conformance` on the gateway and on the engines behind it, beside what docs/conformance.md says of them.

usage: conformance.py FILE     compares the tables of FILE with what the last tests found, and shows where they differ
"""

import json
import pathlib
import subprocess
import sys

BUILD = pathlib.Path(__file__).resolve().parents[2] / ".build"
# What was found by the tests since the folder was made: a file for each column.
FOUND = BUILD / "conformance"
# The runner gives up by itself before that.
SECONDS = 400


def check(url, *words, column=None):
    """The runner's exit status and report, which is kept as a column of a table if that has a title."""
    run = subprocess.run(
        [str(BUILD / "debug" / "slipway"), "conformance", url, *words, "--output", "json"],
        capture_output=True,
        timeout=SECONDS,
    )
    report = json.loads(run.stdout)
    if column:
        FOUND.mkdir(exist_ok=True)
        (FOUND / f"{column}.json").write_text(json.dumps(report))
    return run.returncode, report


def failing(report):
    return [point["check"] for point in report["checks"] if point["result"] == "fail"]


def mark(point):
    if point is None or point["result"] == "skipped":
        return "–"
    if point["result"] == "pass":
        return "✓"
    return "**✗**" if point["weight"] == "required" else "✗"


def rows(columns):
    """The rows of a table with these columns, as they were found; without points that were asked of none."""
    found = []
    for column in columns:
        checks = json.loads((FOUND / f"{column}.json").read_text())["checks"]
        found.append({point["check"]: point for point in checks})
    points = {name: point for column in reversed(found) for name, point in column.items()}
    for name in dict.fromkeys(name for column in found for name in column):
        title = name if points[name]["weight"] == "required" else f"{name} *"
        marks = [mark(column.get(name)) for column in found]
        if set(marks) != {"–"}:
            yield f"| {title} | " + " | ".join(marks) + " |"


def compare(file):
    """Whether every table whose columns were all found says what was found."""
    lines = pathlib.Path(file).read_text().splitlines()
    is_true = True
    for number, line in enumerate(lines):
        if not line.startswith("| check |"):
            continue
        columns = [cell.strip() for cell in line.strip("|").split("|")[1:]]
        missing = [column for column in columns if not (FOUND / f"{column}.json").is_file()]
        if missing:
            print(f"  not compared, for want of {', '.join(missing)}: {line}")
            continue
        written = []
        for row in lines[number + 2:]:
            if not row.startswith("|"):
                break
            written.append(row)
        found = list(rows(columns))
        if written != found:
            is_true = False
            print("\n".join(["  found:", line, lines[number + 1], *found]))
    return is_true


if __name__ == "__main__":
    if not compare(sys.argv[1]):
        sys.exit(f"{sys.argv[1]} does not say what was found")
