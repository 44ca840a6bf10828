"""The effect of mu and sigma on regularised SWAP: tables 4, 5, 6 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zc_bench.engine.architectures import HELD_OUT
from zc_bench.errors import ZcBenchError
from zc_bench.figures.style import LOOKS, style
from zc_bench.paper.request import Reproduced, Request
from zc_bench.paper.sizes import sizes_data
from zc_bench.statistics.rank import spearman

Floats = NDArray[np.float64]

_LEVELS = 6
# The ratio of the paper's best mu on NAS-Bench-101, 40, to the largest size of its group 0, 31.
_BEYOND = 1.3
NONE, BOTH, SIGMA, MU = "none", "mu = sigma", "sigma", "mu"
"""The blocks of the table: no regularisation, both vary, one varies and the other is the best."""


@dataclass(frozen=True, eq=False)
class MuSigmaData:
    """The data of table and figure.

    Attributes:
        table: one row per block, mu, sigma and group (the seed of the run plus one): block, mu,
            sigma, group, n, product (rho of swap times the regularisation factor), logarithm (rho
            of ln swap plus the logarithm of the factor, which ranks alike in exact arithmetic),
            zero (the share of factors that are zero in float64).
        title: space, task and unit.
    """

    table: pd.DataFrame
    title: str

    def wide(self) -> pd.DataFrame:
        """Return the table in the form of the paper: rows are block, mu, sigma, columns groups.

        Returns:
            block, mu, sigma, a column for each group (rho in the product form), their mean, and the
            means of logarithm and zero.
        """
        settings = ["block", "mu", "sigma"]
        return pd.DataFrame(
            dict(zip(settings, key, strict=True))
            | {
                f"group {group}": rho
                for group, rho in zip(rows["group"], rows["product"], strict=True)
            }
            | {
                "mean": rows["product"].mean(),
                "logarithm": rows["logarithm"].mean(),
                "zero": rows["zero"].mean(),
            }
            for key, rows in self.table.groupby(settings, sort=False, dropna=False)
        )


def mu_sigma(request: Request, space: str) -> Reproduced:
    """Make table 4, 5 or 6.

    Args:
        request: what is asked for.
        space: the search space.
    """
    runs = replace(request, spaces=(space,)).specs("figure4")
    result = request.run(
        [replace(spec, tasks=("cifar10",), proxies=("swap", "params")) for spec in runs]
    )
    group_0 = sizes_data(space, "cifar10", "M", HELD_OUT).in_units.to_numpy(np.float64)
    title = f"{space}, cifar10; μ and σ in millions of parameters"
    data = mu_sigma_data(result.scores, group_0, title)
    return Reproduced(
        f"Spearman's rank correlation of reg_swap with the ground truth: {title}",
        data.table,
        draw_mu_sigma(data),
        summary=data.wide(),
        interrupted=result.interrupted,
    )


def mu_sigma_data(rows: pd.DataFrame, sizes: Floats, title: str) -> MuSigmaData:
    """Correlate regularised SWAP with the ground truth for every mu and sigma.

    Args:
        rows: scores of `swap` and `params` with the ground truth, of one space and task. All mu and
            sigma use the same scores.
        sizes: the sizes of group 0 in millions of parameters. They set only the range of mu and
            sigma.
        title: space, task and unit.
    """
    groups = [_group(trials) for _, trials in rows.groupby("seed")]
    seeds = sorted(set(rows["seed"]))
    levels = size_levels(sizes)

    def block(name: str, pairs: Iterable[tuple[float, float]]) -> pd.DataFrame:
        found = [
            {
                "block": name,
                "mu": mu,
                "sigma": sigma,
                "group": int(seed) + 1,
                **_regularised(group, mu, sigma),
            }
            for mu, sigma in pairs
            for seed, group in zip(seeds, groups, strict=True)
        ]
        return pd.DataFrame(found)

    none = block(NONE, [(np.nan, np.nan)])
    both = block(BOTH, [(level, level) for level in levels])
    mu = best(both, "mu")
    varied_sigma = block(SIGMA, [(mu, level) for level in levels])
    sigma = best(varied_sigma, "sigma")
    varied_mu = block(MU, [(level, sigma) for level in levels])
    return MuSigmaData(pd.concat([none, both, varied_sigma, varied_mu], ignore_index=True), title)


def size_levels(sizes: Floats) -> list[float]:
    """Choose levels of mu and sigma: in equal ratios from least to largest size, and one beyond.

    Returns:
        Increasing numbers, two significant digits each.
    """
    ratios = np.geomspace(sizes.min(), sizes.max(), _LEVELS)
    return sorted({float(f"{level:.2g}") for level in (*ratios, _BEYOND * sizes.max())})


def best(block: pd.DataFrame, name: str) -> float:
    """Return the mu or sigma with the highest mean rho over groups, in the product form.

    Raises:
        ZcBenchError: if there is no rho.
    """
    means = block.groupby(name)["product"].mean().dropna()
    if means.empty:
        message = (
            "No group has a rank correlation yet, for which it needs three architectures: "
            "give it more time."
        )
        raise ZcBenchError(message)
    return float(means.index.to_numpy(np.float64)[means.to_numpy().argmax()])


def _group(trials: pd.DataFrame) -> pd.DataFrame:
    """Arrange the scores of a group by architecture; drop architectures without one."""
    scores = trials.pivot_table(index="architecture", columns="proxy", values="score")
    truth = trials.groupby("architecture")["truth"].first()
    return scores.assign(truth=truth)[["swap", "params", "truth"]].dropna()


def _regularised(group: pd.DataFrame, mu: float, sigma: float) -> dict[str, float]:
    swap, sizes, truth = (group[name].to_numpy(np.float64) for name in ("swap", "params", "truth"))
    log_bell = np.zeros_like(sizes) if np.isnan(mu) else -((sizes - mu) ** 2) / sigma
    bell = np.exp(log_bell)
    return {
        "n": len(group),
        "product": spearman(swap * bell, truth),
        "logarithm": spearman(np.log(swap) + log_bell, truth),
        "zero": float((bell == 0).mean()),
    }


def draw_mu_sigma(data: MuSigmaData) -> Figure:
    """Draw a panel per block: means in both forms, a dot per group, crosses for zero factors."""
    swap = data.table.loc[data.table["block"] == NONE, "product"].mean()
    with style():
        figure = Figure(figsize=(7.0, 2.4), layout="constrained")
        panels: Sequence[Axes] = figure.subplots(1, 3, sharey=True)
        for axes, block, varied in zip(
            panels, (BOTH, SIGMA, MU), ("mu", "sigma", "mu"), strict=True
        ):
            _draw_block(axes, data.table[data.table["block"] == block], varied)
            axes.axhline(swap, color="0.5", linewidth=0.8, zorder=0, label="swap, not regularised")
            axes.set_title(_block_title(block, data.table), loc="left", fontsize=7.5)
            axes.set_xlabel({BOTH: "μ = σ", SIGMA: "σ", MU: "μ"}[block])
        panels[0].set_ylabel("Spearman's rank correlation")
        known = {
            label: handle
            for axes in panels
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(
            known.values(),
            known.keys(),
            loc="outside lower center",
            ncols=len(known),
            frameon=False,
            fontsize=7,
        )
        figure.suptitle(data.title, x=0.01, ha="left", fontsize=8, weight="bold")
    return figure


def _block_title(block: str, table: pd.DataFrame) -> str:
    if block == BOTH:
        return "μ and σ vary together"
    fixed, symbol, varied = ("mu", "μ", "σ") if block == SIGMA else ("sigma", "σ", "μ")
    return f"{varied} varies, {symbol} = {table.loc[table['block'] == block, fixed].iloc[0]:g}"


def _draw_block(axes: Axes, block: pd.DataFrame, varied: str) -> None:
    means = block.groupby(varied)[["product", "logarithm", "zero"]].mean()
    # Levels are drawn at equal distances, because the last two are close.
    places = np.arange(len(means))
    of_groups = np.searchsorted(means.index, block[varied])
    for form, (colour, dashes), marker in zip(("product", "logarithm"), LOOKS, "os", strict=False):
        axes.plot(
            places,
            means[form],
            dashes,
            color=colour,
            marker=marker,
            markersize=3,
            linewidth=1,
            label=form,
        )
        axes.scatter(of_groups, block[form], s=3, color=colour, alpha=0.4, linewidths=0)
    lost = (means["zero"] > 0).to_numpy()
    if lost.any():
        label = "some bells are zero in float64"
        axes.scatter(
            places[lost],
            means["product"][lost],
            s=28,
            marker="x",
            color="black",
            linewidths=0.9,
            zorder=3,
            label=label,
        )
    axes.set_xticks(places, [f"{level:g}" for level in means.index], fontsize=6.5)
    axes.spines[["top", "right"]].set_visible(False)
