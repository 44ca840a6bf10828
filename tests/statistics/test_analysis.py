import dataclasses
import gzip
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from zc_bench.seeding import numpy_generator
from zc_bench.statistics import analyse
from zc_bench.statistics.agreement import agreement
from zc_bench.statistics.critical_difference import critical_difference
from zc_bench.statistics.information import incremental_information
from zc_bench.statistics.pairs import compare_pairs
from zc_bench.statistics.size_bias import size_bias
from zc_bench.statistics.wide import widen

UP = {"flops": True, "good": True, "params": True, "poor": False}


def simulated(tasks=("cifar10", "cifar100"), seeds=2, n=40, proxies=tuple(UP)):
    """Make rows of a run: two sizes, a better proxy, and one that is better when lower."""
    frames = []
    for task in tasks:
        for seed in range(seeds):
            generator = numpy_generator(seed, "simulated", task)
            quality, params, noise = generator.normal(size=(3, n))
            scores = {
                "params": params,
                "flops": params + 0.5 * noise,
                "good": quality,
                "poor": -quality - 3 * noise,
            }
            wide = pd.DataFrame({name: scores[name] for name in proxies})
            wide = wide.assign(
                architecture=[f"({index},)" for index in range(n)], truth=quality + params
            )
            tidy = wide.melt(["architecture", "truth"], var_name="proxy", value_name="score")
            frames.append(tidy.assign(space="nb201", task=task, seed=seed, status="done"))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def rows():
    return simulated()


@pytest.fixture(scope="module")
def analysis(rows):
    return analyse(rows, higher_is_better=UP, resamples=100)


