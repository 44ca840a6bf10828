"""Agreement of the signs of the gradients of single images."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.gradient_signs import GradientSigns


@proxy("gradsign", source="Zhang and Jia 2022, GradSign, arXiv:2110.08616", uses_labels=True)
def gradsign(signs: GradientSigns) -> float:
    """Sum over Conv2d and Linear weights of |sum over images of the sign of dL/dw|.

    Formula, with L_n the loss of image n alone:

        score = sum_w | sum_n sign(dL_n/dw) |

    Each image is a batch of its own, in training mode: batch normalisation uses the statistics of
    that image. A gradient of zero, such as behind a dead ReLU, has the sign 0.

    Args:
        signs: `sums` holds sum_n sign(dL_n/dw), one tensor per layer.

    Returns:
        A whole number from 0 to N times the number of weights; higher is better.

    Examples:
        Two images: the first weight has gradients of one sign, the second of both: |2| + |0| = 2.

        >>> import torch
        >>> from zc_bench.passes.gradient_signs import GradientSigns
        >>> gradsign(GradientSigns((torch.tensor([[-2.0, 0.0]]),)))
        2.0

    References:
        Zhang and Jia 2022, GradSign, arXiv:2110.08616.

    Deviations:
        One of the authors' scripts takes the mean over the weights. Then the score loses the number
        of weights, and correlates negatively with accuracy on NAS-Bench-201; some later
        comparisons used it. Here it is the sum, as in the paper and the other scripts. The authors
        take 128 images, zc-bench those of the batch. A gradient that is not a number makes the
        score invalid; the authors leave it out.
    """
    return sum(float(total.abs().double().sum()) for total in signs.sums)
