"""The table of rank correlations: n and interval in every row, a reason for every undefined cell."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from zc_bench.cli import console
from zc_bench.cli.report_tables import show_report
from zc_bench.statistics.correlate import correlate


def rows(count=12, seeds=5, left_out=()):
    """Scores of three proxies; flops has fewer trials and seeds, plain has no score."""
    generator = np.random.default_rng(3)
    found = []
    for task in ("cifar10", "cifar100"):
        for seed in range(seeds):
            truth = generator.normal(size=count)
            for proxy in ("swap", "flops", "plain", "zen"):
                for place in range(count):
                    if proxy == "flops" and (place >= 7 or seed == 4):
                        continue
                    status, reason, score = "done", "", truth[place] + generator.normal()
                    if proxy == "plain":
                        status, reason, score = "undefined", "no weights", np.nan
                    if proxy == "zen":
                        score = 1.0
                    name = f"arch{place}"
                    row = (
                        "nb201",
                        task,
                        name,
                        seed,
                        proxy,
                        1,
                        score,
                        status,
                        reason,
                        0.0,
                        truth[place],
                    )
                    found.append(row)
    names = "space task architecture seed proxy version score status reason seconds truth"
    return pd.DataFrame(found, columns=names.split())


@pytest.fixture
def printed(monkeypatch, capsys):
    def show(width, **options):
        monkeypatch.setattr(console.out, "width", width)
        show_report(correlate(rows(**options), resamples=50))
        return capsys.readouterr().out

    return show


def test_every_row_has_its_own_n_and_its_interval(printed):
    frame = rows()
    swap = frame[(frame["proxy"] == "swap") & (frame["task"] == "cifar10")]
    rhos = [stats.spearmanr(part["score"], part["truth"])[0] for _, part in swap.groupby("seed")]
    low, high = stats.t.interval(0.95, 4, np.mean(rhos), np.std(rhos, ddof=1) / np.sqrt(5))
    out = printed(200)
    assert f"{np.mean(rhos):.3f} [{low:.2f}, {high:.2f}]" in out
    by_proxy = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert "12 x 5" in by_proxy["swap"]
    assert "7 x 4" in by_proxy["flops"]


def test_an_undefined_cell_comes_with_its_reason(printed):
    out = " ".join(printed(200).split())
    assert (
        "plain is undefined on nb201-cifar10, nb201-cifar100: no weights (12 of 12 trials)." in out
    )
    assert "zen is undefined on nb201-cifar10, nb201-cifar100: all scores are equal." in out


def test_it_says_that_rows_are_about_different_architectures(printed):
    assert "Rows with different n are about different architectures" in printed(200)


@pytest.mark.parametrize("width", [30, 50, 80, 200])
def test_every_cell_is_whole_at_any_width(printed, width):
    wide = printed(400)
    cells = {line[2:].strip() for line in wide.splitlines()}
    assert any("swap" in cell for cell in cells)
    narrow = printed(width)
    numbers = [word for word in wide.split() if "0." in word]
    assert sorted(word for word in narrow.split() if "0." in word) == sorted(numbers)
    assert narrow.count("nb201-cifar100") >= 1
