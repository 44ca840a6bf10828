"""The areas that are fuzzed: each makes random input, passes it to zc-bench, and checks the result.

A case ends well if it is refused in one sentence, or if what is read is what was written. A case
that raises anything else is a traceback; one that reads something else without a word is a silent
change.
"""

import contextlib
import io
import json
import os
import pickle
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import h5py
import numpy as np
import torch
from PIL import Image

from zc_bench import cli
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError, ZcBenchWarning
from zc_bench.images.files import digest_of_files, read_picture
from zc_bench.images.npz import read as read_npz
from zc_bench.images.official import read as read_official
from zc_bench.spaces import space_registry
from zc_bench.spec import Experiment
from zc_bench.store import Store, TrialKey, read_store
from zc_bench.tables.imported import import_file
from zc_bench.tasks import task_registry
from zc_bench.train import checkpoint

CPU = torch.device("cpu")
Case = Callable[[Random, Path], None]

# Texts that programs stumble over.
ODD = [
    "", " ", "/", ".", "..", "~", "~nosuchuser", "\0", "\x1b[2J", "[/x]", "[bold]", ":x:", "%s",
    "'", '"', "\\", "-1", "0", "1e400", "nan", "inf", "9" * 5000, "x" * 300, "\ud800", "\u202e",
    "(" * 2000, "[" * 2000, "{" * 2000, "|" * 50, "a/b", "a\nb", "0x" + "f" * 5000, "/dev/null",
    "é", "None", "1" + "0" * 18, "{}",
]  # fmt: skip


class SilentChange(Exception):  # noqa: N818 - it is what is counted
    """Something else was read than was written, and nothing said so."""


def flipped(data: bytes, dice: Random) -> bytes:
    """Change some bits, or cut, or repeat a part."""
    changed = bytearray(data)
    match dice.randrange(10):
        case 0:
            return data[: dice.randrange(len(data))]
        case 1:
            start = dice.randrange(len(data))
            return data[:start] + data[dice.randrange(len(data)) :]
        case 2:
            start = dice.randrange(len(data))
            changed[start : start + 16] = dice.randbytes(16)
            return bytes(changed)
        case _:
            changed[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            return bytes(changed)


def mutated(text: str, dice: Random) -> str:
    """Change a text in some places."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice((0, 0, 1, 5)))
        text = (
            text[:start]
            + dice.choice((dice.choice(ODD), chr(dice.randrange(32, 127)), ""))
            + text[end:]
        )
    return text


def architectures(dice: Random, _: Path) -> None:
    """Parse the strings of architectures."""
    space = space_registry[dice.choice(sorted(space_registry))]
    found = space.sample(np.random.default_rng(dice.randrange(2**32)))
    text = mutated(dice.choice((found.key, space.native(found))), dice)
    parsed = space.parse(text)
    if space.parse(parsed.key) != parsed or space.parse(space.native(parsed)) != parsed:
        raise SilentChange(text)


SCORE = "score --proxies params --batch-size 2 --device cpu --inputs noise"
TINY = "--space nb201 --batch-size 2 --seeds 1 --inputs noise --offline --quiet"
COMMANDS = [
    *(line.split() for line in (
        "score --model torch.nn:Flatten --input 1x2x2 --classes 2 --proxies params",
        "arch show --space nb201",
        "list proxies",
        "explain --proxies swap",
        "store show absent.h5",
        "store export absent.h5 --out x.csv --format csv --seed 0",
        "data import absent.csv --space nb201 --task cifar10",
        f"search {TINY} --proxy params --population 4 --evaluations 4 --cycles 1 --out found",
        f"correlate {TINY} --task cifar10 --samples 2 --proxies params --out out --fresh",
    )),
    [*f"{SCORE} --space nb201 --task cifar10 --seed 0 --arch".split(), "(4, 0, 3, 1, 4, 3)"],
]  # fmt: skip


def commands(dice: Random, folder: Path) -> None:
    """Give the command line odd words."""
    words = list(dice.choice(COMMANDS))
    for _ in range(dice.randint(1, 2)):
        place = dice.randrange(1, len(words))
        # More workers are processes, and more threads are threads: those are tested elsewhere.
        words[place] = dice.choice(ODD) if dice.random() < 0.7 else mutated(words[place], dice)
    # As the system hands them over: bytes without a zero.
    words = [os.fsdecode(word.encode(errors="surrogatepass").replace(b"\0", b"")) for word in words]
    sys.argv = ["zc-bench", *words]
    shown = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(shown),
    ):
        try:
            cli.main()
        except SystemExit as end:
            if "Traceback" in shown.getvalue():
                raise RuntimeError(words) from end
            if end.code not in (0, None, 1, 2):
                raise RuntimeError(words, end.code) from end


SPEC = """samples = 10
proxies = ["swap", "snip"]
[protocol]
batch_size = 4
mu = 1.5
[[run]]
space = "nb201"
tasks = ["cifar10"]
seeds = 2
"""


def specs(dice: Random, _: Path) -> None:
    """Read experiments."""
    experiment = Experiment.from_toml(mutated(SPEC, dice))
    if Experiment.from_toml(experiment.to_toml()) != experiment:
        raise SilentChange


def imports(dice: Random, folder: Path) -> None:
    """Import tables of the user's own."""
    entry = {"val_accuracy": 90.5, "zen": {"score": 1.5}}
    text = json.dumps({"cifar10": {"(4, 0, 3, 1, 4, 3)": entry, "(0, 0, 0, 0, 0, 0)": entry}})
    listed = json.dumps([{"arch": "(4, 0, 3, 1, 4, 3)", **entry}])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "zen/benchmark--nasbench201--cifar10--0.json",
            mutated(listed, dice).encode(errors="replace"),
        )
    table = 'arch,cifar10,zen\n"(4, 0, 3, 1, 4, 3)",90.5,1\n"(0, 0, 0, 0, 0, 0)",10,2\n'
    name, data = dice.choice(
        [
            ("a.json", mutated(text, dice).encode(errors="surrogatepass")),
            ("a.csv", mutated(table, dice).encode(errors="surrogatepass")),
            ("a.csv.gz", flipped(packed.getvalue(), dice)),
            ("a.zip", packed.getvalue()),
            ("b.zip", flipped(packed.getvalue(), dice)),
            ("a.tfrecord", dice.randbytes(40)),
        ]
    )
    (folder / name).write_bytes(data)
    import_file(folder / name, "nb201", folder=folder / "data")


