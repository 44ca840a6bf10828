"""The Triton kernels: interpreted on the CPU, compiled for two generations of devices, and run where there is one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from cases import KEYS, as_words, expect_as_reference, in_one_bucket, layouts, rectified

from zc_bench.kernels import pattern_count

pytest.importorskip("triton", reason="needs Triton: pip install 'zc-bench[triton]'")

from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile  # noqa: A004

from zc_bench.kernels.pattern_count import triton as kernels

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

gpu = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available(), reason="needs a CUDA device, and there is none here"
    ),
]


def test_the_interpreter_agrees_with_the_reference() -> None:
    environment = {**os.environ, "TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        HERE / "interpreted.py",
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout


# Compiled


def assembly(kernel: Any, capability: int, arguments: dict[str, Any], warps: int) -> str:
    """Compile a kernel, down to machine code, and return its PTX.

    Arguments that are numbers are constants: Triton treats sizes and strides of one like that, too.
    Of pointers and sizes that are multiples of 16 (marked by a colon and 16), Triton is told so, as
    it is by a launch.
    """
    signature = {
        name: "constexpr" if isinstance(kind, int) else kind.split(":")[0]
        for name, kind in arguments.items()
    }
    constants = {name: kind for name, kind in arguments.items() if isinstance(kind, int)}
    attributes = {
        (place,): [["tt.divisibility", 16]]
        for place, kind in enumerate(arguments.values())
        if isinstance(kind, str) and kind.endswith(":16")
    }
    source = ASTSource(kernel, signature, constants, attributes)
    compiled = compile(
        source, target=GPUTarget("cuda", capability, 32), options={"num_warps": warps}
    )
    assert compiled.asm["cubin"]
    ptx: str = compiled.asm["ptx"]
    return ptx


CAPABILITIES = pytest.mark.parametrize("capability", [80, 90], ids=["sm_80", "sm_90"])
# What launches give: sizes that fit 32 bits, strides of one, multiples of 16; and the largest, with
# odd strides.
SIZES = pytest.mark.parametrize("size", ["i32:16", "i64", 1], ids=["usual", "huge", "one unit"])


@CAPABILITIES
@SIZES
@pytest.mark.parametrize(
    ("integer", "infinity"), [("i16", 0x7F80), ("i32", 0xFF << 23), ("i64", 0x7FF << 52)]
)
def test_packing_compiles(capability: int, size: str | int, integer: str, infinity: int) -> None:
    dense = {"image_stride": size, "unit_stride": 1}
    strides = {"image_stride": "i64", "unit_stride": "i32"} if size == "i64" else dense
    arguments = {
        "bits": f"*{integer}:16",
        "words": "*i64:16",
        "images": 1 if size == 1 else "i32",
        "units": size,
        **strides,
        "count": "i32" if size == "i64" else 1,
        "INFINITY": infinity,
        "BLOCK": 1024,
    }
    ptx = assembly(kernels.pack_kernel, capability, arguments, warps=4)
    assert f".target sm_{capability}" in ptx
    # Neighbours in memory are read together: 16 bytes at once.
    assert ("ld.global.v" in ptx) == (size == "i32:16")


@CAPABILITIES
@SIZES
@pytest.mark.parametrize("words", [1, 2, 4])
def test_counting_compiles_to_compare_and_swap(
    capability: int, size: str | int, words: int
) -> None:
    arguments = {
        "words": "*i64:16",
        "table": "*i64:16",
        "found": "*i64:16",
        "units": size,
        "slots": "i64:16",
        "unit_stride": 1 if words == 1 else "i32",
        "word_stride": 1,
        "COUNT": words,
        "BLOCK": 128,
    }
    ptx = assembly(kernels.count_kernel, capability, arguments, warps=1)
    assert "atom.global.relaxed.gpu.cas.b64" in ptx
    assert "ld.volatile.global.b64" in ptx or "ld.volatile.global.v" in ptx
    # The zero word and the won swaps.
    assert "atom.global.gpu.relaxed.add.u64" in ptx


@CAPABILITIES
@SIZES
def test_coactivations_compile_to_integer_products_on_tensor_cores(
    capability: int, size: str | int
) -> None:
    arguments = {
        "words": "*i64:16",
        "counts": "*i64:16",
        "images": "i32",
        "units": size,
        "unit_stride": 1,
        "word_stride": "i64",
        "TILE": 32,
        "BLOCK": 128,
    }
    ptx = assembly(kernels.coactivations_kernel, capability, arguments, warps=4)
    assert ".s32.s8.s8.s32" in ptx


# On a device


class TestOnADevice:
    pytestmark = gpu

    @pytest.mark.parametrize("images", [1, 31, 32, 33, 63, 64, 65, 130])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
    def test_all_forms_agree(self, images: int, dtype: torch.dtype) -> None:
        for units in (0, 1, 2, 127, 1024, 1031, 100_003):
            values = rectified(images, units, images + units, 1 + units // 3).to("cuda", dtype)
            expect_as_reference(kernels, values)
            words = pattern_count.pack(values)
            assert torch.equal(words.cpu(), pattern_count.pack(values.cpu()))
            assert pattern_count.count_distinct(words) == pattern_count.count_distinct(words.cpu())
            counts = pattern_count.coactivations(words, images)
            assert torch.equal(counts.cpu(), pattern_count.coactivations(words.cpu(), images))

    @pytest.mark.parametrize("words", [1, 3])
    def test_keys_that_would_fool_a_hash_table(self, words: int) -> None:
        for keys in KEYS.values():
            rows = as_words([[key] * words for key in keys]).reshape(len(keys), words)
            assert kernels.count_distinct(rows.cuda()) == len(set(keys))

    @pytest.mark.parametrize("shift", [0, 20, 44])
    def test_keys_of_one_bucket(self, shift: int) -> None:
        keys = in_one_bucket(3000, shift).cuda()
        assert kernels.count_distinct(torch.cat([keys, keys])) == 3000

    @pytest.mark.parametrize("distinct", [1, 1000, 2**22])
    @pytest.mark.parametrize("words", [1, 2])
    def test_millions_of_equal_patterns_race_for_their_slots(
        self, words: int, distinct: int
    ) -> None:
        numbers = torch.arange(2**23, device="cuda") % distinct
        rows = (
            numbers[torch.randperm(len(numbers), device="cuda")][:, None]
            .expand(-1, words)
            .contiguous()
        )
        assert [kernels.count_distinct(rows) for _ in range(5)] == [distinct] * 5

    def test_every_memory_layout_gives_the_same_patterns(self) -> None:
        for values in layouts().values():
            words = pattern_count.pack(values.cuda())
            assert sorted(words.tolist()) == sorted(pattern_count.pack(values).tolist())
