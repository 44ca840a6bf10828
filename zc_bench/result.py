"""What comes of a run: scores beside the ground truth, and what they say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from zc_bench import figures
from zc_bench._internal.files import explaining, replacing, write_text
from zc_bench.report import find, read_sources, render
from zc_bench.spec import Experiment
from zc_bench.statistics.correlate import InvalidPolicy, Report, correlate
from zc_bench.statistics.pairs import compare


@dataclass(frozen=True, eq=False)
class Result:
    """The scores of one run or several, beside the ground truth.

    Attributes:
        experiment: the specs, their tasks and proxies resolved to names.
        scores: one row per score: space, task, architecture, seed, proxy, version, score, status,
            reason, seconds, truth.
        stores: the files that hold the scores, one per spec.
        provenance: per spec, who computed the scores and from what.
        invalid: what becomes of invalid scores in correlations, "worst" or "drop".
        interrupted: whether Ctrl-C or SIGTERM ended the run.
    """

    experiment: Experiment
    scores: pd.DataFrame
    stores: tuple[Path, ...]
    provenance: tuple[Mapping[str, Any], ...]
    invalid: InvalidPolicy = "worst"
    interrupted: bool = False

    @cached_property
    def ranking(self) -> Report:
        """The rank correlations with all their summaries."""
        return correlate(self.scores, invalid=self.invalid)

    @property
    def correlations(self) -> pd.DataFrame:
        """One row per space, task, proxy and seed.

        The columns are space, task, proxy, seed, n (trials), invalid, spearman, kendall, low and
        high (a bootstrap interval of spearman), missing, without_truth.
        """
        return self.ranking.correlations

    def spearman(self) -> pd.DataFrame:
        """Return the mean of Spearman's rho over seeds, proxies x "space-task", best first."""
        return self.ranking.spearman()

    def compare(self, proxy: str, other: str) -> pd.DataFrame:
        """Compare two proxies on the architectures that both have.

        Returns:
            One row per space and task: proxy, other, difference (of Spearman's rho, mean over
            seeds), low, high, p_value, n, seeds; see `zc_bench.statistics.pairs.compare`. More
            proxies at once: `zc_bench.compare`.

        Raises:
            ZcBenchError: if a proxy has no scores here.
        """
        return compare(self.scores, proxy, other, invalid=self.invalid)

    def heatmap(self) -> Figure:
        """Draw the rank correlations, proxies x columns, in the form of the paper's figure 4."""
        return figures.draw_heatmap(figures.heatmap_data(self.ranking))

    def report(self, path: str | Path) -> Path:
        """Write one page about the stores of the run, which needs no other file and no network.

        Args:
            path: the page, `page.html`.

        Returns:
            Its path.

        Raises:
            ZcBenchError: if it cannot be written.
        """
        page = Path(path)
        text = render(find(read_sources(self.stores), invalid=self.invalid))
        write_text(page, text)
        return page

    def save(self, folder: str | Path, *, per_space: bool | None = None) -> Path:
        """Write the correlations, the heat map, and how they came about.

        Args:
            folder: where to. It gets spearman.csv, correlations.csv, heatmap.png and heatmap.pdf;
                of one spec also run.json; of several experiment.toml, and a folder per space with
                the same files as for one.
            per_space: whether to write as for several specs; None does so where there are several.

        Returns:
            The folder.

        Raises:
            ZcBenchError: if something cannot be written.
        """
        home = Path(folder)
        several = len(self.experiment.runs) > 1 if per_space is None else per_space
        if not several:
            _save(self.ranking, home, "run.json", _as_json(self.provenance[0]))
            return home
        _save(self.ranking, home, "experiment.toml", self.experiment.to_toml())
        for spec, provenance in zip(self.experiment.runs, self.provenance, strict=True):
            if (part := self.ranking.of_space(spec.space)) is not None:
                _save(part, home / spec.space, "run.json", _as_json(provenance))
        return home


def _save(ranking: Report, folder: Path, record: str, text: str) -> None:
    with explaining(folder):
        ranking.write(folder)
        figures.save(figures.draw_heatmap(figures.heatmap_data(ranking)), folder, "heatmap")
        with replacing(folder / record) as path:
            path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _as_json(provenance: Mapping[str, Any]) -> str:
    return json.dumps(provenance, indent=2, ensure_ascii=False) + "\n"
