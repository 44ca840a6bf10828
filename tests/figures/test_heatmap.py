"""The heat map: its data, its texts and where they stand, its files."""

import itertools
import math
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from zc_bench.figures import HeatmapData, draw_heatmap, heatmap_data, save
from zc_bench.statistics.correlate import Report

PROXIES = [f"proxy_{index:02}_long" for index in range(17)]
TNB101_TASKS = (
    "jigsaw",
    "class_scene",
    "class_object",
    "autoencoder",
    "normal",
    "room_layout",
    "segmentsemantic",
)
TASKS = [
    "nb101-cifar10",
    "nb201-cifar10",
    "nb201-cifar100",
    "nb201-imagenet16-120",
    "nb301-cifar10",
    *(f"tnb101_micro-{task}" for task in TNB101_TASKS),
    *(f"tnb101_macro-{task}" for task in TNB101_TASKS),
]


def make_report(proxies=3, tasks=TASKS[:2], seeds=2):
    """Make a report; the last proxy is undefined on the last task, if there are several of both."""
    generator = np.random.default_rng(0)
    cells = [
        {
            "space": space,
            "task": task,
            "proxy": proxy,
            "seed": seed,
            "n": 100 + seed,
            "spearman": rho,
        }
        | {"low": rho - 0.2, "high": rho + 0.2}
        for space, task in (name.split("-", 1) for name in tasks)
        for proxy in PROXIES[:proxies]
        for seed, rho in enumerate(generator.uniform(-1, 1, seeds))
    ]
    tidy = pd.DataFrame(cells)
    if proxies > 1 and len(tasks) > 1:
        space, task = tasks[-1].split("-", 1)
        undefined = (
            (tidy["space"] == space)
            & (tidy["task"] == task)
            & (tidy["proxy"] == PROXIES[proxies - 1])
        )
        tidy.loc[undefined, ["spearman", "low", "high", "n"]] = [math.nan, math.nan, math.nan, 0]
    return Report(tidy, "worst", 0.95)


def heatmap(report):
    return draw_heatmap(heatmap_data(report))


def settings():
    """Return matplotlib's settings, but the backend: looking at that one is enough to choose it."""
    return {name: value for name, value in mpl.rcParams.copy().items() if name != "backend"}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_what_a_reader_must_know_of_the_ground_truth_stands_in_lines_below_the_title():
    remark = (
        "The ground truth of nb201 is your own, named for this run (mine.csv): "
        "cifar10 of 3, cifar100 of 5 networks."
    )
    figure = heatmap(replace(make_report(), remarks=(remark,)))
    written = [text.get_text() for text in figure.axes[0].texts if isinstance(text, Annotation)]
    assert " ".join(line for line in written if line in remark) == remark
    assert max(map(len, written)) <= 80
    assert remark.split()[0] not in "".join(text for text in texts(heatmap(make_report()).axes[0]))


class TestData:
    def test_tables_are_those_of_the_report(self):
        report = make_report()
        data = heatmap_data(report)
        pd.testing.assert_frame_equal(data.means, report.spearman())
        pd.testing.assert_frame_equal(data.spreads, report.spread())
        pd.testing.assert_frame_equal(data.counts, report.counts())

    def test_seeds_are_counted_where_there_is_a_rho(self):
        data = heatmap_data(make_report())
        assert data.seeds.loc[PROXIES[0]].tolist() == [2, 2]
        assert data.seeds.loc[PROXIES[2], TASKS[1]] == 0
        assert data.behind == {(100, 2)}

    def test_columns_may_have_seeds_of_their_own(self):
        tidy = make_report(seeds=3).correlations
        fewer = tidy[(tidy["space"] == "nb101") | (tidy["seed"] == 0)]
        assert heatmap_data(Report(fewer, "worst", 0.95)).behind == {(100, 3), (100, 1)}

    def test_nothing_is_defined(self):
        report = make_report(seeds=1)
        data = heatmap_data(
            Report(report.correlations.assign(spearman=math.nan, n=0), "worst", 0.95)
        )
        assert data.behind == set()
        draw_heatmap(data)

    def test_marks_of_published_values_are_put_in_order_and_unknown_ones_are_false(self):
        table = pd.DataFrame(
            {"proxy": [PROXIES[1]], "column": [TASKS[1]], "beyond_noise": [True], "n": [9]}
        )
        marks = heatmap_data(make_report(), table).beyond_noise
        assert marks.loc[PROXIES[1], TASKS[1]]
        assert marks.to_numpy().sum() == 1

    def test_marks_follow_the_interval(self):
        report = make_report()
        data = heatmap_data(report)
        seeds = report.correlations.groupby(["space", "task", "proxy"])[["low", "high"]].mean()
        for (space, task, proxy), (low, high) in seeds.iterrows():
            assert data.zero_inside.loc[proxy, f"{space}-{task}"] == (low <= 0 <= high)
        assert data.zero_inside.to_numpy().any()
        assert not data.zero_inside.to_numpy().all()


