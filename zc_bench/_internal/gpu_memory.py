"""How much memory a piece of work takes on GPUs, as torch's allocator counts it."""

import torch


class MemoryWatch:
    """Watches the memory on all GPUs from when it is made.

    On a CPU there is no such thing: what the system counts as the memory of the process hardly moves, because torch's
    allocator keeps what earlier work freed, and torch's profiler, which could tell, costs a tenth of a trial's time.
    """

    def __init__(self) -> None:
        devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]
        self._before = {device: torch.cuda.memory_allocated(device) for device in devices}
        for device in devices:
            torch.cuda.reset_peak_memory_stats(device)

    def rise(self) -> int | None:
        """Return by how many bytes memory rose at most, on the GPU where it rose most; None where no GPU is used."""
        peaks = {device: torch.cuda.max_memory_allocated(device) for device in self._before}
        return max(
            (peak - self._before[device] for device, peak in peaks.items() if peak), default=None
        )
