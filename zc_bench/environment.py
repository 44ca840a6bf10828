"""What a run was computed on: versions and hardware, for the record."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from zc_bench.kernels import pattern_count

_PACKAGES = ("zc-bench", "torch", "numpy", "scipy", "numba", "triton", "h5py")


def environment(device: torch.device) -> dict[str, Any]:
    """Describe versions and hardware.

    Args:
        device: where networks run.

    Returns:
        Names and values, fit for JSON.
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


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """Name the processor; Linux keeps it in a file, elsewhere platform knows."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
