"""Transformers that were trained by the hundred: FlexiBERT, AutoFormer-Ti, PiT-Ti."""

from zc_bench.spaces.transformers import autoformer_ti, flexibert, pit_ti

__all__ = ["autoformer_ti", "flexibert", "pit_ti"]
