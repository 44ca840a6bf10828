"""The errors that mean that memory ran out."""

import weakref
from functools import partial

import numpy as np
import pytest
import torch

from zc_bench._internal.out_of_memory import give_memory_back, ran_out_of_memory


def allocate(what):
    try:
        what()
    except Exception as error:  # noqa: BLE001 - which class it has is the question
        return error
    return None


@pytest.mark.parametrize(
    "what",
    [
        lambda: torch.empty(10**15),
        lambda: np.empty(10**15),
        lambda: bytearray(10**15),
    ],
    ids=["torch", "numpy", "python"],
)
def test_a_petabyte_is_more_than_there_is(what):
    assert ran_out_of_memory(allocate(what))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (
            RuntimeError(
                "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"
            ),
            True,
        ),
        (RuntimeError("std::bad_alloc"), True),
        (OSError(12, "Cannot allocate memory"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory is what this is about"), False),
    ],
)
def test_which_errors_say_so(error, expected):
    assert ran_out_of_memory(error) == expected


class Failing(torch.autograd.Function):
    @staticmethod
    def forward(_, x):
        return x.clone()

    @staticmethod
    def backward(*_):
        message = "out of memory"
        raise RuntimeError(message)


def test_what_a_failed_backward_pass_has_left_is_freed():
    array = np.ones(3, np.float32)
    left = weakref.ref(array)

    def fail(array):
        leaf = torch.ones(3, requires_grad=True)
        product = leaf * torch.from_numpy(
            array
        )  # its backward waits in the queue, and needs the array
        (product + Failing.apply(leaf)).sum().backward()

    assert allocate(partial(fail, array))
    del array
    assert left() is not None  # if this fails, torch frees it by itself and the remedy can go
    with torch.inference_mode():
        give_memory_back()
    assert left() is None
