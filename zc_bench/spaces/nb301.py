"""NAS-Bench-301: the cells of DARTS in a network of eight (Zela et al. 2022, arXiv:2008.09777).

The network is that of NAS-Bench-Suite-Zero, whose scores are published: 32 channels, no auxiliary classifier, batch
normalisation without scale and shift in the cells' operations.
"""

from zc_bench.spaces.base import spaces
from zc_bench.spaces.darts_network import Skeleton
from zc_bench.spaces.darts_space import DartsSpace

spaces.register("nb301", DartsSpace("nb301", {"cifar10": Skeleton(width=32, cells=8, affine=False)}))
