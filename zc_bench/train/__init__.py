"""Training of found networks, as in DARTS (Liu et al. 2019, arXiv:1806.09055, appendix A)."""

from zc_bench.train.data import Data, find_data
from zc_bench.train.recipe import Recipe, recipes
from zc_bench.train.run import Plan, train
from zc_bench.train.trainer import Epoch, Trainer

__all__ = ["Data", "Epoch", "Plan", "Recipe", "Trainer", "find_data", "recipes", "train"]