def stores(dice: Random, folder: Path) -> None:
    """Read damaged stores and journals."""
    path, columns = folder / "scores.h5", {"swap": "swap@1"}
    keys = [TrialKey("cifar10", f"architecture {number}", 0) for number in range(4)]
    result = JobResult({"swap": Score(1.5, Status.DONE, "", 0.0)}, {"forward": 1.0})
    store = Store(path, {"swap@1": {"protocol": {"batch_size": 4}}}, {}, fresh=path.exists())
    for key in keys:
        store.append(key, result, columns)
    if whole := dice.random() < 0.6:
        store.close()
    else:
        # As a process that was killed leaves it.
        store._syncer.close()
        store._journal.close()
        store._lock.release()
    before = read_store(path)
    damaged = path if whole else path.with_name("scores.h5.journal")
    data = damaged.read_bytes()
    changed = flipped(data, dice)
    damaged.write_bytes(changed)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", ZcBenchWarning)
            after = read_store(path)
        lost = len(before.trials) - len(after.trials)
        same = all(repr(before.trials[key]) == repr(trial) for key, trial in after.trials.items())
        # A journal without its last lines is one of an earlier moment.
        if changed != data and not (same and (not lost or said or not whole)):
            raise SilentChange(damaged)
    finally:
        for left in folder.iterdir():
            left.unlink()


def hdf5_forms(dice: Random, folder: Path) -> None:
    """Read HDF5 files of the first weeks, without a digest: nothing but an error or contents."""
    path = folder / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs.update(
            format=dice.choice([1, 2, 99]), identity="{}", about="{}", provenance="{}"
        )
        file["trials/seed"] = np.arange(3)
    path.write_bytes(flipped(path.read_bytes(), dice))
    read_store(path)


def pictures(dice: Random, folder: Path) -> None:
    """Read damaged pictures: another picture has another digest."""
    pixels = np.random.default_rng(0).integers(0, 256, (12, 12, 3), np.uint8)
    path = folder / "a.png"
    Image.fromarray(pixels).save(path, format=dice.choice(["PNG", "JPEG", "GIF", "TIFF", "BMP"]))
    before, data = digest_of_files(folder, [path]), path.read_bytes()
    path.write_bytes(flipped(data, dice))
    read_picture(path)
    if path.read_bytes() != data and digest_of_files(folder, [path]) == before:
        raise SilentChange


def arrays(dice: Random, folder: Path) -> None:
    """Read damaged .npz files and damaged pickles of CIFAR."""
    task = task_registry["cifar10"]
    pixels, labels = np.arange(7 * 3072).reshape(7, 32, 32, 3).astype(np.uint8), np.arange(7)
    path = folder / "a.npz"
    np.savez_compressed(path, images=pixels, labels=labels)
    before = read_npz(path, task).digest
    path.write_bytes(flipped(path.read_bytes(), dice))
    with contextlib.suppress(ZcBenchError):
        if read_npz(path, task).digest != before:
            raise SilentChange
    home = folder / "cifar-10-batches-py"
    home.mkdir(exist_ok=True)
    data = pickle.dumps(
        {"data": pixels.reshape(7, 3072), "labels": labels.tolist()}, protocol=dice.randrange(5)
    )
    for number in range(1, 6):
        (home / f"data_batch_{number}").write_bytes(
            flipped(data.replace(b"numpy._core", b"numpy.core"), dice)
        )
    read_official(folder, task)


def checkpoints(dice: Random, folder: Path) -> None:
    """Read damaged checkpoints."""
    path, weights = folder / "checkpoint.pt", torch.arange(50.0)
    checkpoint.save(path, {"seed": 0}, {"weights": weights})
    path.write_bytes(flipped(path.read_bytes(), dice))
    state = checkpoint.load(path, {"seed": 0}, CPU)
    if state is None or not torch.equal(state["weights"], weights):
        raise SilentChange


AREAS: dict[str, Case] = {
    case.__name__: case
    for case in (
        architectures,
        commands,
        specs,
        imports,
        stores,
        hdf5_forms,
        pictures,
        arrays,
        checkpoints,
    )
}
