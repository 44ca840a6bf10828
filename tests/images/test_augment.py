import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from painted import coloured
from PIL import Image

from reference import colours
from zc_bench.images import augment
from zc_bench.images.augment import flip, grey, jitter
from zc_bench.seeding import numpy_generator, uniform

TWINS = (colours.brightness, colours.contrast, colours.saturation, colours.hue)
ALL = np.ones(6, bool)


@pytest.fixture
def images() -> np.ndarray:
    return coloured(6, 24)


def test_jitter_against_floating_point(images: np.ndarray) -> None:
    jittered = jitter(numpy_generator(1, "a"), images, ALL)
    assert (jittered.dtype, jittered.shape) == (np.uint8, images.shape)
    twin = numpy_generator(1, "a")
    ranks, amounts = uniform(twin, 6, 4), uniform(twin, 6, 4) * 2 - 1
    for place, image in enumerate(images):
        expected = image.astype(float)
        for change in sorted(range(4), key=lambda change: ranks[place, change]):
            amount = float(amounts[place, change])
            expected = TWINS[change](expected, 0.1 * amount if change == 3 else 1 + 0.2 * amount)
        error = np.abs(jittered[place] - expected)
        # Pillow has 256 levels of hue and saturation, and rounds after every change.
        assert error.mean() < 3
        assert error.max() < 14
        assert np.abs(image - expected).mean() > 2 * error.mean()


def test_the_order_and_the_amounts_are_drawn_for_each_image(images: np.ndarray) -> None:
    same = np.broadcast_to(images[:1], images.shape)
    jittered = jitter(numpy_generator(1, "a"), same, ALL)
    assert len({image.tobytes() for image in jittered}) == 6


@given(st.lists(st.booleans(), min_size=6, max_size=6))
def test_only_the_chosen_are_changed_and_always_alike(chosen: list[bool]) -> None:
    images, which = coloured(6, 24), np.array(chosen)
    everywhere = jitter(numpy_generator(1, "a"), images, ALL)
    generator, twin = numpy_generator(1, "a"), numpy_generator(1, "a")
    some = jitter(generator, images, which)
    np.testing.assert_array_equal(some, np.where(which[:, None, None, None], everywhere, images))
    uniform(twin, 6, 8)
    assert uniform(generator, 1) == uniform(twin, 1)


@pytest.mark.parametrize("change", range(3))
def test_the_strength_of_a_change(change: int) -> None:
    image = coloured(1, 24)[0]
    for amount in (-1.0, 1.0):
        changed = np.asarray(augment._change(Image.fromarray(image), change, amount))
        # Pillow rounds the grey, and cuts off the fraction.
        assert np.abs(changed - TWINS[change](image.astype(float), 1 + 0.2 * amount)).max() < 2


@pytest.mark.parametrize(("amount", "steps"), [(-1.0, -25), (0.999, 25), (-0.01, 0), (0.5, 12)])
def test_the_hue_turns_by_up_to_a_tenth_of_the_circle(amount: float, steps: int) -> None:
    image = Image.fromarray(coloured(1, 24)[0])
    turned = augment._change(image, 3, amount).convert("HSV").getchannel(0)
    before, after = (np.asarray(hue, int) for hue in (image.convert("HSV").getchannel(0), turned))
    # Of dull pixels the hue is lost in rounding: the median stays, but for one step that is rounded
    # away on the way.
    assert abs(np.median((after - before - steps + 128) % 256 - 128)) <= 1


def test_grey_is_the_luma_of_the_chosen(images: np.ndarray) -> None:
    chosen = np.arange(6) % 2 == 0
    changed = grey(images, chosen)
    np.testing.assert_array_equal(changed[1::2], images[1::2])
    for image, original in zip(changed[::2], images[::2], strict=True):
        assert (image == image[:, :, :1]).all()
        assert np.abs(image[:, :, 0] - colours._grey(original)).max() <= 1


@given(st.lists(st.booleans(), min_size=6, max_size=6))
def test_flipping_twice_changes_nothing(chosen: list[bool]) -> None:
    images, which = coloured(6, 24), np.array(chosen)
    flipped = flip(images, which)
    for image, original, mirrored in zip(flipped, images, chosen, strict=True):
        np.testing.assert_array_equal(image, np.fliplr(original) if mirrored else original)
    np.testing.assert_array_equal(flip(flipped, which), images)
    np.testing.assert_array_equal(flip(images[:, :, :, 0], which), flipped[:, :, :, 0])
