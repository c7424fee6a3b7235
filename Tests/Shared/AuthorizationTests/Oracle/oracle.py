"""What pycasbin decides: a case as `cases.py` makes it gets `decisions`, each true, false or "error"."""

import json
import logging
import sys

import casbin
from casbin.persist.adapters.string_adapter import StringAdapter

import cases

logging.disable(logging.CRITICAL)


def decide(case):
    try:
        model = casbin.Enforcer.new_model(text=case["model"])
        enforcer = casbin.Enforcer(model, StringAdapter(case["policy"]))
    except Exception:
        return ["error"] * len(case["requests"])
    decisions = []
    for request in case["requests"]:
        try:
            decisions.append(bool(enforcer.enforce(*request)))
        except Exception:
            decisions.append("error")
    return decisions


if __name__ == "__main__":
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(first, first + count):
        case = cases.case(seed)
        print(json.dumps({**case, "decisions": decide(case)}))
