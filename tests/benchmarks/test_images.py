"""Sources of images compared: the same trials, differences as scipy finds them, crops of pictures."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from PIL import Image

import images
from zc_bench.errors import ZcBenchError


def rows(generator: np.random.Generator, noise: float) -> pd.DataFrame:
    """Scores of three proxies, 30 architectures, two seeds; params is the same in every source."""
    frames = []
    for seed in (0, 1):
        shared = np.random.default_rng(seed)
        truth, size = shared.normal(size=30), shared.normal(size=30)
        scores = {"params": size, "swap": truth + noise * generator.normal(size=30)}
        frames += [
            pd.DataFrame({"score": score, "truth": truth}).assign(
                space="nb201",
                task="cifar10",
                seed=seed,
                proxy=proxy,
                status="done",
                architecture=[f"a{place}" for place in range(30)],
            )
            for proxy, score in scores.items()
        ]
    return pd.concat(frames, ignore_index=True)


@pytest.fixture
def scores() -> dict[str, pd.DataFrame]:
    generator = np.random.default_rng(5)
    return {"real": rows(generator, 0.5), "noise": rows(generator, 2.0)}


def test_differences_are_those_of_scipy(scores: dict[str, pd.DataFrame]) -> None:
    compared = images.differences(scores).set_index("proxy")

    def rho(source: str, seed: int, other: str = "truth") -> float:
        part = scores[source].query(f"proxy == 'swap' and seed == {seed}")
        second = part["truth"]
        if other != "truth":
            second = scores[other].query(f"proxy == 'swap' and seed == {seed}")["score"]
        return float(scipy.stats.spearmanr(part["score"], second).statistic)

    expected = np.mean([rho("noise", seed) - rho("real", seed) for seed in (0, 1)])
    assert compared.loc["swap", "difference"] == pytest.approx(expected)
    agreement = np.mean([rho("noise", seed, "real") for seed in (0, 1)])
    assert compared.loc["swap", "rank"] == pytest.approx(agreement)
    assert compared.loc["params", "rank"] == pytest.approx(1)


def test_the_page_leaves_out_what_no_source_changes(scores: dict[str, pd.DataFrame]) -> None:
    page = images.page(scores, images.differences(scores))
    assert "left out: `params`" in page
    assert "same 30 architectures" in page
    assert "| swap | noise | -0." in page
    assert images.draw(images.differences(scores)).axes[0].get_xticklabels()[0].get_text() == "swap"


def test_crops_are_squares_of_the_pictures(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 200))):
        Image.new("RGB", (90, 40), colour).save(tmp_path / f"{name}.png")
    monkeypatch.setattr(
        images, "_photographs", lambda: [tmp_path / "red.png", tmp_path / "blue.png"]
    )
    assert images.crop_photographs(tmp_path / "crops.npz") == 40
    with np.load(tmp_path / "crops.npz") as found:
        assert found["images"].shape == (40, 32, 32, 3)
        for label, colour in ((0, (200, 0, 0)), (1, (0, 0, 200))):
            assert (found["images"][found["labels"] == label] == colour).all()


def test_stores_without_a_common_trial_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter([rows(np.random.default_rng(0), 1).assign(seed=seed) for seed in (0, 1)])

    class Source:
        def rows(self) -> pd.DataFrame:
            return next(found)

    monkeypatch.setattr(images, "read_sources", lambda _paths: [Source()])
    with pytest.raises(ZcBenchError, match=r"No cifar10 trial is in all of one\.h5, two\.h5"):
        images.scores_by_source({"real": "one.h5", "noise": "two.h5"})
