"""The tables that come with the package.

Whole, allowed, what the public files say, and refused if damaged.
"""

import csv
import gzip
import json
import shutil
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import ship
from zc_bench._internal.files import sha256
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.tables import compact, load_table
from zc_bench.tables.catalogue import SHIPPED, table_files

ENTRIES = {entry.name: entry for entry in table_files() if entry.shipped.is_file()}
NOTICE = Path(__file__).parents[2] / "NOTICE"
COUNTS = {
    ("nb201", 15_625, 3),
    ("nb101", 10_250, 1),
    ("nb301", 10_307, 1),
    ("tnb101_micro", 4_096, 7),
    ("tnb101_macro", 3_256, 7),
    ("flexibert", 491, 1),
    ("flexibert_trained", 491, 1),
    ("pit_ti", 100, 3),
}


@pytest.mark.parametrize(("space", "count", "tasks"), sorted(COUNTS))
def test_every_space_has_ground_truth_of_all_tasks(
    folder: Path, space: str, count: int, tasks: int
) -> None:
    table = load_table(space, folder=folder)
    assert table.counts() == dict.fromkeys(space_registry[space].tasks, count)
    assert len(table.tasks) == tasks


def test_nothing_else_is_shipped_and_it_is_small() -> None:
    assert {path.name for path in SHIPPED.iterdir()} == {
        entry.shipped.name for entry in ENTRIES.values()
    }
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 2_500_000


@pytest.mark.parametrize("name", ENTRIES)
def test_source_licence_and_hash_are_in_the_file_and_in_the_notice(name: str) -> None:
    entry, found = ENTRIES[name], compact.read_columns(ENTRIES[name].shipped)
    assert found is not None
    assert entry.licence in ship.LICENCES
    assert found.facts == {**entry.provenance(), "sha256": found.facts["sha256"]}
    assert len(bytes.fromhex(str(found.facts["sha256"]))) == 32
    assert ("commit" in found.facts) or entry.gdown
    text = NOTICE.read_text(encoding="utf-8")
    assert all(fact in text for fact in (entry.shipped.name, entry.url, str(found.facts["sha256"])))


def test_a_damaged_one_is_one_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Path(shutil.copytree(SHIPPED, tmp_path / "shipped"))
    monkeypatch.setattr("zc_bench.tables.catalogue.SHIPPED", shipped)
    path = shipped / "zc_nasbench301.table.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    with pytest.raises(ZcBenchError) as caught:
        load_table("nb301", folder=folder)
    assert (
        str(caught.value)
        == f"{path}, which comes with zc-bench, is damaged: install zc-bench anew."
    )
    assert load_table("nb101", folder=folder).tasks == ("cifar10",)


