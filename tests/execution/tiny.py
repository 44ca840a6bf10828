"""A run that takes a second, and its scores to the last bit."""

from zc_bench.spec import Protocol, Spec

CHEAP = ("params", "grad_norm", "swap")


def tiny(*proxies, samples=3, seeds=2, **protocol):
    """Two seeds, three architectures, four images of noise."""
    fixed = {"batch_size": 4, "inputs": "noise"} | protocol
    return Spec("nb201", ("cifar10",), proxies or CHEAP, samples, seeds, protocol=Protocol(**fixed))


def bits(frame):
    """Write every score to the last bit, by trial and proxy."""
    columns = ["task", "architecture", "seed", "proxy"]
    return {
        tuple(row[name] for name in columns): row["score"].hex() for row in frame.to_dict("records")
    }
