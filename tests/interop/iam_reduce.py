"""Makes a case on which two deciders differ as small as it gets: whatever can be left out while they still differ is left out."""
import copy


def inlined(case, pool):
    """The case with its policies in it instead of their numbers."""
    def put(x):
        return copy.deepcopy(pool[x]) if isinstance(x, int) else [put(y) for y in x] if isinstance(x, list) else {"policies": put(x["policies"])}
    return {k: copy.deepcopy(v) if k == "request" else put(v) for k, v in case.items()}


def outlined(cases):
    """The other way round: cases and a pool."""
    pool = []

    def number(x):
        if isinstance(x, list):
            return [number(y) for y in x]
        if "policies" in x:
            return {"policies": number(x["policies"])}
        pool.append(x)
        return len(pool) - 1
    return [{k: v if k == "request" else number(v) for k, v in c.items()} for c in cases], pool


NEEDED = ("request", "identityPolicies", "Version", "Effect", "Statement", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "policies")
MAY_BE_EMPTY = ("identityPolicies", "policies", "serviceControlPolicies", "resourceControlPolicies", "permissionBoundaries", "endpointPolicies")


def paths(x, at=()):
    """Everything that may be left out."""
    if isinstance(x, dict):
        for k in x:
            one_principal = at[-1:] in (("Principal",), ("NotPrincipal",)) and len(x) == 1
            asked = at[:1] == ("request",) and at != ("request", "context")
            if k not in NEEDED and not asked and not one_principal:
                yield at + (k,)
            yield from paths(x[k], at + (k,))
    elif isinstance(x, list):
        for i in range(len(x)):
            if len(x) > 1 or at[-1] in MAY_BE_EMPTY:
                yield at + (i,)
            yield from paths(x[i], at + (i,))


def without(case, path):
    out = copy.deepcopy(case)
    x = out
    for k in path[:-1]:
        x = x[k]
    del x[path[-1]]
    return out


ASKED = 100 # cases at once: each may be a policy of its own, of many KB


def reduce(case, pool, ask):
    """`ask(cases)` gives for each what is to stay as it is: the first that says the same is taken, until none does."""
    case = inlined(case, pool)
    first = ask([case])[0]
    while True:
        tries = [without(case, p) for p in sorted(paths(case), key=len)]
        better = None
        for at in range(0, len(tries), ASKED):
            some = tries[at:at + ASKED]
            better = next((t for t, x in zip(some, ask(some)) if x == first), None)
            if better:
                break
        if not better:
            return first, case
        case = better
