"""The contents of a store: trials with scores and costs, and what the scores depend on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zc_bench.engine.scores import Score, Status
from zc_bench.store.fingerprint import common_settings

# Task and seed: what architectures are drawn for.
Draw = tuple[str, int]

AGAIN = (Status.FAILED, Status.OUT_OF_MEMORY)
"""The statuses of scores that a later run computes again."""


@dataclass(frozen=True, order=True, slots=True)
class TrialKey:
    """What a trial is, by name."""

    task: str
    architecture: str
    seed: int


@dataclass(slots=True)
class Row:
    """What is known of one trial.

    Attributes:
        scores: by column, "proxy@version".
        pass_seconds: seconds by pass.
        pass_peak_bytes: by pass, see `zc_bench.engine.JobResult`; passes whose memory was not
            measured are absent.
    """

    scores: dict[str, Score] = field(default_factory=dict)
    pass_seconds: dict[str, float] = field(default_factory=dict)
    pass_peak_bytes: dict[str, int] = field(default_factory=dict)

    def update(self, later: "Row") -> None:
        """Take what is known later instead of what was known before.

        What it does not speak of stays.
        """
        self.scores.update(later.scores)
        self.pass_seconds.update(later.pass_seconds)
        self.pass_peak_bytes.update(later.pass_peak_bytes)


@dataclass
class Contents:
    """Everything in a store.

    Attributes:
        fingerprints: what its scores depend on, by column.
        provenance: who computed it last and from what: spec, environment, ground truth and images.
        trials: what is known, by trial.
        drawn: the architectures that a run drew, in the order in which they were drawn, by task and
            seed.
        other_provenance: the same of others who computed scores of this store, each once.
    """

    fingerprints: dict[str, dict[str, dict[str, Any]]]
    provenance: dict[str, Any]
    trials: dict[TrialKey, Row] = field(default_factory=dict)
    drawn: dict[Draw, tuple[str, ...]] = field(default_factory=dict)
    other_provenance: list[dict[str, Any]] = field(default_factory=list)

    @property
    def protocol(self) -> dict[str, Any]:
        """The settings of which all columns that depend on them say the same."""
        return common_settings(self.fingerprints)

    @property
    def space(self) -> str:
        """The search space; empty where no column names it."""
        return str(self.protocol.get("space", ""))

    def fingerprints_in_use(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return what scores depend on, of columns and tasks that have scores.

        Nothing else can contradict anybody.
        """
        used = {(column, key.task) for key, trial in self.trials.items() for column in trial.scores}
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for column, task in sorted(used):
            for section, said in self.fingerprints.get(column, {}).items():
                if section in ("protocol", task):
                    found.setdefault(column, {})[section] = said
        return found

    def add(self, key: TrialKey, trial: Row) -> None:
        """Add what is known later of a trial."""
        self.trials.setdefault(key, Row()).update(trial)

    def columns(self) -> list[str]:
        """Return the columns for which some trial has a score, in alphabetical order."""
        return sorted({column for trial in self.trials.values() for column in trial.scores})

    def frame(self) -> pd.DataFrame:
        """Return one row per trial and score.

        Returns:
            The columns task, architecture, seed, proxy, version, score, status, reason, seconds.
        """
        # A column at a time: a million rows as tuples would be four times the memory.
        counts = [len(trial.scores) for trial in self.trials.values()]
        columns = [column for trial in self.trials.values() for column in trial.scores]
        scores = [score for trial in self.trials.values() for score in trial.scores.values()]
        parts = {column: split_column(column) for column in set(columns)}
        return pd.DataFrame(
            {
                "task": _repeated((key.task for key in self.trials), counts),
                "architecture": _repeated((key.architecture for key in self.trials), counts),
                "seed": np.repeat(np.array([key.seed for key in self.trials], np.int64), counts),
                "proxy": _texts(parts[column][0] for column in columns),
                "version": np.array([parts[column][1] for column in columns], np.int64),
                "score": np.array([score.value for score in scores], np.float64),
                "status": _texts(_WORDS[score.status] for score in scores),
                "reason": _texts(score.reason for score in scores),
                "seconds": np.array([score.seconds for score in scores], np.float64),
            }
        )


_WORDS: Mapping[Status, str] = {status: status.value for status in Status}


def column_name(proxy: str, version: int) -> str:
    """Name the column of a proxy's version."""
    return f"{proxy}@{version}"


def split_column(column: str) -> tuple[str, int]:
    """Return proxy and version of a column; `column_name` leads back."""
    name, _, version = column.rpartition("@")
    return name, int(version)


def _texts(values: Iterable[str]) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def _repeated(values: Iterable[str], counts: list[int]) -> NDArray[np.object_]:
    # Of references to the same few strings.
    return np.repeat(_texts(values), counts)