@pytest.mark.data
@pytest.mark.parametrize("name", ENTRIES)
def test_it_is_what_ship_makes(
    name: str, shared_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zc_bench.tables.catalogue.SHIPPED", tmp_path)
    monkeypatch.setattr(ship, "table_files", lambda: (ENTRIES[name],))
    folders = [shared_folder / "data" / kind for kind in ("raw", "hardware", "transformers")]
    ship.ship_truth(folders)
    (made,) = tmp_path.iterdir()
    first = made.read_bytes()
    ship.ship_truth(folders)
    assert made.read_bytes() == first
    found, shipped = compact.read_columns(made), compact.read_columns(SHIPPED / made.name)
    assert found is not None
    assert shipped is not None
    # Not the bytes: another build of zlib may compress otherwise.
    assert compact.content(found) == compact.content(shipped)


@pytest.mark.data
class TestAgainstPlainReaders:
    """The public files, read by the standard library alone."""

    @pytest.mark.parametrize(
        ("space", "file"), [("nb101", "zc_nasbench101"), ("nb301", "zc_nasbench301")]
    )
    def test_json(self, folder: Path, shared_folder: Path, space: str, file: str) -> None:
        raw = shared_folder / "data" / "raw" / f"{file}.json"
        table = load_table(space, folder=folder)
        assert table.provenance["sha256"] == sha256(raw)
        content = json.loads(raw.read_text())
        entries = content.get(file.removeprefix("zc_"), content)["cifar10"]
        found = table["cifar10"]
        assert len(found) == len(entries)
        parse = space_registry[space].parse
        for text, entry in list(entries.items())[::50]:
            assert found[parse(text).key] == entry["val_accuracy"]

    @pytest.mark.parametrize(
        ("space", "file", "theirs"),
        [
            ("nb201", "nb201_zen.zip", "nasbench201"),
            ("tnb101_micro", "all_benchmarks_zen.zip", "transbench101_micro"),
            ("tnb101_macro", "tnb101_macro_zen.zip", "transbench101_macro"),
        ],
    )
    def test_zips(
        self, folder: Path, shared_folder: Path, space: str, file: str, theirs: str
    ) -> None:
        table, parse, seen = load_table(space, folder=folder), space_registry[space].parse, set()
        with zipfile.ZipFile(shared_folder / "data" / "raw" / file) as archive:
            for name in archive.namelist():
                parts = Path(name).name.split("--")
                if len(parts) == 4 and parts[1] == theirs:
                    found = table[parts[2].lower()]
                    for entry in json.loads(archive.read(name))[::50]:
                        assert found[parse(entry["arch"]).key] == entry["val_accuracy"]
                        seen.add(parts[2].lower())
        assert seen == set(table.tasks)

    @pytest.mark.parametrize(
        ("file", "metrics"),
        [
            ("hw_nasbench_nb201", ("raspi4_latency", "fpga_energy")),
            ("robustness_nb201_cifar10", ("pgd@Linf_eps-1.0",)),
        ],
    )
    def test_metrics(
        self, folder: Path, shared_folder: Path, file: str, metrics: tuple[str, ...]
    ) -> None:
        with gzip.open(shared_folder / "data" / "hardware" / f"{file}.csv.gz", "rt") as text:
            rows = list(csv.DictReader(text))[::100]
        for metric in metrics:
            table = load_table("nb201", metric.lower(), folder=folder)
            columns = {task: table[task] for task in table.tasks}
            for row in rows:
                assert columns[row.get("task", "cifar10")][row.get("arch") or row["net"]] == float(
                    row[metric]
                )

    @pytest.mark.parametrize("metric", ["", "cola", "sts"])
    def test_flexibert(self, folder: Path, shared_folder: Path, metric: str) -> None:
        path = shared_folder / "data" / "transformers" / "flexibert.csv"
        table, trainings = load_table("flexibert", metric, folder=folder), defaultdict(list)
        assert table.provenance["sha256"] == sha256(path)
        for row in csv.DictReader(path.read_text().splitlines()):
            key = f"{row['hidden_size']}|{row['layers']}"
            trainings[key].append(float(row[metric or "glue"]))
        assert sorted(map(len, trainings.values())) == [1] * 482 + [2] * 9
        assert dict(table["glue"]) == {key: sum(of) / len(of) for key, of in trainings.items()}

    @pytest.mark.parametrize(
        ("space", "metric", "task", "column", "count"),
        [
            ("autoformer_ti", "", "flowers", "flower_base_acc", 100),
            ("autoformer_ti", "kd", "cifar100-224", "c100_kd_acc", 200),
            ("autoformer_ti", "super", "imagenet", "imagenet_super_acc", 200),
            ("pit_ti", "", "chaoyang", "chaoyang_base_acc", 100),
            ("pit_ti", "kd", "cifar100-224", "c100_kd_acc", 100),
        ],
    )
    def test_vision_transformers(
        self,
        folder: Path,
        shared_folder: Path,
        space: str,
        metric: str,
        task: str,
        column: str,
        count: int,
    ) -> None:
        path = shared_folder / "data" / "transformers" / f"{space}.csv"
        parse, found = space_registry[space].parse, load_table(space, metric, folder=folder)[task]
        rows = [row for row in csv.DictReader(path.read_text().splitlines()) if row[column]]
        assert {parse(row["arch"]).key: float(row[column]) for row in rows} == dict(found)
        assert len(found) == count


@pytest.mark.data
@pytest.mark.parametrize(
    ("metric", "rho"),
    [("raspi4_latency", 0.96), ("edgegpu_latency", 0.60), ("edgetpu_latency", 0.31)],
)
def test_multiply_adds_rank_latency(
    folder: Path, shared_folder: Path, metric: str, rho: float
) -> None:
    """Published multiply-adds of 9,445 architectures, against every latency that exists."""
    with gzip.open(shared_folder / "reference" / "nb201_cifar10_13proxies.csv.gz", "rt") as text:
        flops = {row["net"]: float(row["flops"]) for row in csv.DictReader(text)}
    latency = load_table("nb201", metric, folder=folder)["cifar10"]
    known = [key for key in latency.index if key in flops]
    # Spearman's rho by its definition: the correlation of ranks, ties sharing theirs.
    ranks = [
        _ranks(np.array(values))
        for values in ([flops[key] for key in known], latency[known].tolist())
    ]
    assert np.corrcoef(*ranks)[0, 1] == pytest.approx(rho, abs=0.005)


def _ranks(values: np.ndarray) -> np.ndarray:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[places]
