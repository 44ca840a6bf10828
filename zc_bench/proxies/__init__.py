"""Proxies: pure reductions of observations to one number; importing this package registers those that come with it."""

from zc_bench.proxies import (
    epe_nas,
    fisher,
    flops,
    grad_norm,
    jacov,
    l2_norm,
    nwot,
    params,
    plain,
    reg_swap,
    snip,
    swap,
)

__all__ = [
    "epe_nas",
    "fisher",
    "flops",
    "grad_norm",
    "jacov",
    "l2_norm",
    "nwot",
    "params",
    "plain",
    "reg_swap",
    "snip",
    "swap",
]
