"""Scores against the ground truth."""

import pandas as pd

from correlated import make_report, make_rows
from zc_bench.figures import draw_scatter, scatter_data


def data():
    rows = pd.concat([make_rows(("swap", "params")), make_rows(space="nb101")], ignore_index=True)
    rows.loc[0, ["score", "status"]] = [float("nan"), "invalid"]
    return scatter_data(rows, make_report(rows), "swap")


def test_points_are_the_scores_of_the_proxy():
    assert len(data().points) == 59 + 60
    assert len(data().correlations) == 2


def test_a_panel_per_task_tells_rho():
    panels = draw_scatter(data()).axes
    assert [len(axes.collections[0].get_offsets()) for axes in panels] == [60, 59]
    for axes, fact in zip(panels, data().correlations.itertuples(), strict=True):
        space, task, rho = axes.get_title(loc="left").splitlines()
        assert (space, task) == (fact.space, fact.task)
        assert rho == f"ρ = {fact.spearman:.2f} [{fact.low:.2f}, {fact.high:.2f}]"
    first, second = (axes.collections[0].get_facecolor()[0].tolist() for axes in panels)
    assert first != second


def test_five_panels_leave_three_places_empty():
    rows = pd.concat([make_rows(task=f"task{number}", n=5) for number in range(5)])
    panels = draw_scatter(scatter_data(rows, make_report(rows), "swap")).axes
    assert [axes.axison for axes in panels] == [True] * 5 + [False] * 3


def test_a_constant_score_has_no_rho():
    rows = make_rows().assign(score=1.0)
    (axes, *_) = draw_scatter(scatter_data(rows, make_report(rows), "swap")).axes
    assert axes.get_title(loc="left").endswith("ρ undefined")
