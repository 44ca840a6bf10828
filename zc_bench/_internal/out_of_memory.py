"""Recognising that memory ran out, and freeing memory."""

import ctypes
import gc
import sys

import torch

# The errors of main memory and of NVIDIA's libraries have no class of their own.
_WORDS = (
    "DefaultCPUAllocator",
    "bad_alloc",
    "Cannot allocate memory",
    "ALLOC_FAILED",
    "out of memory",
)


def ran_out_of_memory(error: Exception) -> bool:
    """Return whether an error means that main memory, or the memory of a GPU, ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError | OSError) and any(
        words in str(error) for words in _WORDS
    )


def give_memory_back() -> None:
    """Free cycles of references of failed work, and memory that torch and the C library keep."""
    gc.collect()
    # A failed backward pass leaves its unfinished nodes in a queue. The next backward pass of the
    # thread empties it.
    with torch.inference_mode(mode=False), torch.enable_grad():
        leaf = torch.zeros((), requires_grad=True)
        torch.autograd.grad(leaf.exp(), leaf)
    # Compiled kernels need memory that the C library has not reserved.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.empty_cache()
