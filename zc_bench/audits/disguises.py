"""Scores that are less than they look: each is named, with what speaks for it or against it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from zc_bench.audits.findings import LEVEL, Frames, number, sides
from zc_bench.statistics.holm import holm

# A correlation whose interval lies between minus and plus this much is nothing.
MARGIN = 0.1
_ALIKE = 0.4  # rho of two scores from which on one can be the other in disguise
_TIED = 0.5  # share of pairs within strata
_JUMP = 0.2  # difference of rho between seeds
_LEVEL = 0.5  # share of the variance of ranks
_REPEATED = 30  # architectures scored by two seeds


def disguises(frames: Frames) -> pd.DataFrame:
    """Ask whether a score is something simpler.

    Args:
        frames: the frames of an audit, by name.

    Returns:
        One row per suspicion: name, found (whether it holds), sentence.
    """
    rows = [_random(frames), _baseline(frames), _size(frames), _seed(frames)]
    return pd.DataFrame(rows, columns=["name", "found", "sentence"])


def _random(frames: Frames) -> tuple[str, bool, str]:
    frame = frames["correlations"]
    above, below, _ = sides(frame["spearman"], frame["p_value"])
    found = not above and not below
    if found:
        sentence = (
            f"It cannot be told from a random score: rho is not different from zero on any of {len(frame)} columns "
            f"(mean {number(frame['spearman'].mean())})."
        )
    else:
        sentence = (
            f"It is no random score: rho is not zero on {above + below} of {len(frame)} columns."
        )
    return "random", found, sentence


def _baseline(frames: Frames) -> tuple[str, bool, str]:
    """Name the baseline that leaves nothing of the score, the most similar one of several."""
    frame = frames["baselines"]
    if frame.empty:
        return "baseline", False, "No trivial baseline is known, so none can be in disguise."
    explained = dict(_explained(frame))
    if explained:
        name = max(explained, key=lambda name: explained[name])
        all_of = frame[frame["baseline"] == name]
        of = _narrow(all_of)
        where = (
            ""
            if len(of) == len(all_of)
            else f" on the {len(of)} of {len(all_of)} columns with enough architectures"
        )
        sentence = (
            f"It is {name} in disguise: its rho with {name} is {number(of['with_baseline'].mean())}, and among "
            f"architectures of equal {name} rho with the truth is {number(of['left'].mean())} instead of "
            f"{number(_own(of).mean())}{where}."
        )
        return "baseline", True, sentence
    means = frame.groupby("baseline")[["with_baseline", "left"]].mean()
    name = str(means["with_baseline"].abs().idxmax())
    sentence = (
        f"It is no trivial baseline in disguise: the most similar one is {name} (rho "
        f"{number(means['with_baseline'][name])} with it), and among architectures of equal {name} rho with the truth "
        f"is still {number(means['left'][name])}."
    )
    return "baseline", False, sentence


def _explained(frame: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Yield the baselines that leave nothing, with their similarity to the score.

    Only columns count whose interval is narrow enough to say so.
    """
    for name, of in frame.groupby("baseline"):
        narrow = _narrow(of)
        nothing = (narrow["left_low"] > -MARGIN) & (narrow["left_high"] < MARGIN)
        similar = float(narrow["with_baseline"].abs().mean()) if len(narrow) else 0.0
        something = (_own(narrow).abs() > MARGIN).any()
        if len(narrow) and nothing.all() and something and similar >= _ALIKE:
            yield str(name), similar


def _narrow(of: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns that have enough architectures to say that nothing is left."""
    return of[(of["left_high"] - of["left_low"]) < 2 * MARGIN]


def _own(of: pd.DataFrame) -> "pd.Series[float]":
    """Return the proxy's own rho."""
    return of["difference"] + of["baseline_rho"]


def _size(frames: Frames) -> tuple[str, bool, str]:
    frame = frames["size"].dropna(subset=["within"])
    if frame.empty:
        return "size", False, "No stratum of equal depth and size has enough architectures to tell."
    tied, within, plain = (float(frame[name].mean()) for name in ("tied", "within", "spearman"))
    narrow = frame[(frame["within_high"] - frame["within_low"]) < 2 * MARGIN]
    nothing = (narrow["within_low"] > -MARGIN) & (narrow["within_high"] < MARGIN)
    if tied > _TIED:
        sentence = (
            f"It is constant within strata: {tied:.0%} of the pairs of equal depth and size have the same score, so "
            f"it ranks by depth and size alone (rho {number(within)} within strata, {number(plain)} overall)."
        )
        return "size", True, sentence
    if len(narrow) and nothing.all() and abs(plain) > MARGIN:
        sentence = (
            f"It ranks by depth and size alone: within strata rho is {number(within)}, overall "
            f"{number(plain)}."
        )
        return "size", True, sentence
    sentence = (
        f"It is not depth and size alone: within strata rho is {number(within)}, and {tied:.0%} of the pairs there "
        "have the same score."
    )
    return "size", False, sentence


def _seed(frames: Frames) -> tuple[str, bool, str]:
    """Say whether the seed decides: rho, level or order."""
    rho, seeds = frames["correlations"], frames["seeds"]
    jumps = rho["most"] - rho["least"]
    sure = (holm(rho["p_seeds"].to_numpy(np.float64)) < LEVEL) & (jumps > _JUMP)
    said = []
    if sure.any():
        worst = rho.iloc[int(jumps.where(sure).argmax())]
        said.append(
            f"rho with the truth is {number(worst['least'])} for one seed and {number(worst['most'])} for another"
        )
    if len(seeds) and seeds["level"].mean() > _LEVEL:
        said.append(
            f"the seed explains {seeds['level'].mean():.0%} of the variance of ranks, so that all seeds together have "
            f"rho {number(seeds['pooled'].mean())} instead of {number(seeds['within'].mean())}"
        )
    known = seeds[seeds["shared"] >= _REPEATED]
    if len(known) and known["repeatability"].abs().mean() < MARGIN:
        said.append(
            f"two seeds give one architecture unrelated scores (rho {number(known['repeatability'].mean())})"
        )
    if said:
        return "seed", True, f"The seed decides: {'; '.join(said)}."
    if seeds.empty:
        return "seed", False, "There is one seed, so nothing can be said about its influence."
    sentence = (
        f"The seed does not decide: between seeds rho with the truth differs by {number(jumps.max())} at most, and "
        f"the seed explains {seeds['level'].mean():.0%} of the variance of ranks."
    )
    return "seed", False, sentence
