import pytest

from zc_bench.tables import facts, known_truths
from zc_bench.tables.catalogue import Facts, table_files


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize(
    ("space", "task", "expected"),
    [
        ("nb101", "cifar10", Facts("validation", 108, 1)),
        ("nb201", "cifar100", Facts("validation", 200, 1)),
        ("nb301", "cifar10", Facts("validation", None, 1)),
        ("tnb101_micro", "class_object", Facts("validation", 25, 1)),
        ("tnb101_macro", "jigsaw", Facts("validation", 10, 1)),
        ("tnb101_micro", "normal", Facts("validation", 30, 1)),
        ("nb201", "jigsaw", None),
    ],
)
def test_facts_are_by_task(space, task, expected):
    assert facts(space, task) == expected


def test_facts_are_those_of_the_file_that_is_here(data_folder):
    path = data_folder / "nasbench_only108.tfrecord"
    path.touch()
    try:
        assert facts("nb101", "cifar10") == Facts("validation", 108, 3)
    finally:
        path.unlink()


def test_provenance_is_flat_and_leaves_out_what_is_not_known():
    named = {entry.name: entry for entry in table_files()}
    provenance = named["tnb101_micro_zen"].provenance()
    assert provenance["epochs"].startswith("class_scene 25, class_object 25, jigsaw 10")
    assert provenance["runs"] == 1
    assert "sha256" not in named["zc_nasbench101"].provenance()


def test_a_commit_is_read_from_the_address():
    named = {entry.name: entry for entry in table_files()}
    assert named["nb201_zen"].commit == "8c45f19dc259956c3bd253071135c798ad3df8ce"
    assert named["zc_nasbench101"].commit == ""


def test_other_metrics_are_named_once():
    counts = {}
    for space in ("nb201", "flexibert", "flexibert_trained", "autoformer_ti", "pit_ti", "nb301"):
        of_space = (entry for entry in table_files() if space in entry.spaces)
        names = [name for entry in of_space for name in entry.truths if name]
        assert list(known_truths(space)) == names
        counts[space] = len(set(names)) if len(names) == len(set(names)) else "twice"
    assert list(counts.values()) == [1 + 10 + 32, 8, 8, 2, 1, 0]
