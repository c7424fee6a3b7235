#!/usr/bin/env python3
"""Runs the benches and keeps their figures. See Benchmarks/README.md."""

import argparse
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from support.context import Context  # noqa: E402
from support.processes import Processes  # noqa: E402


PRODUCTS = ("InferenceGateway", "LocalSidecar", "ModelServing", "ModelManagement", "ResourceManagement", "slipway")


def names():
    return sorted(path.stem for path in (HERE / "benches").glob("*.py"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benches", nargs="*", help="which to run; all of them if none is named: " + ", ".join(names()))
    parser.add_argument("--no-build", action="store_true", help="take the binaries as they are")
    parser.add_argument("--scratch-path", default=".build-release", help="where the release build is (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of alternation, for each case (%(default)s)")
    parser.add_argument("--seconds", type=int, default=2, help="of load, where a bench has no time of its own (%(default)s)")
    return parser.parse_args()


def prepare(root, scratch, build):
    if not (shutil.which("nginx") or pathlib.Path("/usr/sbin/nginx").exists()) or not shutil.which("wrk"):
        print("installing nginx-light and wrk, which the benches need", flush=True)
        subprocess.run([root / "scripts" / "install-dependencies", "bench"], check=True)
    if build:
        # As it is shipped: with the Swift runtime inside.
        command = ["swift", "build", "--configuration", "release", "--static-swift-stdlib", "--scratch-path", scratch]
        for product in PRODUCTS:
            subprocess.run(command + ["--product", product], cwd=root, check=True)


def main():
    options = arguments()
    chosen = options.benches or names()
    for name in chosen:
        if name not in names():
            sys.exit(f"there is no bench {name}; there are: {', '.join(names())}")
    root = HERE.parent
    prepare(root, options.scratch_path, not options.no_build)
    binaries = root / options.scratch_path / "release"
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder, Processes() as processes:
        context = Context(root, binaries, pathlib.Path(folder), processes, options.rounds, options.seconds)
        for name in chosen:
            importlib.import_module(f"benches.{name}").run(context)
    context.print_table()


if __name__ == "__main__":
    main()
