"""Parts of a batch are joined to what the whole batch produces."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.kernels import pattern_count
from zc_bench.passes.batch_gradients import BatchGradients
from zc_bench.passes.input_jacobian import InputJacobian
from zc_bench.passes.joining import joins
from zc_bench.passes.loss_gradients import ChannelGradients, LossGradients
from zc_bench.passes.relu_patterns import ReluPatterns


def whole(parts):
    """Join observations of parts, given with the number of images of each."""
    (count, joined), *others = parts
    for more, part in others:
        joined = joins[type(part)](joined, part, count / (count + more))
        count += more
    return joined


@given(images=st.integers(1, 200), power=st.integers(0, 8), units=st.integers(0, 5))
@settings(max_examples=60, derandomize=True)
def test_patterns_are_those_of_the_whole_batch_to_the_last_bit(images, power, units):
    size = 1 << power
    values = torch.randn(images, units, generator=torch.Generator().manual_seed(images))
    parts = [
        (len(part), ReluPatterns(pattern_count.pack(part), len(part)))
        for part in values.split(size)
    ]
    joined = whole(parts)
    assert joined.images == images
    assert torch.equal(joined.words, pattern_count.pack(values))


def test_gradients_are_means_over_images_also_of_parts_of_unlike_size():
    each = (
        torch.arange(12.0, dtype=torch.float64).reshape(6, 2) ** 2
    )  # the gradient of each image's loss
    parts = [(len(part), (part.mean(0),)) for part in each.split([4, 1, 1])]
    loss = whole([(count, LossGradients((each,), grads)) for count, grads in parts])
    both = whole([(count, BatchGradients(grads, (2 * grads[0],))) for count, grads in parts])
    torch.testing.assert_close(loss.weight_grads[0], each.mean(0))
    torch.testing.assert_close(both.first[0], each.mean(0))
    torch.testing.assert_close(both.second[0], 2 * each.mean(0))
    assert loss.weights[0] is each


def test_gates_of_an_image_are_those_of_the_mean_over_the_whole_batch():
    each = torch.arange(12.0, dtype=torch.float64).reshape(6, 2)
    parts = [
        (len(part), ChannelGradients((part / len(part),), (7,), lost))
        for part, lost in zip(each.split([4, 1, 1]), (False, True, False), strict=True)
    ]
    joined = whole(parts)
    torch.testing.assert_close(joined.gate_grads[0], each / 6)
    assert (joined.fan_in, joined.lost) == ((7,), True)


def test_rows_of_the_jacobian_stay_in_their_order():
    rows, labels = torch.arange(12.0).reshape(6, 2), torch.arange(6)
    parts = [
        (4, InputJacobian(rows[:4], labels[:4], 3)),
        (2, InputJacobian(rows[4:], labels[4:], 3)),
    ]
    joined = whole(parts)
    assert torch.equal(joined.jacobian, rows)
    assert torch.equal(joined.labels, labels)
    assert joined.classes == 3
    assert (
        whole([(count, InputJacobian(part.jacobian, None, 3)) for count, part in parts]).labels
        is None
    )
