"""The initial weights: of Conv2d and Linear layers, and of functions that use weights alike."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.layers import layer_weights, loose_parameters, weighted_layers
from zc_bench.passes.operations import hidden_part
from zc_bench.passes.products import Products
from zc_bench.passes.running import first_images, run
from zc_bench.passes.trial_inputs import TrialInputs

_COMPUTED = "a weight is computed from others, as weight normalisation does: remove that first"


@dataclass(frozen=True)
class Weights:
    """The weights that the values are multiplied with, as Conv2d and Linear layers do.

    Attributes:
        parameters: of the layers, then those of functions; one tensor per layer. A
            weight that several layers share appears once.
        of_functions: those of them that no Conv2d or Linear module has.
        biases: of the same functions.
        computed: whether some weights are computed from other parameters.
    """

    parameters: tuple[Tensor, ...]
    of_functions: tuple[Tensor, ...] = ()
    biases: tuple[Tensor, ...] = ()
    computed: bool = False

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """The weights, outside of any graph."""
        return tuple(parameter.detach() for parameter in self.parameters)

    def leaves(self) -> tuple[Tensor, ...]:
        """Return the weights, to be differentiated.

        Raises:
            InvalidScoreError: if there are none, or one is computed from other parameters, so that
                no loss has a derivative with respect to the weight that is read here.
        """
        if not self.parameters and not self.computed:
            message = "the network has no Conv2d or Linear layer"
            raise InvalidScoreError(message)
        self.expect_parameters()
        return self.parameters

    def expect_parameters(self) -> None:
        """Refuse weights that are computed.

        Raises:
            InvalidScoreError: if one is computed from other parameters.
        """
        if self.computed:
            raise InvalidScoreError(_COMPUTED)


@shared_pass(reads={Weights: ("weights",)})
def weights(trial: TrialInputs) -> Weights:
    """Read the weights of the layers.

    Where there are other parameters, run two images to find those that are weights.

    A parameter is a weight if it multiplies values in a convolution, a linear function, a recurrent
    function or a product of matrices. Positions, tokens, scales and tables of embeddings are none.

    Raises:
        UndefinedScoreError: if a part of the network hides what it does.
        InvalidScoreError: if a function computes its weights from other parameters, so that there
            is nothing to read.
    """
    if reason := hidden_part(trial.network):
        raise UndefinedScoreError(reason)
    layers = layer_weights(trial.network)
    made = sum(
        not isinstance(layer.weight, nn.Parameter) for layer in weighted_layers(trial.network)
    )
    loose = loose_parameters(trial.network)
    if not loose:
        return Weights(layers, computed=made > 0)
    with torch.inference_mode():
        images = first_images(trial, 2)
        products = Products(loose, trial.network.parameters(), images)
        with products:
            run(trial, images)
    if products.unseen:
        raise UndefinedScoreError(products.unseen)
    if len(products.computed) > made:
        raise InvalidScoreError(_COMPUTED)
    found = tuple(products.weights.values())
    return Weights((*layers, *found), found, tuple(products.biases.values()), made > 0)
