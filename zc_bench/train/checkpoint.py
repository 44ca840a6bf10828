"""Checkpoints: the state of a training after its last whole epoch."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from zc_bench._internal.files import explaining, replacing
from zc_bench.errors import ZcBenchError


def save(path: Path, identity: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        path: the file; an older checkpoint there is replaced.
        identity: the identity of the training, for JSON.
        state: plain data and tensors.
    """
    with explaining(path), replacing(path) as temporary:
        torch.save({"identity": _words(identity), **state}, temporary)


def load(path: Path, identity: Mapping[str, Any], device: torch.device) -> dict[str, Any] | None:
    """Read a checkpoint.

    Args:
        path: the file.
        identity: the identity of the training that continues.
        device: the device of its tensors.

    Returns:
        The state, or None if there is no file.

    Raises:
        ZcBenchError: if the file is damaged, or is the checkpoint of another training.
    """
    if not path.is_file():
        return None
    try:
        _expect_whole(path)
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        found = {**json.loads(state.pop("identity"))}
    except Exception as error:
        # zipfile, pickle and torch raise nearly anything on a damaged file.
        message = (
            f"{path} is no whole checkpoint ({type(error).__name__}): delete it, or choose another "
            "--out."
        )
        raise ZcBenchError(message) from error
    if differing := ", ".join(_differing(found, json.loads(_words(identity)))):
        message = (
            f"{path} is the checkpoint of another training, with other {differing}: choose another --out, or start "
            "over with --fresh."
        )
        raise ZcBenchError(message)
    return state


def _expect_whole(path: Path) -> None:
    """Compare every part of the archive with its checksum, which torch writes and does not read."""
    with zipfile.ZipFile(path) as archive:
        if (damaged := archive.testzip()) is not None:
            message = f"{damaged} does not match its checksum"
            raise zipfile.BadZipFile(message)


def _words(identity: Mapping[str, Any]) -> str:
    return json.dumps(identity, sort_keys=True)


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
