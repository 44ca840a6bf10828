"""Twins: every proxy once more, slow and plain, from its definition, as a second opinion.

A twin takes a case and returns the score, or None where the definition has no finite value. Twins
may loop where the harness does not, run the network as often as they like, and change a copy of it;
they share no code with the passes.
"""

from reference.epe_nas import epe_nas
from reference.fisher import fisher
from reference.flops import flops
from reference.grad_norm import grad_norm
from reference.gradsign import gradsign
from reference.grasp import grasp
from reference.jacov import jacov
from reference.l2_norm import l2_norm
from reference.l_swag import l_swag
from reference.linear_regions import linear_regions
from reference.near import near
from reference.ntk_condition import ntk_condition
from reference.nwot import nwot
from reference.params import params
from reference.plain import plain
from reference.reg_swap import reg_swap
from reference.snip import snip
from reference.swap import swap
from reference.synflow import synflow
from reference.vkdnw import vkdnw
from reference.zen import zen
from reference.zico import zico

TWINS = {
    "epe_nas": epe_nas,
    "fisher": fisher,
    "flops": flops,
    "grad_norm": grad_norm,
    "gradsign": gradsign,
    "grasp": grasp,
    "jacov": jacov,
    "l2_norm": l2_norm,
    "l_swag": l_swag,
    "linear_regions": linear_regions,
    "near": near,
    "ntk_condition": ntk_condition,
    "nwot": nwot,
    "params": params,
    "plain": plain,
    "reg_swap": reg_swap,
    "snip": snip,
    "swap": swap,
    "synflow": synflow,
    "vkdnw": vkdnw,
    "zen": zen,
    "zico": zico,
}
