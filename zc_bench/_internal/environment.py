"""The versions and the hardware of a run, for its record."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from zc_bench.kernels import pattern_count

_PACKAGES = ("zc-bench", "torch", "numpy", "scipy", "numba", "triton", "h5py")


def environment(device: torch.device) -> dict[str, Any]:
    """Describe versions and hardware.

    Args:
        device: the device of the networks.

    Returns:
        Names and values that JSON can hold.
    """
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "pattern_count": pattern_count.backend(device),
    }


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Name the differences that may change the last digits of scores: threads, device, torch.

    Args:
        before: an environment, or an empty one.
        now: another.

    Returns:
        "threads 2, now 1; ...", or an empty string where they are equal.
    """
    if not before:
        return ""
    facts = [(name, before.get(name), now.get(name)) for name in ("threads", "device")]
    facts.append(
        ("torch", before.get("packages", {}).get("torch"), now.get("packages", {}).get("torch"))
    )
    return "; ".join(f"{name} {old}, now {new}" for name, old, new in facts if old != new)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """Name the processor: from a file on Linux, elsewhere from the module `platform`."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
