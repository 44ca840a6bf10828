"""Stores to report on: one with ground truth and every status, one without ground truth."""

from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, browsing
from made_stores import contents_of, keys_of, write_store

from zc_bench.report import Source, find, render
from zc_bench.tables import Table


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    keys = sorted(keys_of("nb201"))
    truth = np.random.default_rng(2).normal(size=len(keys))
    table = Table(
        "nb201",
        keys,
        {"cifar10": 50 + truth, "cifar100": 30 - truth},
        {"source": "a & b", "file": "x", "holds": "y"},
    )
    known = contents_of("nb201", ["cifar10", "cifar100"], dict(zip(keys, truth, strict=True)))
    unknown = contents_of(
        "tnb101_macro", ["jigsaw"], dict.fromkeys(keys_of("tnb101_macro", 5), 1.0), seeds=1
    )
    return [
        Source((write_store(folder / "one.h5", known),), known, table),
        Source(
            (write_store(folder / "two.h5", unknown),), unknown, lacking="Nobody <trained> these."
        ),
    ]


@pytest.fixture(scope="session")
def findings(sources):
    return find(sources, resamples=20)


@pytest.fixture(scope="session")
def page(findings):
    return render(findings)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browsing(CHROMIUM, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def file(page, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path
