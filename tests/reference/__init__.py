"""Twins: every proxy once more, slow and plain, from its definition, as a second opinion.

A twin takes a case and returns the score, or None where the definition has no finite value. Twins
may loop where the harness does not, run the network as often as they like, and change a copy of it;
they share no code with the passes.
"""

from reference.az_expressivity import az_expressivity
from reference.az_progressivity import az_progressivity
from reference.az_trainability import az_trainability
from reference.depth import depth
from reference.dextr import dextr
from reference.epe_nas import epe_nas
from reference.epsinas import epsinas
from reference.fisher import fisher
from reference.flops import flops
from reference.grad_norm import grad_norm
from reference.gradsign import gradsign
from reference.grasp import grasp
from reference.jacov import jacov
from reference.l2_norm import l2_norm
from reference.l_swag import l_swag
from reference.layers import layers
from reference.linear_regions import linear_regions
from reference.meco import meco
from reference.meco_opt import meco_opt
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
from reference.width import width
from reference.wrcor import wrcor
from reference.zen import zen
from reference.zico import zico

TWINS = {
    "az_expressivity": az_expressivity,
    "az_progressivity": az_progressivity,
    "az_trainability": az_trainability,
    "depth": depth,
    "dextr": dextr,
    "epe_nas": epe_nas,
    "epsinas": epsinas,
    "fisher": fisher,
    "flops": flops,
    "grad_norm": grad_norm,
    "gradsign": gradsign,
    "grasp": grasp,
    "jacov": jacov,
    "l2_norm": l2_norm,
    "l_swag": l_swag,
    "layers": layers,
    "linear_regions": linear_regions,
    "meco": meco,
    "meco_opt": meco_opt,
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
    "width": width,
    "wrcor": wrcor,
    "zen": zen,
    "zico": zico,
}
