"""Merging stores: the laws that it obeys, halves that give the whole again, and contradictions that it refuses."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_writer import COLUMNS, PROTOCOL, abandon, key, resting_on, score, write

from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.store import Contents, Row, Store, TrialKey, combine, merge, read_store
from zc_bench.store.merge import ContradictionError

FAILED = Score(math.nan, Status.FAILED, "boom", 1.0)


def done(value, seconds=0.0):
    return Score(value, Status.DONE, "", seconds)


def holding(*scores):
    """Return a store that holds each score for a trial of its own; None for one that it lacks."""
    trials = {key(n): Row({"swap@1": held}) for n, held in enumerate(scores) if held is not None}
    return Contents({"swap@1": PROTOCOL}, {}, trials)


def text(contents):
    """Write contents so that equal ones look the same."""
    trials = {
        item: trial.scores | trial.pass_seconds | trial.pass_peak_bytes
        for item, trial in contents.trials.items()
    }
    parts = (contents.fingerprints, trials, contents.drawn)
    in_order = [
        sorted(
            (
                repr(name),
                sorted(map(repr, value.items())) if isinstance(value, dict) else repr(value),
            )
            for name, value in part.items()
        )
        for part in parts
    ]
    return repr((in_order, contents.provenance, contents.other_provenance))


SCORES = st.one_of(
    # Few values, so that stores meet in a cell, and now and then contradict each other.
    st.builds(done, st.sampled_from([1.0, 1.0, 1.0, 2.0]), st.sampled_from([0.1, 0.2])),
    st.builds(
        Score,
        st.just(math.nan),
        st.sampled_from([Status.FAILED, Status.OUT_OF_MEMORY, Status.FAILED, Status.INVALID]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([0.1, 0.2]),
    ),
)
TRIALS = st.dictionaries(
    st.builds(TrialKey, st.sampled_from(["a", "b"]), st.sampled_from("xyz"), st.just(0)),
    st.builds(
        Row,
        st.dictionaries(st.sampled_from(["snip@1", "snip@2"]), SCORES),
        st.dictionaries(st.sampled_from(["forward"]), st.sampled_from([0.1, 0.2])),
        st.dictionaries(st.sampled_from(["forward"]), st.sampled_from([1, 2])),
    ),
)
ABOUTS = st.sampled_from([{"who": "a"}, {"who": "b"}, {"who": "c"}])
DRAWN = st.dictionaries(
    st.sampled_from([("a", 0), ("b", 0)]),
    st.integers(0, 3).map(lambda n: ("x", "y", "z")[:n]),
    max_size=2,
)
# Mostly the same, so that stores seldom contradict each other. A store says of every column with
# scores what these depend on, for every task.
SECTION = st.sampled_from([{"n": 1}, {"n": 1}, {"n": 2}])
SECTIONS = st.fixed_dictionaries(dict.fromkeys(["protocol", "a", "b"], SECTION))
FINGERPRINTS = st.fixed_dictionaries(dict.fromkeys(["snip@1", "snip@2"], SECTIONS))
STORES = st.builds(Contents, FINGERPRINTS, ABOUTS, TRIALS, DRAWN)


def outcome(function, *arguments):
    """Return what a merge produces; whatever the words, a contradiction is a contradiction."""
    try:
        return text(function(*arguments))
    except ContradictionError:
        return "contradiction"


class TestLaws:
    @settings(max_examples=50)
    @given(a=STORES, b=STORES)
    def test_commutative(self, a, b):
        assert outcome(combine, a, b) == outcome(combine, b, a)

    @settings(max_examples=50)
    @given(a=STORES, b=STORES, c=STORES)
    def test_associative(self, a, b, c):
        left = outcome(lambda: combine(combine(a, b), c))
        assert left == outcome(lambda: combine(a, combine(b, c)))

    @settings(max_examples=30)
    @given(a=STORES, b=STORES)
    def test_idempotent(self, a, b):
        assert outcome(combine, a, a) == text(a)
        assert outcome(lambda: combine(combine(a, b), b)) == outcome(combine, a, b)


class TestHalves:
    def run(self, path, numbers, sections=PROTOCOL):
        """Do a part of a run."""
        with Store(path, resting_on(sections), {"spec": 1}) as store:
            store.record_drawn({("cifar10", 0): [key(n).architecture for n in range(10)]})
            for number in numbers:
                result = replace(score(number), pass_peak_bytes={"forward": number})
                store.append(key(number), result, COLUMNS)

    def test_give_the_whole_byte_for_byte(self, tmp_path):
        a, b, whole, merged, back = (
            tmp_path / name for name in ("a.h5", "b.h5", "whole.h5", "ab.h5", "ba.h5")
        )
        self.run(a, range(6))
        self.run(b, range(4, 10))
        self.run(whole, range(10))
        merge([a, b], merged)
        merge([b, a, b], back)
        assert merged.read_bytes() == whole.read_bytes() == back.read_bytes()

    def test_of_several_tasks_give_the_whole_byte_for_byte(self, tmp_path):
        a, b, whole, merged = (
            tmp_path / name for name in ("a.h5", "b.h5", "whole.h5", "merged.h5")
        )
        sections = {"cifar10": {"images": "1"}, "svhn": {"images": "2"}}
        self.run(a, range(3), {**PROTOCOL, "svhn": sections["svhn"]})
        self.run(b, range(3), {**PROTOCOL, "cifar10": sections["cifar10"]})
        self.run(whole, range(3), {**PROTOCOL, **sections})
        merge([a, b], merged)
        assert merged.read_bytes() == whole.read_bytes()

    def test_a_merged_store_goes_on(self, tmp_path):
        for name, number in (("a", 1), ("b", 2)):
            write(tmp_path / f"{name}.h5", [number])
        merge([tmp_path / "a.h5", tmp_path / "b.h5"], tmp_path / "new" / "c.h5")
        write(tmp_path / "new" / "c.h5", [3])
        assert len(read_store(tmp_path / "new" / "c.h5").trials) == 3

    def test_what_another_is_just_writing_counts(self, tmp_path):
        write(tmp_path / "a.h5", [1])
        with Store(tmp_path / "b.h5", resting_on(), {}) as store:
            store.append(key(2), score(2), COLUMNS)
            assert len(merge([tmp_path / "a.h5", tmp_path / "b.h5"], tmp_path / "c.h5").trials) == 2


class TestCells:
    @pytest.mark.parametrize("settled", [done(1.5), Score(math.nan, Status.INVALID, "0/0", 0.0)])
    @pytest.mark.parametrize("status", [Status.FAILED, Status.OUT_OF_MEMORY])
    def test_a_settled_score_counts_more_than_one_that_failed(self, settled, status):
        failed = replace(FAILED, status=status)
        for pair in ((settled, failed), (failed, settled)):
            assert combine(*map(holding, pair)).trials[key(0)].scores["swap@1"] is settled

    def test_of_two_times_the_smaller_one_counts(self):
        merged = combine(holding(done(1.0, 0.3)), holding(done(1.0, 0.2)))
        assert merged.trials[key(0)].scores["swap@1"].seconds == 0.2

    def test_versions_and_proxies_stand_side_by_side(self):
        other = Contents({}, {}, {key(0): Row({"swap@2": done(2.0), "snip@1": done(3.0)})})
        assert sorted(combine(holding(done(1.0)), other).trials[key(0)].scores) == [
            "snip@1",
            "swap@1",
            "swap@2",
        ]


class TestContradictions:
    @pytest.mark.parametrize(
        ("one", "other", "words"),
        [
            (done(1.5), done(1.5000000000000002), "is 1.5 there, 1.5000000000000002 here"),
            (done(0.0), done(-0.0), "is 0.0 there, -0.0 here"),
            (done(1.5), Score(math.nan, Status.INVALID, "", 0.0), "is 1.5 there, invalid here"),
        ],
    )
    def test_of_a_score_names_the_cell(self, one, other, words):
        with pytest.raises(ContradictionError) as info:
            combine(holding(None, one), holding(None, other))
        assert str(info.value) == f"swap@1 of architecture 1, task cifar10, seed 0, {words}"

    def test_of_what_a_column_rests_on_names_column_and_section(self):
        other = replace(
            holding(done(1.0)), fingerprints={"swap@1": {"protocol": {"batch_size": 8}}}
        )
        with pytest.raises(ContradictionError) as info:
            combine(holding(done(1.0)), other)
        assert str(info.value) == "swap@1 (protocol batch_size: 4 there, 8 now)"

    def test_of_columns_that_only_one_has_there_is_none(self):
        fingerprints = {"snip@1": {"protocol": {"batch_size": 8}}}
        other = Contents(fingerprints, {}, {key(0): Row({"snip@1": done(3.0)})})
        merged = combine(holding(done(1.0)), other)
        assert merged.fingerprints == {"swap@1": PROTOCOL, **fingerprints}

    def test_of_the_space_is_one_for_all_columns(self):
        one, other = (
            Contents({f"{name}@1": {"protocol": {"space": space}}}, {}, {})
            for name, space in (("swap", "nb201"), ("snip", "nb101"))
        )
        with pytest.raises(ContradictionError, match="space: 'nb201' there, 'nb101' here"):
            combine(one, other)

    def test_of_a_draw_names_the_place(self):
        one, other = (
            replace(holding(), drawn={("svhn", 3): keys}) for keys in (("a", "b"), ("a", "c", "d"))
        )
        with pytest.raises(
            ContradictionError,
            match="architecture 1 drawn for task svhn, seed 3, is b there, c here",
        ):
            combine(one, other)

    def test_names_the_stores_and_writes_nothing(self, tmp_path):
        a, b, c, out = (tmp_path / f"{name}.h5" for name in "abcd")
        write(a, [1])
        write(b, [2])
        with Store(c, resting_on(), {}) as store:
            store.append(key(1), JobResult({"swap": done(9.0)}, {}), COLUMNS)
        with pytest.raises(ZcBenchError) as info:
            merge([a, b, c], out)
        assert str(info.value) == (
            f"{c} contradicts {a} and {b}: swap@1 of architecture 1, task cifar10, seed 0, is 1.0 there, 9.0 here. "
            "Merge stores of one space, whose columns depend on the same things."
        )
        assert not out.exists()

    def test_a_file_that_is_there_is_kept(self, tmp_path):
        write(tmp_path / "a.h5", [1])
        with pytest.raises(
            ZcBenchError, match=r"a\.h5 is there already: give the merged store another name"
        ):
            merge([tmp_path / "a.h5"], tmp_path / "a.h5")

    def test_a_journal_that_is_there_does_not_become_the_journal_of_the_new_store(self, tmp_path):
        abandon(tmp_path / "scores.h5", range(3))
        (tmp_path / "scores.h5").unlink()
        write(tmp_path / "a.h5", [7])
        with pytest.raises(
            ZcBenchError,
            match=r"scores\.h5\.journal is there already: give the merged store another name",
        ):
            merge([tmp_path / "a.h5"], tmp_path / "scores.h5")

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path):
        write(tmp_path / "a.h5", [1])
        with pytest.raises(ZcBenchError, match=r"Could not write .*b\.h5"):
            merge([tmp_path / "a.h5"], tmp_path / "a.h5" / "b.h5")