class TestDrawing:
    def data(self, means, spreads, *, counts=(100, 100), seeds=(2, 2), **more):
        tables = [
            pd.DataFrame([values], index=["swap"], columns=TASKS[1:3])
            for values in (means, spreads, counts, seeds)
        ]
        return HeatmapData(*tables, **more)

    def test_cells_tell_mean_and_spread(self):
        axes = draw_heatmap(self.data([-0.456, -0.001], [0.05, 0.123])).axes[0]
        assert texts(axes)[:4] == ["−0.46", "±0.05", "0.00", "±0.12"]

    def test_one_seed_has_no_spread(self):
        data = self.data([0.9, 0.1], [math.nan] * 2, seeds=(1, 1), counts=(7, 7))
        axes, bar = draw_heatmap(data).axes
        assert texts(axes) == ["0.90", "0.10", "nb201", "n = 7 architectures per seed, one seed"]
        assert bar.get_ylabel() == "Spearman's rank correlation\n(one seed)"

    def test_undefined_cells_are_hatched_and_empty(self):
        axes = draw_heatmap(self.data([0.9, math.nan], [0.1, math.nan])).axes[0]
        facts = "n = 100 architectures per seed, 2 seeds; hatched: undefined"
        assert texts(axes) == ["0.90", "±0.10", "nb201", facts]
        (hatched,) = (
            patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_hatch()
        )
        assert hatched.get_xy() == (1, 0)

    def test_cells_tell_architectures_and_seeds_where_they_differ(self):
        data = self.data([0.9, 0.1], [0.1, 0.2], counts=(20, 100), seeds=(2, 5))
        axes, bar = draw_heatmap(data).axes
        assert texts(axes)[:6] == ["0.90", "±0.10", "20×2", "0.10", "±0.20", "100×5"]
        facts = "n = 20 to 100 architectures per seed, 2 to 5 seeds; in the cells: "
        assert texts(axes)[-1] == facts + "architectures×seeds"
        assert bar.get_ylabel() == "Spearman's rank correlation\n(mean over 2 to 5 seeds)"

    def test_marks_stand_in_the_corners_and_are_explained(self):
        first, second = (
            pd.DataFrame([marks], ["swap"], TASKS[1:3]) for marks in ([True, True], [False, True])
        )
        data = self.data([math.nan, 0.1], [math.nan, 0.1], zero_inside=first, beyond_noise=second)
        axes = draw_heatmap(data).axes[0]
        circles, triangles = axes.collections[-2:]
        assert circles.get_offsets().tolist() == [[1.1, 0.13]]  # none on what is undefined
        assert triangles.get_offsets().tolist() == [[1.9, 0.13]]
        assert texts(axes)[-2:] == [
            "circle: the interval of the mean contains 0",
            "triangle: differs from the published value beyond noise",
        ]

    def test_colours_are_centred_at_zero(self):
        mesh = draw_heatmap(self.data([0.9, 0.1], [0.1, 0.1])).axes[0].collections[0]
        assert mesh.get_clim() == (-1, 1)

    def test_labels_name_proxies_and_tasks_in_order(self):
        report = make_report(proxies=17, tasks=TASKS)
        axes, bar = heatmap(report).axes
        assert [label.get_text() for label in axes.get_yticklabels()] == list(
            report.spearman().index
        )
        shown = [label.get_text() for label in axes.get_xticklabels()]
        assert shown == [name.replace("-", "\n", 1) for name in report.spearman().columns]
        assert bar.get_ylabel() == "Spearman's rank correlation\n(mean over 2 seeds)"

    @pytest.mark.parametrize(
        "shape", [(17, 19), (17, 13), (12, 3), (1, 1), (12, 1), (1, 19), (2, 7)]
    )
    @pytest.mark.parametrize("uneven", [False, True])
    def test_nothing_overlaps(self, shape, uneven):
        rows, columns = shape
        data = heatmap_data(make_report(proxies=rows, tasks=TASKS[-columns:]))
        if uneven:
            data.counts.iloc[0, 0] = 1000
        figure = draw_heatmap(data)
        FigureCanvasAgg(figure).draw()
        axes, bar = figure.axes
        inside = [text for text in axes.texts if not isinstance(text, Annotation)]
        in_cells = [text.get_window_extent() for text in axes.texts]
        shifted = [
            axes.get_window_extent(),
            *(label.get_window_extent() for label in axes.get_yticklabels()),
        ]
        rigid = [*in_cells, bar.get_tightbbox()]
        assert not any(one.overlaps(other) for one, other in itertools.combinations(rigid, 2))
        assert not any(one.overlaps(other) for one, other in itertools.combinations(shifted, 2))
        assert not axes.get_window_extent().overlaps(bar.get_tightbbox())
        cell_width = axes.get_window_extent().width / columns
        assert all(text.get_window_extent().width < cell_width for text in inside)
        assert not labels_overlap(axes)

    def test_the_figure_grows_with_both(self):
        small, tall, wide = (
            heatmap(make_report(proxies=rows, tasks=TASKS[:columns])).get_size_inches()
            for rows, columns in ((6, 8), (12, 8), (6, 16))
        )
        assert tall[1] > small[1]
        assert tall[0] == small[0]
        assert wide[0] > small[0]

    def test_no_global_state_is_touched(self):
        before = settings()
        heatmap(make_report())
        assert settings() == before
        assert plt.get_fignums() == []

    def test_the_users_settings_make_no_difference(self, tmp_path):
        (one, _) = save(heatmap(make_report()), tmp_path, "one")
        with mpl.rc_context(
            {"font.size": 20, "axes.facecolor": "black", "axes.grid": True, "savefig.dpi": 50}
        ):
            (other, _) = save(heatmap(make_report()), tmp_path, "other")
        assert one.read_bytes() == other.read_bytes()


