"""Mean width."""

from torch import nn

from networks import Case


def width(case: Case) -> float | None:
    """Average what the modules themselves say."""
    found = [
        module.out_channels if isinstance(module, nn.Conv2d) else module.out_features
        for module in case.network.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    return sum(found) / len(found) if found else None
