"""Protocols by name."""

from zc_bench.registry import Registry
from zc_bench.spec import Protocol

presets: Registry[Protocol] = Registry("preset")
# The text of the SWAP-NAS paper, which follows NAS-Bench-Suite-Zero but for the size of the batch.
presets.register("swap-paper", Protocol())
# The release of NAS-Bench-Suite-Zero on NAS-Bench-201 and 301.
presets.register("suite-zero", Protocol(batch_size=64))
# The code that the authors of SWAP-NAS published.
presets.register("swap-repo", Protocol(batch_size=16, augment=False, weights="normal", repeats=32, size_unit="K"))
