"""Specs: to TOML and back, and what they refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.seeds import seed_numbers
from zc_bench.spec import Protocol, Spec, preset_registry

# TOML holds Unicode scalar values: no surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PROTOCOLS = st.builds(
    Protocol,
    batch_size=st.integers(1, 1 << 16),
    inputs=TEXT,
    mu=st.none() | st.floats(1e-9, 1e9),
    sigma=st.none() | st.floats(0, exclude_min=True, allow_infinity=False),
)
SPECS = st.builds(
    Spec,
    space=st.sampled_from(["nb101", "nb201", "nb301", "darts", "darts_cell"]),
    tasks=st.lists(st.just("cifar10")).map(tuple),
    proxies=st.lists(st.sampled_from(["swap", "snip", "reg_swap"])).map(tuple),
    truth=TEXT,
    samples=st.integers(1, 10**9),
    seeds=st.integers(1, 1000),
    dedup=st.booleans(),
    protocol=PROTOCOLS,
)


def refusal(text):
    """Return the sentence with which a text is refused."""
    with pytest.raises(ZcBenchError) as info:
        Spec.from_toml(text)
    return str(info.value)


class TestToml:
    @given(SPECS)
    def test_comes_back_equal(self, spec):
        assert Spec.from_toml(spec.to_toml()) == spec

    def test_is_fit_to_be_read(self):
        spec = Spec(
            "nb201",
            ("cifar10",),
            ("swap", "snip"),
            100,
            2,
            protocol=Protocol(inputs="noise", sigma=1.5),
        )
        lines = spec.to_toml().splitlines()
        assert lines[:8] == [
            'space = "nb201"',
            'tasks = ["cifar10"]',
            'proxies = ["swap", "snip"]',
            "samples = 100",
            "seeds = 2",
            "dedup = false",
            'truth = ""',
            "",
        ]
        assert {"batch_size = 32", 'inputs = "noise"', "sigma = 1.5"} <= set(lines[8:])
        assert not any(line.startswith("mu") for line in lines)

    def test_fills_in_the_defaults(self):
        assert Spec.from_toml('space = "nb201"') == Spec("nb201")

    def test_takes_a_whole_number_where_a_number_is_expected(self):
        mu = Spec.from_toml('space = "nb201"\n[protocol]\nmu = 1').protocol.mu
        assert mu == 1.0
        assert type(mu) is float


class TestRefusal:
    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("samples = " + "9" * 5000, "The spec is not valid TOML: "),
            ("samples = " + "[" * 3000, "The spec is not valid TOML: "),
            ("samples = " + "[" * 300 + "]" * 300, "samples = [[["),
            ("a" + ".a" * 3000 + " = 1", "Unknown key 'a': known are:"),
            ("protocol.mu = 1" + "0" * 400, "protocol.mu = 1000"),
            (
                "samples = 0x" + "f" * 5000,
                "samples = a very large int will not do: expected a whole",
            ),
            ("protocol.mu = 0x" + "f" * 5000, "protocol.mu = a very large int has the wrong type"),
            (
                "seeds = 100000",
                "seeds = 100000 will not do: expected a whole number, 1,000 at most.",
            ),
            (
                "protocol.batch_size = 65537",
                "batch_size = 65537 will not do: expected a whole number,",
            ),
            (
                "protocol.image_size = 10000",
                "image_size = 10000 will not do: expected a whole number,",
            ),
            (
                "protocol.repeats = 1000000",
                "repeats = 1000000 will not do: expected a whole number,",
            ),
            ("x" * 100_000 + " = 1", "Unknown key 'xxx"),
        ],
    )
    def test_of_what_has_no_measure_is_one_short_sentence(self, line, sentence):
        found = refusal(f'{line}\nspace = "nb201"')
        assert found.startswith(sentence)
        assert len(found) < 400

    def test_of_what_is_no_toml(self):
        assert refusal("space = ").startswith(
            "The spec is not valid TOML: Invalid value (at end of document)"
        )

    def test_of_a_missing_space(self):
        assert refusal("samples = 3") == "The spec lacks space: add it."

    def test_of_an_unknown_key(self):
        assert (
            refusal('space = "nb201"\nsample = 3')
            == "Unknown key 'sample': did you mean 'samples'?"
        )

    def test_of_an_unknown_key_in_a_table(self):
        text = 'space = "nb201"\n[protocol]\nbatchsize = 3'
        assert (
            refusal(text) == "Unknown key 'protocol.batchsize': did you mean 'protocol.batch_size'?"
        )

    def test_of_an_unknown_table(self):
        assert "Unknown key 'protocols': did you mean 'protocol'?" in refusal(
            'space = "nb201"\n[protocols]\nmu = 1'
        )

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("space = 3", "space = 3 has the wrong type: expected a string."),
            ("samples = true", "samples = True has the wrong type: expected a whole number."),
            ("samples = 3.0", "samples = 3.0 has the wrong type: expected a whole number."),
            ('samples = "3"', "samples = '3' has the wrong type: expected a whole number."),
            (
                'tasks = "cifar10"',
                "tasks = 'cifar10' has the wrong type: expected a list of strings.",
            ),
            ("tasks = [1]", "tasks = [1] has the wrong type: expected a list of strings."),
            ("protocol = 3", "protocol = 3 has the wrong type: expected a table, [protocol]."),
            ("protocol.mu = true", "protocol.mu = True has the wrong type: expected a number."),
            ('protocol.mu = "1"', "protocol.mu = '1' has the wrong type: expected a number."),
            (
                "protocol.batch_size = true",
                "protocol.batch_size = True has the wrong type: expected a whole number.",
            ),
            (
                "protocol.inputs = ['noise']",
                "protocol.inputs = ['noise'] has the wrong type: expected a string.",
            ),
        ],
    )
    def test_of_a_wrong_type(self, line, sentence):
        text = line if line.startswith("space") else f'space = "nb201"\n{line}'
        assert refusal(text) == sentence

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("samples = 0", "samples = 0 will not do: expected a whole number from 1 up."),
            ("seeds = -1", "seeds = -1 will not do: expected a whole number from 1 up."),
            (
                "protocol.batch_size = 0",
                "batch_size = 0 will not do: expected a whole number from 1 up.",
            ),
            ("protocol.mu = nan", "mu = nan will not do: expected a finite number."),
            ("protocol.mu = inf", "mu = inf will not do: expected a finite number."),
            (
                "protocol.mu = 0",
                "mu = 0.0 will not do: expected a number whose square can be sigma, or sigma as well.",
            ),
            ("protocol.sigma = 0", "sigma = 0.0 will not do: expected a number above 0."),
            ("protocol.sigma = nan", "sigma = nan will not do: expected a number above 0."),
            ("protocol.sigma = inf", "sigma = inf will not do: expected a number above 0."),
        ],
    )
    def test_of_a_value_that_no_run_could_use(self, line, sentence):
        assert refusal(f'space = "nb201"\n{line}') == sentence

    def test_does_not_wait_for_toml(self):
        with pytest.raises(ZcBenchError, match="samples = 0"):
            Spec("nb201", samples=0)


class TestNames:
    """Names are checked when a spec is made."""

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ({"space": "nb202"}, "Unknown search space 'nb202': did you mean 'nb201'?"),
            ({"proxies": ["swpa"]}, "Unknown proxy 'swpa': did you mean 'swap'?"),
            ({"tasks": "cifar11"}, "Unknown task 'cifar11': did you mean 'cifar10'?"),
            ({"tasks": "jigsaw"}, "nb201 has no networks for the task 'jigsaw'"),
        ],
    )
    def test_unknown_ones_are_refused_with_a_hint(self, arguments, sentence):
        with pytest.raises(ZcBenchError) as info:
            Spec(**{"space": "nb201", **arguments})
        assert str(info.value).startswith(sentence)

    def test_one_may_stand_alone(self):
        assert Spec("nb201", "cifar10", "swap") == Spec("nb201", ("cifar10",), ("swap",))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (5, 5),
        ("5", 5),
        (range(5), 5),
        ("0:5", 5),
        (range(3, 5), (3, 4)),
        ("3:5", (3, 4)),
        ([4, 3], (3, 4)),
        ((7,), (7,)),
    ],
)
def test_seeds_are_how_many_or_which_and_stay_so_in_toml(given, kept):
    spec = Spec("nb201", seeds=given)
    assert spec.seeds == kept
    assert Spec.from_toml(spec.to_toml()) == spec
    assert seed_numbers(spec.seeds) == tuple(range(kept) if isinstance(kept, int) else kept)


@pytest.mark.parametrize(
    "given", [0, -1, (), [1, 1], [-1], ["a"], 2.5, None, {1, 2}, "x", "5:2", 10**9]
)
def test_seeds_that_are_none_are_refused(given):
    with pytest.raises(ZcBenchError, match="seeds = "):
        Spec("nb201", seeds=given)


def test_a_list_of_seeds_may_stand_in_toml():
    assert Spec.from_toml('space = "nb201"\nseeds = [3, 4]').seeds == (3, 4)
    with pytest.raises(ZcBenchError, match="expected a list of whole numbers"):
        Spec.from_toml('space = "nb201"\nseeds = ["a"]')


def test_the_digest_of_a_protocol_does_not_depend_on_what_no_stored_score_reads():
    base = Protocol(batch_size=16, weights="normal")
    assert base.digest() == base.changed(size_unit="K", mu=3.0, sigma=2.0).digest()
    assert base.digest() != base.changed(batch_size=17).digest()
    # Stores that exist are found under these names.
    assert preset_registry["swap-paper"].digest() == "79094932"
    assert preset_registry["suite-zero"].digest() == "58112439"
