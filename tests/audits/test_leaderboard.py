"""The leaderboard: every number is that of an audit, and nothing old or unknown is shown."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import zc_bench as zb
from zc_bench.audits.leaderboard import QUESTIONS, TRIVIAL
from zc_bench.audits.leaderboard_page import render, summary
from zc_bench.cli import app
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError


@pytest.fixture(scope="module")
def stores(tmp_path_factory, _data_home):
    folder = tmp_path_factory.mktemp("board")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZC_BENCH_DATA", str(_data_home))
        runs = {"nb201": ("cifar10", "cifar100"), "tnb101_micro": ("jigsaw",)}
        return [
            zb.run(
                space,
                tasks=tasks,
                proxies=["l2_norm", "params", "flops"] if space == "nb201" else ["params"],
                samples=24,
                seeds=2,
                inputs="noise",
                budget="none",
                folder=folder / space,
                progress=False,
            ).stores[0]
            for space, tasks in runs.items()
        ]


@pytest.fixture(scope="module")
def board(stores):
    return zb.leaderboard(stores, resamples=30)


def test_has_every_proxy_and_every_trivial_baseline(board):
    assert set(board.audits) == {"l2_norm", *TRIVIAL}
    assert set(board.table["question"]) == set(QUESTIONS)
    trivial = board.table.groupby("contender")["trivial"].first()
    assert not trivial["l2_norm"]
    assert trivial[list(TRIVIAL)].all()
    # A store without flops has the other baselines all the same.
    micro = board.table[board.table["space"] == "tnb101_micro"]
    assert set(micro["contender"]) == {"depth", "layers", "breadth", "params"}


def test_numbers_are_those_of_the_audits_with_all_that_they_depend_on(board, stores):
    alone = zb.audit("l2_norm", stores=stores, resamples=30)
    rows = board.table[board.table["contender"] == "l2_norm"].set_index(["question", "task"])
    for number in alone.correlations.itertuples():
        row = rows.loc[("all", number.task)]
        assert row["value"] == pytest.approx(number.spearman)
        assert (row["low"], row["high"]) == pytest.approx((number.low, number.high))
        assert (row["n"], row["seeds"], row["version"]) == (24, 2, 1)
        assert "weights space" in row["protocol"]
        assert re.fullmatch("[0-9a-f]{12}", row["sha256"])
        cost = alone.cost.set_index("task").loc[number.task]
        second = rows.loc[("second", number.task), "value"]
        assert second == pytest.approx(cost["spearman"] / cost["seconds"])
    for number in alone.size.itertuples():
        assert rows.loc[("strata", number.task), "value"] == pytest.approx(
            number.within, nan_ok=True
        )


def test_an_older_version_is_left_out_and_that_is_said(stores, monkeypatch):
    newer = replace(proxy_registry["l2_norm"], version=2)
    monkeypatch.setitem(proxy_registry._items, "l2_norm", newer)
    board = zb.leaderboard(stores, resamples=10)
    assert "l2_norm" not in board.audits
    assert any(
        "scores are of version 1, and l2_norm has version 2" in said for said in board.left_out
    )
    assert "version 1, and l2_norm" in render(board)


def test_the_page_holds_every_row_and_its_audit_and_nothing_from_elsewhere(board):
    page = render(board)
    for name in board.audits:
        assert f'<details id="audit-{name}">' in page
    for question in QUESTIONS:
        assert f'id="board-{question}"' in page
    assert page.count("(trivial)") == len(TRIVIAL) * len(QUESTIONS)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "http" not in page.replace("http-equiv", "")
    assert render(board) == page
    for sentence in summary(board):
        assert sentence.replace("'", "&#39;") in page


def test_unknown_proxies_are_one_sentence(stores):
    with pytest.raises(ZcBenchError, match="did you mean 'l2_norm'"):
        zb.leaderboard(stores, proxies="l2norm")


def test_the_command(stores, tmp_path):
    page = tmp_path / "board.html"
    words = ["leaderboard", "--store", str(stores[1]), "--out", str(page), "--resamples", "10"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.exception
    assert "trivial baselines on 1 columns" in done.stdout
    assert "Leaderboard of zero-cost proxies" in page.read_text(encoding="utf-8")


def test_the_workflow_checks_submissions():
    text = (Path(__file__).resolve().parents[2] / ".github/workflows/submission.yml").read_text()
    assert "zc-bench" in text
    assert "submit check" in text
    assert "pull_request_target" not in text, "code of others must not get the secrets"
