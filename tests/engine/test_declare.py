"""Declarations of passes and proxies, and those that are refused."""

import warnings
from dataclasses import dataclass
from typing import Optional

import pytest
import torch
from made_up import A, B, Start, proxy

from zc_bench.engine import declare as module
from zc_bench.engine.declare import shared_pass
from zc_bench.errors import ZcBenchError, ZcBenchWarning

pytestmark = pytest.mark.usefixtures("registries")


class TestSharedPass:
    def test_returns_the_function_unchanged(self):
        def a(start: Start) -> A:
            return A()

        assert shared_pass(a) is a

    def test_declares_by_its_annotations(self):
        @shared_pass
        def a(start: Start, b: B) -> A:
            return A()

        entry = module.pass_registry[A]
        assert entry.name == "a"
        assert entry.needs == {"start": Start, "b": B}
        assert entry.produces == (A,)

    def test_may_give_several_and_leave_some_out(self):
        @shared_pass
        def both(start: Start) -> tuple[A | None, Optional[B]]:  # noqa: UP045 - the older spelling means the same
            return A(), B()

        assert module.pass_registry[A] is module.pass_registry[B]
        assert module.pass_registry[A].produces == (A, B)

    def test_refuses_a_missing_annotation(self):
        with pytest.raises(ZcBenchError, match=r"needs a type annotation for: b, return\.$"):

            @shared_pass
            def a(start: Start, b):
                return A()

    def test_refuses_a_second_giver(self):
        @shared_pass
        def first(start: Start) -> A:
            return A()

        with pytest.raises(
            ZcBenchError, match=r"^The pass 'second' produces A, which 'first' produces already\.$"
        ):

            @shared_pass
            def second(start: Start) -> tuple[B, A]:
                return B(), A()

        assert B not in module.pass_registry

    def test_refuses_a_second_of_that_name(self):
        def make(product):
            def same(start: Start) -> product:
                return product()

            return same

        shared_pass(make(A))
        with pytest.raises(
            ZcBenchError,
            match=r"^A pass 'same' is registered already: give the function another name",
        ):
            shared_pass(make(B))

    @pytest.mark.parametrize("product", [None, A | B, list[int]])
    def test_refuses_what_is_no_observation(self, product):
        def a(start: Start) -> product:
            return None

        with pytest.raises(
            ZcBenchError, match="The pass 'a' must return an observation or a tuple of them, not"
        ):
            shared_pass(a)

    def test_refuses_an_optional_need(self):
        with pytest.raises(
            ZcBenchError, match=r"The parameter 'b' of .*a must be one observation, not"
        ):

            @shared_pass
            def a(b: B | None) -> A:
                return A()


class TestProxy:
    def test_returns_the_function_unchanged(self):
        def reduce(a: A) -> float:
            """Reduce."""
            return a.value

        assert proxy("reduce")(reduce) is reduce

    def test_records_what_is_declared(self):
        @proxy("p", version=3, higher_is_better=False, uses_labels=True, classification_only=True)
        def reduce(a: A) -> float:
            """Reduce to a number.

            In a way that takes long to explain.
            """
            return a.value

        entry = module.proxy_registry["p"]
        assert entry.needs == {"a": A}
        assert entry.summary == "Reduce to a number."
        assert (entry.source, entry.version) == ("nobody", 3)
        assert (entry.higher_is_better, entry.uses_labels, entry.classification_only) == (
            False,
            True,
            True,
        )

    def test_refuses_a_missing_annotation(self):
        with pytest.raises(ZcBenchError, match=r"needs a type annotation for: a\.$"):

            @proxy("p")
            def reduce(a) -> float:
                """Reduce."""
                return 0.0

    @pytest.mark.parametrize("product", [int, None, torch.Tensor])
    def test_refuses_another_type_than_float(self, product):
        def reduce(a: A) -> product:
            """Reduce."""

        with pytest.raises(
            ZcBenchError, match="The proxy 'p' must be annotated to return float, not"
        ):
            proxy("p")(reduce)

    def test_refuses_a_missing_docstring(self):
        with pytest.raises(ZcBenchError, match="The proxy 'p' has no docstring"):

            @proxy("p")
            def reduce(a: A) -> float:
                return 0.0

    def test_refuses_a_second_of_that_name(self):
        def reduce(a: A) -> float:
            """Reduce."""
            return 0.0

        def other(a: A) -> float:
            """Reduce."""
            return 0.0

        proxy("p")(reduce)
        with pytest.raises(ZcBenchError, match="The proxy 'p' is registered already"):
            proxy("p")(other)
        assert module.proxy_registry["p"].function is reduce


CELL = """
@dataclass(frozen=True)
class Depth:
    modules: int

@shared_pass(reads={Depth: ()})
def depth(start: Start) -> Depth:
    return Depth(FACTOR)

@proxy("deep", source="nobody", version=VERSION)
def deep(depth: Depth) -> float:
    "Depth of the network."
    return FACTOR * depth.modules
"""


class TestNotebook:
    """A cell of a notebook is run again and again in one module."""

    def run(self, factor=1, version=1):
        scope = {"__name__": "__main__", "dataclass": dataclass, "Start": Start}
        scope |= {"shared_pass": shared_pass, "proxy": module.proxy}
        exec(CELL.replace("FACTOR", str(factor)).replace("VERSION", str(version)), scope)
        return scope

    def test_the_same_cell_takes_the_place_of_its_earlier_form(self):
        for _ in range(3):
            scope = self.run()
        assert module.proxy_registry["deep"].function is scope["deep"]
        assert list(module.pass_registry) == [scope["Depth"]]
        assert module.proxy_registry["deep"].needs == {"depth": scope["Depth"]}

    def test_another_formula_asks_for_another_version(self):
        self.run()
        with pytest.warns(ZcBenchWarning, match="The proxy 'deep' has changed: raise its version"):
            self.run(factor=2)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.run(factor=3, version=2)

    def test_a_function_of_another_module_is_refused(self):
        self.run()
        with pytest.raises(ZcBenchError, match="The proxy 'deep' is registered already"):

            @proxy("deep")
            def deep(start: Start) -> float:
                """Depth."""
                return 0.0


class TestParameters:
    @pytest.mark.parametrize(
        "kind", [torch.nn.Module, torch.Tensor, torch.nn.Linear, int, dict, str]
    )
    def test_a_type_that_no_pass_produces_is_refused_with_what_may_be_one(self, kind):
        def score(net: kind) -> float:
            """Score."""
            return 0.0

        for register in (proxy("p"), shared_pass):
            with pytest.raises(
                ZcBenchError, match=r"The parameter 'net' of .*score must be one observation, not"
            ) as refused:
                register(score)
            assert kind.__name__ in str(refused.value)
            assert "`trial: TrialInputs` (zc_bench.passes) gives the network, images" in str(
                refused.value
            )
        assert "p" not in module.proxy_registry
