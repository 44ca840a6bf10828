"""Stores of format 1, written as the versions that had it wrote them."""

import json

import h5py
import numpy as np

from zc_bench.engine.scores import Status

CODES = {status: code for code, status in enumerate(Status, start=1)}


def write_format1(path, identity, about, trials):
    """Write a store of format 1.

    Args:
        path: the file.
        identity: sections.
        about: who computed it.
        trials: scores by column, by (task, architecture, seed).
    """
    keys = sorted(trials)
    columns = sorted({column for scores in trials.values() for column in scores})
    with h5py.File(path, "w") as file:
        file.attrs["format"] = 1
        for name, value in (("identity", identity), ("about", about), ("others", [])):
            file.attrs[name] = json.dumps(value)
        texts = {"task": 0, "architecture": 1}
        for name, place in texts.items():
            values = np.array([key[place] for key in keys], object)
            file.create_dataset(f"trials/{name}", data=values, dtype=h5py.string_dtype())
        file["trials/seed"] = np.array([key[2] for key in keys], np.int64)
        for column in columns:
            found = [trials[key].get(column) for key in keys]
            file[f"scores/{column}/value"] = [np.nan if s is None else s.value for s in found]
            file[f"scores/{column}/seconds"] = [np.nan if s is None else s.seconds for s in found]
            codes = [0 if s is None else CODES[s.status] for s in found]
            file[f"scores/{column}/status"] = np.array(codes, np.uint8)
            reasons = np.array(["" if s is None else s.reason for s in found], object)
            file.create_dataset(f"scores/{column}/reason", data=reasons, dtype=h5py.string_dtype())


def journal_line(key, scores):
    """Return the line that a writer of format 1 appends for a trial."""
    values = {
        column: [None if np.isnan(s.value) else s.value, s.status, s.reason, s.seconds]
        for column, s in scores.items()
    }
    task, architecture, seed = key
    entry = {"task": task, "architecture": architecture, "seed": seed, "scores": values}
    return json.dumps({**entry, "passes": {"forward": 0.5}}) + "\n"
