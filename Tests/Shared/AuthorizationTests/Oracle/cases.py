"""Random models, policies and requests, the same for the same seed."""

import random

SUBJECTS = ["alice", "bob", "carol", "admin", "data_admin", "root", ""]
OBJECTS = ["data1", "data2", "/foo", "/foo/bar", "/foo/bar/baz", "/book/1", "/pen/1", "*", "{id}", "/book/{id}"]
PATTERNS = ["/foo/*", "/foo/:id", "/book/{id}", "/book/:id", "*", "/*", "/foo", "data1", "/:a/:b", "/{a}/{a}", "/pen/1"]
REGEXES = ["read", "(GET|POST)", ".*", "^re", "[a-z]+$", "GET", r"\w+", "a{3}", "(r)(e)?", "x|write", "[^G]", "r?e*"]
ACTIONS = ["read", "write", "GET", "POST", "aaa", ""]
DOMAINS = ["d1", "d2", "d3"]
ADDRESSES = ["192.168.2.123", "192.168.2.1", "10.0.0.1", "::1", "2001:db8::5"]
NETWORKS = ["192.168.2.0/24", "192.168.2.123", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "192.168.2.0/255.255.255.0"]
EFFECTS = [
    "some(where (p.eft == allow))",
    "!some(where (p.eft == deny))",
    "some(where (p.eft == allow)) && !some(where (p.eft == deny))",
    "priority(p.eft) || deny",
]
MODEL = """[request_definition]
r = {r}

[policy_definition]
p = {p}
{g}
[policy_effect]
e = {e}

[matchers]
m = {m}
"""


def role_rules(rng, with_domain):
    names = SUBJECTS[:6]
    rules = []
    for _ in range(rng.randrange(8)):
        rule = ["g", rng.choice(names), rng.choice(names)]
        rules.append(rule + [rng.choice(DOMAINS)] if with_domain else rule)
    return rules


def matcher(rng, kind):
    subject = {"roles": "g(r.sub, p.sub)", "domains": "g(r.sub, p.sub, r.dom) && r.dom == p.dom"}.get(
        kind, "r.sub == p.sub"
    )
    objects = ["r.obj == p.obj", "keyMatch(r.obj, p.obj)", "keyMatch2(r.obj, p.obj)", "keyMatch3(r.obj, p.obj)"]
    objects += ["keyMatch4(r.obj, p.obj)", "keyMatch5(r.obj, p.obj)"]
    acts = ["r.act == p.act", "regexMatch(r.act, p.act)", 'r.act in ("read", "GET")', "(r.act == p.act || p.act == '*')"]
    terms = [subject, rng.choice(objects), rng.choice(acts)]
    if kind == "addresses":
        terms = ["ipMatch(r.sub, p.sub)", "r.obj == p.obj", rng.choice(acts)]
    rng.shuffle(terms)
    text = " && ".join(terms)
    extra = rng.randrange(8)
    if extra == 0:
        text += ' || r.sub == "root"'
    elif extra == 1:
        text = f"({text}) && !(r.act == 'write')"
    elif extra == 2:
        text += " || r.sub == p.sub && p.obj == '*'"
    elif extra == 3:
        text = f"r.obj != 'data2' && ({text})"
    return text


def case(seed):
    rng = random.Random(seed)
    kind = rng.choice(["plain", "plain", "roles", "roles", "domains", "addresses"])
    effect = rng.choice(EFFECTS)
    has_effect = effect != EFFECTS[0] or rng.random() < 0.3
    has_priority = rng.random() < 0.15
    domain = ", dom" if kind == "domains" else ""
    fields = "sub" + domain + ", obj, act" + (", eft" if has_effect else "")
    if has_priority:
        fields = "priority, " + fields
    model = MODEL.format(
        r="sub" + domain + ", obj, act",
        p=fields,
        g={"roles": "\n[role_definition]\ng = _, _\n", "domains": "\n[role_definition]\ng = _, _, _\n"}.get(kind, ""),
        e=effect,
        m=matcher(rng, kind),
    )
    rules = []
    for _ in range(rng.randrange(0, 9)):
        rule = [rng.choice(NETWORKS if kind == "addresses" else SUBJECTS[:6])]
        rule += [rng.choice(DOMAINS)] if kind == "domains" else []
        rule += [rng.choice(OBJECTS + PATTERNS), rng.choice(ACTIONS[:5] + REGEXES + ["*"])]
        rule += [rng.choice(["allow", "allow", "deny", "other"])] if has_effect else []
        rules.append(["p"] + ([str(rng.randrange(4))] if has_priority else []) + rule)
    if kind in ("roles", "domains"):
        rules += role_rules(rng, kind == "domains")
    rng.shuffle(rules)
    requests = []
    for _ in range(12):
        request = [rng.choice(ADDRESSES if kind == "addresses" else SUBJECTS)]
        request += [rng.choice(DOMAINS)] if kind == "domains" else []
        requests.append(request + [rng.choice(OBJECTS), rng.choice(ACTIONS)])
    return {"seed": seed, "model": model, "policy": "\n".join(", ".join(rule) for rule in rules), "requests": requests}
