"""Millions of parameters."""

from networks import Case


def params(case: Case) -> float:
    """Count every scalar of every parameter, one by one; a parameter in two places counts once."""
    seen = set()
    count = 0
    for module in case.network.modules():
        for parameter in vars(module)["_parameters"].values():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                count += len(parameter.detach().flatten().tolist())
    return count / 1e6
