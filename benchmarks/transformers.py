"""What SWAP counts on FlexiBERT: tables for docs/transformers.md, from stores of scores.

    python benchmarks/transformers.py results/shipped/flexibert*.h5 [--trainings flexibert.csv]

For every store: Spearman's rank correlation of its proxies, and of trivial numbers, with the mean
score on GLUE; the same within networks of one depth and width; and how many of the units have a
pattern of their own. For the published trainings: what the seconds of training and the scores depend
on, by least squares. Last, how much the scores of the same network differ.
"""

import argparse
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from zc_bench import load_table
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.spaces.transformers.encoder import EncoderLayer, Form
from zc_bench.spaces.transformers.flexibert import FlexiBert, layers_of
from zc_bench.statistics.rank import spearman
from zc_bench.store import read_store
from zc_bench.tasks import task_registry

_TOKENS = task_registry["glue"].image_size
_SMALLEST = 20  # networks of a stratum


@dataclass(frozen=True)
class _Network:
    """An architecture, and what its networks take from it."""

    width: int
    layers: tuple[EncoderLayer, ...]
    form: Form

    def units(self) -> int:
        """Count the outputs of GELU for one text."""
        return _TOKENS * sum(sum(self.form.inner_widths(layer)) for layer in self.layers)


_TRIVIAL: Mapping[str, Callable[[_Network], float]] = {
    "depth": lambda network: len(network.layers),
    "depth, then width": lambda network: len(network.layers) * 1000 + network.width,
    "feed-forward matrices": lambda network: sum(layer.stack for layer in network.layers),
    "heads": lambda network: sum(layer.heads for layer in network.layers),
    "units": _Network.units,
}


def frame_of(path: Path) -> tuple[str, pd.DataFrame]:
    """Read the scores of a store's first seed, beside trivial numbers and the ground truth.

    Args:
        path: the store.

    Returns:
        The name of the space, and a row per architecture.
    """
    contents = read_store(path)
    space = space_registry[contents.space]
    if not isinstance(space, FlexiBert):
        message = f"{path} holds scores of {contents.space}: give a store of FlexiBERT."
        raise ZcBenchError(message)
    truth, rows = load_table(contents.space)["glue"], {}
    for trial, row in contents.trials.items():
        if trial.seed == 0:
            network = _Network(*layers_of(space.parse(trial.architecture)), space.form)
            scores = {name.split("@")[0]: score.value for name, score in row.scores.items()}
            numbers = {name: float(count(network)) for name, count in _TRIVIAL.items()}
            rows[trial.architecture] = scores | numbers | {"glue": truth[trial.architecture]}
    return contents.space, pd.DataFrame.from_dict(rows, orient="index").dropna(axis=1, how="all")


def _rho(frame: pd.DataFrame, name: str, other: str = "glue") -> float:
    return spearman(frame[name].to_numpy(), frame[other].to_numpy())


def tables(space: str, frame: pd.DataFrame) -> str:
    """Write the tables of a store in Markdown."""
    strata = [part for _, part in frame.groupby("depth, then width") if len(part) >= _SMALLEST]
    heads = [
        f"depth {part['depth'].iloc[0]:.0f}, width {part['depth, then width'].iloc[0] % 1000:.0f} (n = {len(part)})"
        for part in strata
    ]
    lines = [f"### {space}, n = {len(frame)}", "", "| | all | " + " | ".join(heads) + " |"]
    lines.append("|---" * (2 + len(heads)) + "|")
    for name in (column for column in frame.columns if column != "glue"):
        values = [_rho(part, name) for part in (frame, *strata)]
        lines.append(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |")
    share = frame["swap"] / frame["units"]
    lines += [
        "",
        f"rho of swap and units: {_rho(frame, 'swap', 'units'):.3f} (n = {len(frame)}). Distinct patterns per unit: "
        f"median {share.median():.3f}, from {share.min():.3f} to {share.max():.3f}.",
        "",
    ]
    return "\n".join(lines)


_EFFECTS: Mapping[str, Callable[[EncoderLayer], bool]] = {
    "linear transform": lambda layer: layer.kind.startswith("LT"),
    "cosine transform": lambda layer: layer.kind == "LT:DCT",
    "convolution": lambda layer: layer.kind.startswith("DSC"),
    "kernel 9": lambda layer: layer.kind == "DSC:9",
    "weighted attention": lambda layer: layer.kind == "SA:WMA",
    "four heads": lambda layer: layer.heads == 4,
    "three matrices": lambda layer: layer.stack == 3,
    "inner width 1024, one matrix": lambda layer: (layer.inner, layer.stack) == (1024, 1),
    "inner width 1024, three matrices": lambda layer: (layer.inner, layer.stack) == (1024, 3),
}


def effects(path: Path) -> str:
    """Write what a layer of a kind adds to seconds and scores, beside depth and width.

    Args:
        path: the CSV file of the published trainings.

    Returns:
        A table: least-squares estimates, t-values in parentheses.
    """
    frame, space = pd.read_csv(path), space_registry["flexibert"]
    keys = frame["hidden_size"].astype(str) + "|" + frame["layers"]
    networks = [layers_of(space.parse(key)) for key in keys]
    named = pd.Series([f"{width} {len(layers)}" for width, layers in networks])
    groups = pd.get_dummies(named, dtype=float)
    counts = [[sum(map(has, layers)) for has in _EFFECTS.values()] for _, layers in networks]
    design = np.column_stack([groups, counts])
    inverse = np.linalg.inv(design.T @ design)
    columns = ("train_seconds", "glue")
    fits = {}
    for column in columns:
        values = frame[column].to_numpy()
        estimates = inverse @ design.T @ values
        rest = values - design @ estimates
        variance = rest @ rest / (len(values) - design.shape[1])
        fits[column] = estimates, estimates / np.sqrt(variance * inverse.diagonal())
    lines = [f"### {path.name}, n = {len(frame)}", "", f"| a layer with | {' | '.join(columns)} |"]
    lines.append("|---" * 3 + "|")
    for place, name in enumerate(_EFFECTS, groups.shape[1]):
        cells = (f"{found[place]:+.2f} (t = {t[place]:.1f})" for found, t in fits.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def repeats() -> str:
    """Write how much the scores of networks differ that the training code does not tell apart."""
    space, glue = space_registry["flexibert_trained"], load_table("flexibert")["glue"]
    found = [space.parse(str(key)) for key in glue.index]
    sizes = [layers_of(architecture) for architecture in found]
    frame = pd.DataFrame(
        {
            "glue": glue.to_numpy(),
            "network": [space.canonical(architecture) for architecture in found],
            "stratum": [f"depth {len(layers)}, width {width}" for width, layers in sizes],
        }
    )
    lines = [
        "| | architectures | networks | deviation | of the same network |",
        "|---" * 5 + "|",
    ]
    for stratum, part in frame.groupby("stratum"):
        rest = part["glue"] - part.groupby("network")["glue"].transform("mean")
        freedom = len(part) - part["network"].nunique()
        within = math.sqrt(rest.pow(2).sum() / freedom)
        numbers = (len(part), part["network"].nunique(), f"{part['glue'].std():.2f}")
        cells = " | ".join(map(str, numbers))
        lines.append(f"| {stratum} | {cells} | {within:.2f} ({freedom} degrees of freedom) |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stores", nargs="*", type=Path)
    parser.add_argument("--trainings", type=Path)
    options = parser.parse_args()
    try:
        for path in options.stores:
            print(tables(*frame_of(path)))
        if options.trainings:
            print(effects(options.trainings))
        print(repeats())
    except ZcBenchError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
