"""Which parameters multiply values outside of Conv2d and Linear modules."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from zc_bench.passes.multiply_adds import PRODUCTS, RECURRENT
from zc_bench.passes.operations import Operations

_IMAGES = 0  # stands for the images among the identities of parameters
_COPIES = ("clone", "_to_copy")


class Products(Operations):
    """Finds in one run of a network the parameters that linear functions multiply with values.

    What is computed from parameters alone is followed until it meets values, so that a weight is
    found behind a transposition or a split, and one that is computed is noticed. Every tensor of
    the run is kept until then.

    Attributes:
        weights: the weights, by identity, in the order of their first use.
        biases: what the same functions add, by identity.
        computed: for every weight that is computed, the parameters that it is computed from.
    """

    whole = frozenset({"linear", "scaled_dot_product_attention", *RECURRENT})

    def __init__(
        self, loose: Iterable[nn.Parameter], parameters: Iterable[nn.Parameter], images: Tensor
    ) -> None:
        """Prepare for one run.

        Args:
            loose: the parameters that may be weights.
            parameters: all parameters of the network.
            images: what the network will be given.
        """
        super().__init__()
        self.weights: dict[int, nn.Parameter] = {}
        self.biases: dict[int, nn.Parameter] = {}
        self.computed: set[frozenset[int]] = set()
        self._owners = {memory_of(parameter): parameter for parameter in parameters}
        self._sources = {id(parameter): frozenset([id(parameter)]) for parameter in loose}
        self._sources[id(images)] = frozenset([_IMAGES])
        # An identity is good only as long as the tensor lives.
        self._alive: list[Any] = [images]

    def after(self, name: str, args: tuple[Any, ...], output: Any, /) -> None:
        """Follow one operation."""
        weights, biases = factors(name, args)
        for weight in weights:
            others = [other for other in weights if other is not weight] if name in PRODUCTS else []
            self._note(weight, others)
        owners = [
            owner for owner in map(self._owner, biases) if owner is not None and owner.dim() == 1
        ]
        self.biases.update((id(owner), owner) for owner in owners)
        if name in _COPIES and (owner := self._owner(args[0])) is not None:
            self._owners[memory_of(output)] = owner
        sources = frozenset[int]().union(*map(self._sources_of, tree_leaves(args)))
        if weights or name in self.whole:
            sources &= {_IMAGES}  # it produces values, no weights
        self._sources.update((id(item), sources) for item in tree_leaves(output) if sources)
        self._alive.append(output)

    def _note(self, weight: Tensor, others: list[Tensor]) -> None:
        """Take one factor of a product as a weight, unless it is a value."""
        sources = self._sources_of(weight)
        if not sources or _IMAGES in sources:
            return
        owner = self._owner(weight)
        of_weights_alone = any(own and _IMAGES not in own for own in map(self._sources_of, others))
        if owner is None or of_weights_alone:
            self.computed.add(sources)
        else:
            self.weights[id(owner)] = owner

    def _sources_of(self, item: object) -> frozenset[int]:
        return self._sources.get(id(item), frozenset())

    def _owner(self, item: Any) -> nn.Parameter | None:
        return self._owners.get(memory_of(item)) if isinstance(item, Tensor) else None


def factors(name: str, args: tuple[Any, ...]) -> tuple[list[Tensor], list[Any]]:
    """Return what an operation may multiply values with, and what it then adds.

    Args:
        name: in torch's dispatcher, as `Operations` has it.
        args: its positional arguments.

    Returns:
        Of a layer, its weights and biases; of a product of matrices, both factors and the summand.
        Empty where the operation is neither, and for a transposed convolution.
    """
    if name in PRODUCTS:
        places = PRODUCTS[name]
        return [args[place] for place in places], list(args[: places[0]])
    if name == "linear" or (name == "convolution" and not args[6]):
        return [args[1]], list(args[2:3])
    if name in RECURRENT:
        given = [item for several in args if isinstance(several, list | tuple) for item in several]
        return [item for item in given if item.dim() == 2], [
            item for item in given if item.dim() == 1
        ]
    return [], []


def memory_of(tensor: Tensor) -> int:
    """Return where a tensor has its values; a view has them where its base has."""
    return tensor.untyped_storage().data_ptr()
