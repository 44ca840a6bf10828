"""The findings of an audit: one sentence per question, and no grade."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from zc_bench.audits.top import NOISY, RANDOM
from zc_bench.statistics.holm import holm

LEVEL = 0.05
_TOP, _K = 0.1, 10.0
Frames = Mapping[str, pd.DataFrame]

QUESTIONS = {
    "correlation": "How well does it rank?",
    "baselines": "Does it beat what is to be had for nothing?",
    "size": "Does it rank among architectures of equal depth and size?",
    "top": "What does it do at the top?",
    "ceiling": "How well could any score rank?",
    "robustness": "Does the rank depend on seed, images or protocol?",
    "cost": "What does a score cost?",
    "ties": "Are there ties and invalid scores?",
}


def findings(frames: Frames, lacking: str) -> pd.DataFrame:
    """Answer every question in one sentence.

    Args:
        frames: the frames of an audit, by name.
        lacking: why there is no second training, or nothing.

    Returns:
        The columns question and finding, in the order of a sceptical reviewer.
    """
    said = {
        "correlation": _correlation(frames["correlations"]),
        "baselines": _baselines(frames["baselines"]),
        "size": _size(frames["size"]),
        "top": _top(frames["top"]),
        "ceiling": _ceiling(frames["ceiling"], lacking),
        "robustness": _robustness(frames["correlations"], frames["seeds"], frames["protocols"]),
        "cost": _cost(frames["cost"]),
        "ties": _ties(frames["ties"]),
    }
    return pd.DataFrame(
        {"question": list(QUESTIONS.values()), "finding": [said[name] for name in QUESTIONS]}
    )


def number(value: float) -> str:
    """Write a correlation with two decimals and a true minus sign.

    Examples:
        >>> number(-0.004), number(float("nan"))
        ('0.00', 'undefined')
    """
    if math.isnan(value):
        return "undefined"
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def sides(values: "pd.Series[float]", p_values: "pd.Series[float]") -> tuple[int, int, int]:
    """Count the values above zero, below zero and undecided, all tests together at level 0.05."""
    sure = holm(np.asarray(p_values, dtype=np.float64)) < LEVEL
    above, below = int((sure & (values > 0)).sum()), int((sure & (values < 0)).sum())
    return above, below, len(values) - above - below


def place(row: "pd.Series[float]") -> str:
    """Name a column."""
    return f"{row['space']}-{row['task']}"


def _correlation(frame: pd.DataFrame) -> str:
    rho, above, below, undecided = frame["spearman"], *sides(frame["spearman"], frame["p_value"])
    if rho.isna().all():
        return "Spearman's rho is undefined: all scores or all truths are equal."
    if len(frame) == 1:
        (row,) = (row for _, row in frame.iterrows())
        return (
            f"Spearman's rho is {number(row['spearman'])} [{number(row['low'])}, {number(row['high'])}] and "
            f"Kendall's tau {number(row['kendall'])} on {place(row)}."
        )
    worst, best = frame.iloc[int(rho.argmin())], frame.iloc[int(rho.argmax())]
    return (
        f"Spearman's rho is {number(rho.mean())} on average over {len(frame)} columns, from "
        f"{number(rho.min())} ({place(worst)}) to {number(rho.max())} ({place(best)}), and Kendall's tau "
        f"{number(frame['kendall'].mean())}; rho is above zero on {above}, below zero on {below}, undecided on "
        f"{undecided}."
    )


def _verdicts(frame: pd.DataFrame) -> str:
    counts = frame["verdict"].value_counts()
    beats, loses, undecided = (int(counts.get(name, 0)) for name in ("beats", "loses", "undecided"))
    of = f"{beats} of {len(frame)} column{'s' if len(frame) > 1 else ''}"
    return f"{of}, loses on {loses}, is undecided on {undecided}"


def _baselines(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "No trivial baseline is known for this space."
    means = frame.groupby("baseline")["baseline_rho"].mean()
    # A baseline that is constant in some space is no rival over all columns.
    everywhere = frame["baseline"].value_counts()
    rivals = means[everywhere[everywhere == everywhere.max()].index].sort_index()
    strongest = str(rivals.idxmax())
    parts = []
    for name in dict.fromkeys(["params", strongest]):
        if name in means.index:
            label = "the strongest baseline, " if name == strongest else ""
            verdicts = _verdicts(frame[frame["baseline"] == name])
            parts.append(f"it beats {label}{name} (rho {number(means[name])}), on {verdicts}")
    text = "; ".join(parts).replace("), on", ") on")
    return f"{text[:1].upper()}{text[1:]} (Holm over {len(frame)} comparisons)."


def _size(frame: pd.DataFrame) -> str:
    known = frame["within"].dropna()
    partial = sides(frame["partial"], frame["partial_p"])
    given = f"given {frame['given'].iloc[0] or 'nothing'}, it is {number(frame['partial'].mean())}"
    sure = f"(above zero on {partial[0]} of {len(frame)}, below on {partial[1]})"
    if known.empty:
        return f"No stratum has enough architectures; {given} {sure}."
    inside = sides(frame["within"], frame["within_p"])
    return (
        f"Within strata of equal depth and size rho is {number(known.mean())} on average, overall "
        f"{number(frame['spearman'].mean())} (within strata above zero on {inside[0]} of {len(frame)}, below on "
        f"{inside[1]}); {given} {sure}."
    )


def _at(frame: pd.DataFrame, measure: str, at: float, contender: str) -> pd.DataFrame:
    chosen = (frame["measure"] == measure) & (frame["at"] == at) & (frame["contender"] == contender)
    return frame[chosen].set_index(["space", "task"])


def _top(frame: pd.DataFrame) -> str:
    own, *noisy = (_at(frame, "rho", _TOP, name) for name in ("proxy", *NOISY))
    parts = []
    if len(own) and all(map(len, noisy)):
        value = own["value"].reindex(noisy[0].index)
        below = (value < noisy[0]["low"]) & (value < noisy[1]["low"])
        means = " or ".join(
            f"{number(of['value'].mean())} ({name})" for name, of in zip(NOISY, noisy, strict=True)
        )
        parts.append(
            f"Among the best {_TOP * 100:.0f} % rho is {number(own['value'].mean())}, where a noisy perfect score of "
            f"equal overall rho has {means}: worse than both on {int(below.sum())} of {len(value)} columns"
        )
    ranks = {
        name: _at(frame, "best_rank", _K, name)["value"].mean()
        for name in ("proxy", "params", RANDOM, *NOISY)
    }
    if not math.isnan(ranks["proxy"]):
        others = [
            f"{name} {value:.0f}"
            for name, value in ranks.items()
            if name != "proxy" and not math.isnan(value)
        ]
        parts.append(
            f"the best of its {_K:.0f} best-scored has rank {ranks['proxy']:.0f} on average ({', '.join(others)})"
        )
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else "There are too few architectures to say."


def _ceiling(frame: pd.DataFrame, lacking: str) -> str:
    if frame.empty:
        return lacking or "No second training of these architectures is known."
    return (
        f"A second training of the same architectures has rho {number(frame['ceiling'].mean())} with the first, "
        f"{number(frame['top_ceiling'].mean())} among the best 10 %; the proxy has {number(frame['spearman'].mean())} "
        f"and {number(frame['top'].mean())} ({', '.join(map(place, (row for _, row in frame.iterrows())))})."
    )


def _robustness(rho: pd.DataFrame, seeds: pd.DataFrame, protocols: pd.DataFrame) -> str:
    parts = []
    if len(seeds):
        spread = (rho["most"] - rho["least"]).max()
        noisy = int((holm(rho["p_seeds"].to_numpy(np.float64)) < LEVEL).sum())
        known = seeds[seeds["shared"] >= 3]["repeatability"].mean()
        same = f", the scores of one architecture agree with rho {number(known)}"
        parts.append(
            f"Between seeds{'' if math.isnan(known) else same + ', and'} rho with the truth differs by "
            f"{number(spread)} at most, by more than the noise of architectures on {noisy} of {len(rho)} columns"
        )
    for other, rows in protocols.groupby("other"):
        parts.append(
            f"in {other} ({rows['differs'].iloc[0]}), scores agree with rho {number(rows['agreement'].mean())}"
        )
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else "There is one seed and one protocol."


def _cost(frame: pd.DataFrame) -> str:
    known = frame.dropna(subset=["seconds"])
    passes, images = frame["passes"].iloc[0], sorted(set(frame["images"]))
    needs = f"{', '.join(map(str, images))} images and the passes {passes or 'unknown'}"
    if known.empty:
        return f"No time is on record; a score needs {needs}."
    seconds, rates = known["seconds"], known["rho_per_second"].dropna()
    return f"A score takes {_range(seconds)} seconds, {needs}; rho per second is {_range(rates)}."


def _range(values: "pd.Series[float]") -> str:
    """Write the smallest and the largest value with two digits."""
    ends = [f"{float(f'{end:.2g}'):,.10g}" for end in (values.min(), values.max())]
    return " to ".join(dict.fromkeys(ends)).replace("-", "\N{MINUS SIGN}")


def _ties(frame: pd.DataFrame) -> str:
    scores, invalid, missing = (int(frame[name].sum()) for name in ("scores", "invalid", "missing"))
    return (
        f"Of the pairs of architectures {frame['tied'].max():.1%} tie at most; of {scores:,} scores {invalid:,} are "
        f"invalid and {missing:,} missing."
    )
