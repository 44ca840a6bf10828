import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from painted import coloured, save
from PIL import Image

from zc_bench.errors import ZcBenchError
from zc_bench.images import files as module
from zc_bench.images.files import digest_of_files, pictures, read_picture
from zc_bench.images.resize import resize
from zc_bench.tasks import Task

# What files of three forms begin with.
STARTS = [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0", b"GIF89a"]


def test_an_image_without_loss_is_read_as_it_was(tmp_path: Path) -> None:
    image = coloured(1, 20)[0]
    path = save(tmp_path / "a.png", image)
    np.testing.assert_array_equal(read_picture(path), image)
    np.testing.assert_array_equal(
        read_picture(path, "L"), np.asarray(Image.fromarray(image).convert("L"))
    )


def test_only_what_is_asked_for_is_opened(tmp_path: Path, cifar10: Task) -> None:
    images = coloured(2, 50)
    paths = [save(tmp_path / f"{place}.png", image) for place, image in enumerate(images)]
    rows = pictures([*paths, tmp_path / "absent.png"], cifar10)
    assert len(rows) == 3
    np.testing.assert_array_equal(
        rows[np.array([1, 0])], [resize(images[1], cifar10), resize(images[0], cifar10)]
    )
    with pytest.raises(ZcBenchError, match=r"absent\.png is no whole image \(.*\): get it anew"):
        rows[np.array([2])]


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_truncated_file_is_one_sentence(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a.{suffix}", coloured(1, 64)[0])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ZcBenchError, match=rf"a\.{suffix} is no whole image"):
        read_picture(path)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(STARTS))
def test_random_bytes_give_our_error(tmp_path: Path, data: bytes, start: bytes) -> None:
    path = tmp_path / "random.png"
    path.write_bytes(start + data)
    with pytest.raises(ZcBenchError, match=r"random\.png is no whole image"):
        read_picture(path)


# A picture for Ghostscript, which writes a file.
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(/tmp/zc-bench-was-here) (w) file pop\n"


@pytest.mark.parametrize("form", ["EPS", "GIF", "BMP", "TIFF", "PPM"])
def test_other_forms_are_not_opened(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    if form == "EPS":
        path.write_bytes(EPS)
        # Pillow has Ghostscript draw it.
        monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", None)
    else:
        Image.fromarray(coloured(1, 20)[0]).save(path, format=form)
    with pytest.raises(
        ZcBenchError, match=r"a\.png is no whole image \(cannot identify image file"
    ):
        read_picture(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(ZcBenchError, match=r"a\.png is no whole image \(.*no regular file"):
        read_picture(tmp_path / "a.png")


def test_an_image_of_too_many_pixels_is_one_sentence(tmp_path: Path) -> None:
    # A gibibyte as RGB, a few kilobytes as a file.
    Image.new("1", (18_000, 18_000)).save(tmp_path / "a.png")
    Image.new("1", (10_000, 10_000)).save(tmp_path / "b.png")
    for name in ("a.png", "b.png"):
        with pytest.raises(
            ZcBenchError, match=r"\.png is no whole image \(Image size .* exceeds limit"
        ):
            read_picture(tmp_path / name)


def test_the_digest_follows_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(10)]
    for path in paths:
        path.write_bytes(b"abc")
    before = digest_of_files(tmp_path, paths)
    paths[7].write_bytes(b"abd")
    assert digest_of_files(tmp_path, paths) != before
    # Of a large folder, each fourth file.
    monkeypatch.setattr(module, "_READ_ALL", 10)
    monkeypatch.setattr(module, "_SOME", 3)
    some = digest_of_files(tmp_path, paths)
    paths[7].write_bytes(b"abe")
    assert digest_of_files(tmp_path, paths) == some
    paths[4].write_bytes(b"abe")
    assert digest_of_files(tmp_path, paths) != some


def test_an_image_that_cannot_be_read_is_named_when_it_is_digested(tmp_path: Path) -> None:
    with pytest.raises(
        ZcBenchError, match=r"The images in \S+ cannot be read \(No such file .*a\.png\)"
    ):
        digest_of_files(tmp_path, [tmp_path / "a.png"])


def test_the_digest_follows_names_and_sizes(tmp_path: Path) -> None:
    def digest(home: str, **files: bytes) -> str:
        paths = [tmp_path / home / name for name in files]
        (tmp_path / home).mkdir(exist_ok=True)
        for path, data in zip(paths, files.values(), strict=True):
            path.write_bytes(data)
        return digest_of_files(tmp_path / home, paths)

    first = digest("one", a=b"123", b=b"4")
    assert len(bytes.fromhex(first)) == 8
    assert digest("moved", a=b"123", b=b"4") == first
    assert (
        len(
            {
                first,
                digest("one", a=b"12", b=b"4"),
                digest("one", a=b"12", c=b"4"),
                digest("one", b=b"4"),
            }
        )
        == 4
    )