def at(frame, task="cifar100", seed=1):
    """Return the part of one task and seed, without the columns that say so."""
    part = frame[(frame["space"] == "nb201") & (frame["task"] == task) & (frame["seed"] == seed)]
    return part.drop(columns=["space", "task", "seed"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def wide(rows):
    return widen(rows, higher_is_better=UP)[3]


def test_says_what_was_compared(analysis):
    assert len(analysis.columns) == 4
    assert at(analysis.columns).to_dict("records") == [
        {"architectures": 40, "left_out": 0, "proxies_left_out": ""}
    ]


def test_pairs_are_compared_per_task_and_seed(analysis, wide):
    expected = compare_pairs(
        wide.scores,
        wide.truth,
        numpy_generator(1, "pairs", "nb201", "cifar100"),
        resamples=100,
        confidence=0.95,
    )
    pd.testing.assert_frame_equal(at(analysis.pairs), expected)
    assert len(analysis.pairs) == 4 * 6


def test_ranks_are_those_of_means_over_seeds(rows, analysis):
    means = {}
    for (proxy, task), part in rows.groupby(["proxy", "task"]):
        rhos = [
            scipy.stats.spearmanr(seed["score"], seed["truth"]).statistic
            for _, seed in part.groupby("seed")
        ]
        means[proxy, task] = np.mean(rhos) * (1 if UP[proxy] else -1)
    expected = critical_difference(pd.Series(means).unstack())
    assert (
        dict(zip(analysis.ranks["proxy"], analysis.ranks["rank"], strict=True))
        == expected.ranks.to_dict()
    )
    for name in ("columns", "statistic", "p_value", "difference"):
        assert analysis.ranks[name].to_numpy() == pytest.approx([getattr(expected, name)] * 4)


def test_selection_has_a_random_choice_beside_every_proxy(analysis):
    part = at(analysis.selection).set_index(["proxy", "k"])
    assert set(part.index) == {(proxy, k) for proxy in (*UP, "random") for k in (1, 10, 0.05)}
    assert part.loc[("random", 10), "precision"] == pytest.approx(10 / 40)
    assert part.loc[("random", 0.05), "architectures"] == 2
    assert part.loc[("random", 1), "best_rank"] == pytest.approx(41 / 2)
    assert part.loc[("good", 10), "precision"] > 0.3
    assert part.loc[("good", 10), "regret"] < part.loc[("random", 1), "regret"]


def test_agreement_has_every_pair_in_both_directions(analysis, wide):
    part = at(analysis.agreement).set_index(["proxy", "other"])
    assert len(part) == 16
    for column, table in (
        ("spearman", agreement(wide.scores)),
        ("given_params", agreement(wide.scores, ["params"])),
    ):
        for one in UP:
            for two in UP:
                assert part.loc[(one, two), column] == pytest.approx(
                    table.loc[one, two], nan_ok=True
                )


def test_size_bias_and_information(analysis, wide):
    pd.testing.assert_frame_equal(at(analysis.size_bias), size_bias(wide.scores, wide.truth))
    part = at(analysis.information).set_index(["known", "proxy"])["bits"]
    assert len(part) == 4 + 4 * 3
    assert part["", "good"] == incremental_information(wide.scores, wide.truth)["good"]
    assert (
        part["params", "good"]
        == incremental_information(wide.scores, wide.truth, ["params"])["good"]
    )


def test_same_whatever_the_order_of_rows(rows, analysis):
    again = analyse(rows.sample(frac=1, random_state=0), higher_is_better=UP, resamples=100)
    for field in dataclasses.fields(analysis):
        pd.testing.assert_frame_equal(
            getattr(again, field.name), getattr(analysis, field.name), check_exact=True
        )


def test_without_sizes_there_is_no_bias_towards_them():
    bare = analyse(simulated(proxies=("good", "poor")), higher_is_better=UP, resamples=10)
    assert bare.size_bias.empty
    assert list(bare.size_bias)[:5] == ["space", "task", "seed", "proxy", "spearman"]
    assert bare.agreement["given_params"].isna().all()
    assert bare.agreement["spearman"].notna().all()


def test_one_task_or_two_proxies_have_no_critical_difference():
    for few in (simulated(tasks=("cifar10",)), simulated(proxies=("good", "poor"))):
        ranks = analyse(few, higher_is_better=UP, resamples=10).ranks
        assert ranks.empty
        assert list(ranks) == ["proxy", "rank", "columns", "statistic", "p_value", "difference"]


def test_a_proxy_without_a_rho_on_some_task_is_not_ranked(rows):
    flat = rows.assign(
        score=rows["score"].where((rows["proxy"] != "poor") | (rows["task"] != "cifar10"), 1.0)
    )
    ranks = analyse(flat, higher_is_better=UP, resamples=10).ranks
    assert set(ranks["proxy"]) == {"flops", "good", "params"}


def test_numbers_beyond_the_architectures_are_left_out():
    few = analyse(simulated(n=5), higher_is_better=UP, resamples=10)
    assert set(few.selection["k"]) == {1, 0.05}


@pytest.mark.parametrize("n", [1, 2])
def test_a_task_with_too_few_architectures_is_only_counted(n):
    few = analyse(simulated(n=n), higher_is_better=UP, resamples=10)
    assert few.columns["architectures"].tolist() == [n] * 4
    assert all(
        getattr(few, field.name).empty
        for field in dataclasses.fields(few)
        if field.name != "columns"
    )


def test_a_proxy_that_is_undefined_on_a_task_is_named(rows):
    undefined = (rows["proxy"] == "poor") & (rows["task"] == "cifar10")
    lacking = rows.assign(
        score=rows["score"].mask(undefined), status=rows["status"].where(~undefined, "undefined")
    )
    columns = analyse(lacking, higher_is_better=UP, resamples=10).columns
    assert columns["proxies_left_out"].tolist() == ["poor", "poor", "", ""]
    assert columns["left_out"].tolist() == [0] * 4


def test_writes_one_file_per_frame(analysis, tmp_path):
    analysis.write(tmp_path / "new")
    names = {field.name for field in dataclasses.fields(analysis)}
    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"{name}.csv" for name in names}
    for name in names:
        written = pd.read_csv(
            tmp_path / "new" / f"{name}.csv", keep_default_na=False, na_values=[""]
        )
        frame = getattr(analysis, name)
        assert list(written) == list(frame)
        numbers = list(frame.select_dtypes("number"))
        np.testing.assert_allclose(written[numbers], frame[numbers], rtol=1e-5, atol=1e-5)
    assert b"\r" not in (tmp_path / "new" / "pairs.csv").read_bytes()


@pytest.mark.data
def test_published_scores_of_nas_bench_201(shared_folder):
    """The thirteen published proxies on NAS-Bench-201.

    What the paper says of them must come out.
    """
    with gzip.open(
        shared_folder / "reference" / "early_zc_nasbench201__6639fd1579.csv.gz", "rt"
    ) as file:
        published = pd.read_csv(file, comment="#").drop_duplicates(["dataset", "arch"])
    tidy = published.melt(["dataset", "arch", "val_accuracy"], var_name="proxy", value_name="score")
    tidy = tidy.rename(
        columns={"dataset": "task", "arch": "architecture", "val_accuracy": "truth"}
    ).assign(space="nb201", seed=0)
    tidy["status"] = np.where(np.isfinite(tidy["score"]), "done", "invalid")
    tidy["score"] = tidy["score"].where(tidy["status"] == "done")
    result = analyse(
        tidy, higher_is_better=dict.fromkeys(tidy["proxy"].unique(), True), resamples=200
    )
    pairs = result.pairs.set_index(["task", "proxy", "other"])
    assert math.isclose(pairs.loc[("cifar10", "plain", "synflow"), "p_holm"], 0, abs_tol=1e-6)
    assert pairs.loc[("cifar10", "plain", "synflow"), "difference"] < -0.5
    agreed = result.agreement.set_index(["task", "proxy", "other"])["spearman"]
    assert agreed["cifar10", "snip", "grad_norm"] > 0.95
    assert agreed["cifar10", "params", "flops"] > 0.95
