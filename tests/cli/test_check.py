"""`zc-bench check`, as a user calls it."""

import pytest
from typer.testing import CliRunner

from zc_bench import proxy
from zc_bench.cli import app, console
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.passes.network_size import NetworkSize


@pytest.fixture
def check(monkeypatch):
    monkeypatch.setattr(console.out, "width", 200)
    return lambda *names: CliRunner().invoke(app, ["check", *names])


def test_who_keeps_what_he_promises_passes(check):
    result = check("params", "network_size")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert sum(line[:2] == ["proxy", "params"] and "passed" in line for line in lines) == 10
    assert sum(line[:2] == ["pass", "network_size"] and "passed" in line for line in lines) == 9
    assert "forward passes" in result.stdout


def test_a_space_is_checked(check):
    result = check("nb201")
    assert result.exit_code == 0
    assert "space nb201" in result.stdout


def test_who_does_not_is_named(check, monkeypatch):
    monkeypatch.setattr(proxy_registry, "_items", dict(proxy_registry))

    @proxy("nameless", source="")
    def nameless(size: NetworkSize) -> float:
        """Count."""
        return size.parameters

    result = check("nameless")
    assert result.exit_code == 1
    assert "Its source is empty: name paper and equation." in result.stdout
    assert result.stdout.count("failed") == 1


def test_all_are_all(check, monkeypatch):
    asked = []
    for kind in ("proxy", "pass", "space"):
        monkeypatch.setattr(
            f"zc_bench.cli.check.{kind}_checks", lambda name: asked.append(name) or ()
        )
    assert check("--all").exit_code == 0
    assert {"swap", "loss_gradients", "nb201"} <= set(asked)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    ("names", "message"), [(["swop"], "did you mean 'swap'"), ([], "nothing to check")]
)
def test_what_is_wrong_is_said(check, names, message):
    error = check(*names).exception
    assert isinstance(error, ZcBenchError)
    assert message in str(error)
