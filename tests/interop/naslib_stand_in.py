"""A stand-in for NASLib.

The part of its public interface that is relied on, with its peculiarities.

Its graphs are modules and networkx graphs at once. They have no modules until they are parsed, call
`op.forward(x)` without hooks of the op, and are equal where names and scopes are.
"""

import copy
import random
import sys
from types import ModuleType

import networkx as nx
import torch
from torch import nn


class Predictor:
    def __init__(self):
        self.encoding = None
        self.ss_type = None

    def set_ss_type(self, ss_type):
        self.ss_type = ss_type

    def pre_process(self): ...

    def fit(self, xtrain, ytrain): ...

    def query(self, xtest, info): ...

    def requires_partial_training(self, xtest): ...


class Graph(nx.DiGraph, nn.Module):
    def __init__(self):
        super().__init__()
        nn.Module.__init__(self)
        self.name = None
        self.scope = None
        self.is_parsed = False
        self._id = random.random()

    def __eq__(self, other):
        return self.name == getattr(other, "name", None) and self.scope == getattr(
            other, "scope", None
        )

    def __hash__(self):
        return hash((self.name, self.scope, self._id))

    def __repr__(self):
        return f"Graph {self.name}"

    def parse(self):
        for tail, head, data in self.edges.data():
            if isinstance(data["op"], Graph):
                data["op"].parse()
            self.add_module(f"{self.name}-edge({tail},{head})", data["op"])
        self.is_parsed = True

    def clone(self):
        return copy.deepcopy(self)

    def prepare_evaluation(self): ...

    def forward(self, x):
        values = {1: x}
        for node in sorted(self.nodes):
            arriving = [
                data["op"].forward(values[tail]) for tail, _, data in self.in_edges(node, data=True)
            ]
            values[node] = sum(arriving[1:], arriving[0]) if arriving else values[node]
        return values[node]


class Primitive(nn.Module):
    """An operation at an edge, whose layers are called with their hooks."""

    def __init__(self, *layers):
        super().__init__()
        self.op = nn.Sequential(*layers)

    def forward(self, x):
        return self.op(x)


class SearchSpace(Graph):
    """Two cells of one name, with three nodes each."""

    def __init__(self, num_classes=4):
        super().__init__()
        self.name, self.num_classes, self.spec = "makrograph", num_classes, None

    def set_spec(self, spec):
        self.spec = spec
        ops = {0: lambda: Primitive(nn.Identity()), 1: _relu_conv_norm}
        cells = [Graph(), Graph()]
        for cell in cells:
            cell.name = "cell"
            for edge, choice in zip([(1, 2), (1, 3), (2, 3)], spec, strict=True):
                cell.add_edge(*edge, op=ops[choice]())
        self.add_edge(1, 2, op=Primitive(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6)))
        self.add_edge(2, 3, op=cells[0])
        self.add_edge(3, 4, op=cells[1])
        head = [
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, self.num_classes),
        ]
        self.add_edge(4, 5, op=Primitive(nn.BatchNorm2d(6), *head))

    def get_hash(self):
        return tuple(self.spec)

    def get_loss_fn(self):
        return nn.functional.cross_entropy

    def get_type(self):
        return "stand-in"


def _relu_conv_norm():
    return Primitive(nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6))


def graph(spec=(1, 0, 1), seed=0):
    """Build an unparsed graph with weights of its own."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        space = SearchSpace()
        space.set_spec(spec)
        return space


def loader(batches=2, size=4, seed=0):
    """List pairs of images and labels, as a loader yields them."""
    generator = torch.Generator().manual_seed(seed)
    return [
        (
            torch.randn(size, 3, 6, 6, generator=generator),
            torch.randint(4, (size,), generator=generator),
        )
        for _ in range(batches)
    ]


def install(monkeypatch):
    """Let `import naslib` find the stand-in until the test is over."""
    names = [
        "naslib",
        "naslib.predictors",
        "naslib.predictors.predictor",
        "naslib.utils",
        "naslib.utils.utils",
    ]
    modules = {name: ModuleType(name) for name in names}
    modules["naslib.predictors.predictor"].Predictor = Predictor

    def get_train_val_loaders(config, mode):
        assert mode == "train"
        return loader(seed=config.seed), None, None, None, None

    modules["naslib.utils.utils"].get_train_val_loaders = get_train_val_loaders
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "zc_bench.interop._zero_cost", raising=False)
