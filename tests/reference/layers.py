"""Number of tensors of parameters."""

from networks import Case


def layers(case: Case) -> float:
    """Count the distinct parameters of all modules."""
    return float(
        len(
            {
                id(parameter)
                for module in case.network.modules()
                for parameter in vars(module)["_parameters"].values()
                if parameter is not None
            }
        )
    )
