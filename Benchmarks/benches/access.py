"""Decisions of access: roles with 10, 1,000 and 100,000 policies, beside pycasbin in the same run."""

import re
import subprocess
import textwrap

from support.peers import Missing, installed

MODEL = """[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
"""
ORACLE = textwrap.dedent(
    """
    import logging, sys, time
    import casbin
    logging.disable(logging.CRITICAL)
    model, policy, requests, count = sys.argv[1:]
    enforcer = casbin.Enforcer(model, policy)
    lines = [line.strip().split(",") for line in open(requests)]
    asked = [[field.strip() for field in line] for line in lines]
    answers = [enforcer.enforce(*request) for request in asked]
    began = time.perf_counter()
    for _ in range(int(count)):
        for request in asked:
            enforcer.enforce(*request)
    each = (time.perf_counter() - began) / (int(count) * len(asked))
    print(sum(answers), each * 1e9)
    """
)
# Decisions of pycasbin take longer with each policy.
SIZES = {10: 2000, 1000: 20, 100_000: 1}
OURS = 200_000


def write(folder, size):
    """A tenth as many roles as policies, ten users a role; half of the requests are allowed."""
    roles = max(1, size // 10)
    policies = [f"p, role{n % roles}, data{n // roles}, read" for n in range(size)]
    links = [f"g, user{n}, role{n // 10}" for n in range(roles * 10)]
    (folder / "model.conf").write_text(MODEL)
    (folder / "policy.csv").write_text("\n".join(policies + links) + "\n")
    users = [0, roles * 5, roles * 10 - 1]
    requests = [f"user{n}, data{m}, read" for n in users for m in (0, 99_999)]
    (folder / "requests.csv").write_text("\n".join(requests) + "\n")
    return len(requests)


def run(context):
    try:
        python = installed(context, "casbin==1.43.0") / "python"
    except Missing as error:
        context.say(f"without pycasbin: {error}")
        python = None
    for size, count in SIZES.items():
        folder = context.folder / f"access-{size}"
        folder.mkdir()
        requests = write(folder, size)
        files = [folder / name for name in ("model.conf", "policy.csv", "requests.csv")]
        ours, theirs = [], []
        for _ in range(3):
            ours.append(decide(context, files, OURS // requests))
            if python is not None:
                words = [python, "-c", ORACLE, *files, count]
                said = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
                allowed, each = said.stdout.split()
                if int(allowed) != requests // 2:
                    raise RuntimeError(f"pycasbin allowed {allowed} of {requests}")
                theirs.append(float(each))
        context.record(
            "access", f"{size} policies", "a decision", "ns", ours, peer="pycasbin" if theirs else None,
            peer_value=theirs or None,
        )


def decide(context, files, count):
    model, policy, requests = files
    said = subprocess.run(
        [context.binaries / "slipway", "policy", "test", "--model", model, "--policy", policy, "--requests", requests]
        + ["--repeat", str(count)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = said.stdout.split()
    if lines.count("true") != len(lines) // 2:
        raise RuntimeError(f"allowed {lines.count('true')} of {len(lines)}: {said.stderr}")
    return float(re.search(r"(\d+) ns each", said.stderr).group(1))
