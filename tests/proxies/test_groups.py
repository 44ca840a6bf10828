"""Names of groups stand for their proxies, and the default stays the seventeen."""

from pathlib import Path

import pytest

import zc_bench
from networks import Recipe
from zc_bench import Spec, ZcBenchError
from zc_bench.engine.declare import proxy, proxy_registry
from zc_bench.passes.network_size import NetworkSize
from zc_bench.proxies.groups import GROUPS, default_proxies, group_of, named_proxies
from zc_bench.spec import read_experiment


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> str:
    """Register a proxy that is in no group."""
    monkeypatch.setattr(proxy_registry, "_items", dict(proxy_registry))

    @proxy("mine", source="nobody")
    def mine(size: NetworkSize) -> float:
        """Count."""
        return float(size.parameters)

    return "mine"


def test_every_proxy_of_ours_is_in_one_group_and_every_member_is_registered() -> None:
    members = [name for names in GROUPS.values() for name in names]
    assert sorted(members) == sorted(proxy_registry)


def test_the_default_is_the_seventeen_of_figure_4() -> None:
    assert len(default_proxies()) == 17
    assert set(default_proxies()) == set(GROUPS["paper"])
    assert set(read_experiment(Path("figure4")).runs[0].proxies) == set(default_proxies())


def test_proxies_of_plugins_are_in_the_default_and_in_all(plugin: str) -> None:
    assert plugin in default_proxies()
    assert plugin in named_proxies("all")
    assert group_of(plugin) == "plug-in"
    assert group_of("az_nas") == "recent"


def test_groups_and_names_mix_and_each_counts_once() -> None:
    assert named_proxies(["depth", "trivial", "swap"]) == ("depth", "layers", "width", "swap")
    assert named_proxies("all") == tuple(proxy_registry)
    assert named_proxies(()) == ()


@pytest.mark.parametrize(
    ("name", "hint"), [("recnt", "did you mean 'recent'"), ("az_nass", "did you mean 'az_nas'")]
)
def test_a_misspelt_group_is_told(name: str, hint: str) -> None:
    with pytest.raises(ZcBenchError, match=f"Unknown proxy '{name}': {hint}"):
        named_proxies([name])
    with pytest.raises(ZcBenchError, match=hint):
        Spec("nb201", proxies=(name,))


def test_a_spec_writes_the_members_out() -> None:
    spec = Spec("nb201", ("cifar10",), proxies="trivial")
    assert spec.proxies == GROUPS["trivial"]
    assert Spec.from_toml(spec.to_toml()) == spec
    assert Spec("nb201").proxies == ()


def test_python_takes_a_group() -> None:
    built = Recipe().build()
    assert tuple(zc_bench.score(built.network, built.images, proxies="trivial")) == (
        "depth",
        "layers",
        "width",
    )
    found = zc_bench.list_proxies()["group"]
    assert found["swap"] == "paper"
    assert (found == "paper").sum() == 17


def test_a_run_compares_the_architectures_of_a_seed(tmp_path) -> None:
    result = zc_bench.run(
        "nb201",
        tasks="cifar10",
        proxies=["az_nas", "trivial"],
        samples=4,
        seeds=2,
        inputs="noise",
        batch_size=2,
        store=tmp_path / "scores.h5",
        device="cpu",
        progress=False,
    )
    scores = result.scores
    assert set(scores["proxy"]) == {"az_nas", "depth", "layers", "width"}
    ranked = scores[scores["proxy"] == "az_nas"]
    assert set(ranked["reason"]) == {"compared with each other: 4 architectures"}
    assert (ranked.groupby("seed")["score"].max() <= 0).all()
    again = zc_bench.run(
        "nb201",
        tasks="cifar10",
        proxies="az_nas",
        samples=3,
        seeds=1,
        inputs="noise",
        batch_size=2,
        store=tmp_path / "scores.h5",
        device="cpu",
        progress=False,
    ).scores
    assert set(again["reason"]) == {"compared with each other: 3 architectures"}
