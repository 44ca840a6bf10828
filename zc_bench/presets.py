"""Protocols by name."""

from zc_bench.registry import Registry
from zc_bench.spec import Protocol

presets: Registry[Protocol] = Registry("preset")
# The text of the SWAP-NAS paper. It follows NAS-Bench-Suite-Zero except for the batch size.
presets.register("swap-paper", Protocol())
# The release of NAS-Bench-Suite-Zero on NAS-Bench-201 and 301.
presets.register("suite-zero", Protocol(batch_size=64))
# The code that the authors of SWAP-NAS published.
presets.register(
    "swap-repo", Protocol(batch_size=16, augment=False, weights="normal", repeats=32, size_unit="K")
)
# A search on the space of one DARTS cell: batch size and size unit of the paper, images and weights
# of the published code. Eight networks instead of its 32: the spread over weights is then an eighth
# of the spread over architectures.
presets.register("swap-nas", Protocol(augment=False, weights="normal", repeats=8, size_unit="K"))
