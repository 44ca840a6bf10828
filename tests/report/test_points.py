"""Points against the rows that they come from."""

import json

import pytest

from zc_bench.report.points import points

PROXIES = ["zen", "snip", "zico", "params"]


def test_every_point_is_a_row(findings):
    columns = points(findings.rows, PROXIES, 1000)
    assert [(column["space"], column["task"], column["of"]) for column in columns] == [
        ("nb201", "cifar10", 40),
        ("nb201", "cifar100", 40),
        ("tnb101_macro", "jigsaw", 5),
    ]
    rows = findings.rows.set_index(["task", "architecture", "seed", "proxy"])
    seen = 0
    for column in columns:
        for place, (key, seed) in enumerate(
            zip(column["architectures"], column["seeds"], strict=True)
        ):
            for proxy, scores in zip(PROXIES, column["scores"], strict=True):
                row = rows.loc[(column["task"], key, seed, proxy)]
                shown = scores[place]
                assert (shown is None) == (row["status"] != "done")
                assert shown is None or shown == pytest.approx(row["score"], rel=5e-5)
                seen += 1
    assert seen == len(findings.rows)


def test_unknown_truth_is_none(findings):
    truths = [column["truth"] for column in points(findings.rows, PROXIES, 1000)]
    assert truths[2] == [None] * 5
    assert None not in truths[0]


def test_of_many_points_the_same_few_are_drawn(findings):
    first, second = (points(findings.rows, PROXIES, 7)[0] for _ in range(2))
    assert first == second
    assert len(first["architectures"]) == len(first["truth"]) == len(first["scores"][0]) == 7
    whole = points(findings.rows, PROXIES, 1000)[0]
    every = list(
        zip(whole["architectures"], whole["seeds"], whole["truth"], *whole["scores"], strict=True)
    )
    some = list(
        zip(first["architectures"], first["seeds"], first["truth"], *first["scores"], strict=True)
    )
    assert [point for point in every if point in some] == some


def test_numbers_are_short(findings):
    text = json.dumps(points(findings.rows, PROXIES, 1000)[0]["scores"], allow_nan=False)
    assert max(len(number) for number in text.replace("[", "").replace("]", "").split(", ")) <= len(
        "-1234500.0"
    )
