"""Rows and reports that figures are drawn from."""

import numpy as np
import pandas as pd

from zc_bench.statistics.correlate import Report, correlate

DIRECTIONS = dict.fromkeys(("swap", "reg_swap", "params", "linear_regions"), True)


def make_rows(proxies=("swap",), space="nb201", task="cifar10", seeds=2, n=30):
    """Make scores that have something to do with the ground truth."""
    generator = np.random.default_rng(0)
    truth = generator.uniform(50, 90, (seeds, n))
    return pd.DataFrame(
        {
            "space": space,
            "task": task,
            "architecture": f"({seed}, {place})",
            "seed": seed,
            "proxy": proxy,
            "score": float(np.exp(truth[seed, place] / 20 + generator.normal(0, 0.3))),
            "status": "done",
            "truth": truth[seed, place],
        }
        for proxy in proxies
        for seed in range(seeds)
        for place in range(n)
    )


def make_report(rows):
    return correlate(rows, higher_is_better=DIRECTIONS, resamples=20)


def report_of(rhos, low=None, high=None, proxy="nwot", column=("nb201", "cifar10"), n=1000):
    """Make a report of one cell, a rho per seed."""
    space, task = column
    low, high = low or [rho - 0.1 for rho in rhos], high or [rho + 0.1 for rho in rhos]
    cells = zip(rhos, low, high, strict=True)
    fixed = {"space": space, "task": task, "proxy": proxy, "n": n}
    frame = [
        fixed | {"seed": seed, "spearman": rho, "low": least, "high": most}
        for seed, (rho, least, most) in enumerate(cells)
    ]
    return Report(pd.DataFrame(frame), "worst", 0.95)
