"""What it looks like when memory runs out, and what there is to do about it."""

import ctypes
import gc
import sys

import torch

# Main memory and NVIDIA's libraries have no error class of their own.
_WORDS = (
    "DefaultCPUAllocator",
    "bad_alloc",
    "Cannot allocate memory",
    "ALLOC_FAILED",
    "out of memory",
)


def ran_out_of_memory(error: Exception) -> bool:
    """Say whether an error means that main memory, or that of a GPU, ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError | OSError) and any(
        words in str(error) for words in _WORDS
    )


def give_memory_back() -> None:
    """Free what failed work has left in circles of references, and what torch and the C library keep for later."""
    gc.collect()
    # A backward pass that failed leaves what it had not come to in a queue, which the next one of the thread empties.
    with torch.inference_mode(mode=False), torch.enable_grad():
        leaf = torch.zeros((), requires_grad=True)
        torch.autograd.grad(leaf.exp(), leaf)
    # Compiled kernels need memory that the library has not reserved for itself.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.empty_cache()
