"""Ours beside the published correlations."""

import re

import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from correlated import report_of
from zc_bench.errors import ZcBenchError
from zc_bench.paper.published import draw_published, published_data, read_published

TASKS = {
    "CF10": "cifar10", "CF100": "cifar100", "IMGNT": "imagenet16-120", "JIGSAW": "jigsaw",
    "SCENE": "class_scene", "OBJECT": "class_object", "AUTOENC": "autoencoder",
    "NORMAL": "normal", "ROOM": "room_layout", "SEGMENT": "segmentsemantic",
}  # fmt: skip


@pytest.mark.data
def test_the_table_that_comes_with_us_is_the_one_that_was_read(shared_folder):
    ours = read_published()
    read = pd.read_csv(
        shared_folder / "reference" / "suitezero_spearman_13x19.csv", comment="#", index_col="proxy"
    )
    read.columns = [
        "-".join((place.lower(), TASKS[task])) for place, task in (name.split("-") for name in read)
    ]
    assert ours.shape == read.shape == (13, 19)
    pd.testing.assert_frame_equal(ours.fillna(0), read, check_exact=True)
    undefined = ours.isna().stack()
    assert undefined.sum() == 12
    assert set(undefined[undefined].index.get_level_values(0)) == {"epe_nas", "synflow"}


class TestBeyondNoise:
    PUBLISHED = pd.DataFrame({"nb201-cifar10": [0.77]}, ["nwot"])

    def flag(self, rho, half):
        report = report_of([rho], [rho - half], [rho + half])
        return published_data(report, self.PUBLISHED, "a paper").table.iloc[0]

    def test_counts_our_interval(self):
        assert self.flag(0.87, 0.05)["beyond_noise"]
        assert not self.flag(0.87, 0.11)["beyond_noise"]

    def test_counts_rounding_and_their_interval(self):
        # Fisher's z has the variance (1 + 0.77^2 / 2) / 9997, so rho has a half-width of 0.0091
        # at 95 %; rounding adds 0.005.
        assert not self.flag(0.7838, 1e-9)["beyond_noise"]
        assert self.flag(0.7843, 1e-9)["beyond_noise"]

    def test_few_architectures_say_nothing(self):
        flags = [
            published_data(report_of([1.0], [1.0], [1.0], n=n), self.PUBLISHED, "").table.iloc[0][
                "beyond_noise"
            ]
            for n in (9, 10)
        ]
        assert flags == [False, True]

    def test_the_difference_is_signed(self):
        assert self.flag(0.7, 0.1)["difference"] == pytest.approx(-0.07)


def test_what_was_not_published_is_left_out():
    published = pd.DataFrame({"nb201-cifar10": [None, 0.5]}, ["nwot", "snip"], dtype=float)
    with pytest.raises(
        ZcBenchError, match="None of our correlations is in a paper: its proxies are nwot, snip"
    ):
        published_data(report_of([0.5]), published, "a paper")


@pytest.mark.parametrize(
    "text", ["name,nb201-cifar10\nswap,1\n", "proxy,nb201-cifar10\nswap,high\n"]
)
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(ZcBenchError, match=f"^{re.escape(str(path))} is no table of correlations"):
        read_published(path)


def test_the_picture_frames_what_is_beyond_noise():
    data = published_data(
        report_of([0.9]), pd.DataFrame({"nb201-cifar10": [-0.77]}, ["nwot"]), "a paper"
    )
    ours, theirs, difference = draw_published(data).axes
    assert [[text.get_text() for text in axes.texts] for axes in (ours, theirs, difference)] == [
        ["0.90"],
        ["−0.77"],
        ["1.67"],
    ]
    assert [
        sum(isinstance(patch, Rectangle) for patch in axes.patches)
        for axes in (ours, theirs, difference)
    ] == [
        0,
        0,
        1,
    ]