def labels_overlap(axes):
    """Return whether tick labels of the columns, upright or aslant, touch their neighbours."""
    labels = axes.get_xticklabels()
    angle = math.radians(labels[0].get_rotation())
    step = axes.get_window_extent().width / len(labels)
    for label in labels:
        label.set_rotation(0)
    boxes = [label.get_window_extent() for label in labels]
    if angle == 0:
        return any(one.overlaps(other) for one, other in itertools.pairwise(boxes))
    return max(box.height for box in boxes) > step * math.sin(angle)


class TestSave:
    def test_files_are_a_sharp_png_and_a_pdf_with_embedded_fonts(self, tmp_path):
        figure = heatmap(make_report())
        png, pdf = save(figure, tmp_path / "new", "heatmap")
        assert [path.name for path in sorted((tmp_path / "new").iterdir())] == [
            "heatmap.pdf",
            "heatmap.png",
        ]
        pixels = plt.imread(png).shape
        assert pixels[1] > 200 * 3
        content = pdf.read_bytes()
        assert content.startswith(b"%PDF")
        assert b"/FontFile2" in content
        assert b"/Type3" not in content
        assert b"CreationDate" not in content

    def test_same_report_same_bytes(self, tmp_path):
        first, second = (
            save(heatmap(make_report()), tmp_path, name) for name in ("first", "second")
        )
        for one, other in zip(first, second, strict=True):
            assert one.read_bytes() == other.read_bytes()
