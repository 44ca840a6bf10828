"""An interrupted training continues, with the result of an uninterrupted one."""

import random
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.train import Data, Plan, train
from zc_bench.train.checkpoint import load, save
from zc_bench.train.run import CHECKPOINT, LOG

CPU = torch.device("cpu")


def tensors(state: dict, name: str = "") -> dict[str, torch.Tensor]:
    found = {}
    for key, value in state.items():
        if isinstance(value, dict):
            found |= tensors(value, f"{name}.{key}")
        elif isinstance(value, torch.Tensor):
            found[f"{name}.{key}"] = value
    return found


def test_a_stopped_training_ends_as_one_that_was_not(
    plan: Plan, data: Data, tmp_path: Path
) -> None:
    whole = list(train(plan, data, CPU, tmp_path / "whole"))

    def stop(done: int, total: int) -> None:
        assert total == 2 * 5
        if done == 7:  # in the second epoch
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(train(plan, data, CPU, tmp_path / "stopped", tick=stop))
    assert len(pd.read_csv(tmp_path / "stopped" / LOG)) == 1
    ticks: list[int] = []
    torch.rand(7)  # whatever else has drawn
    resumed = list(
        train(plan, data, CPU, tmp_path / "stopped", tick=lambda done, _: ticks.append(done))
    )
    assert ticks == [6, 7, 8, 9, 10]
    assert [replace(epoch, seconds=0) for epoch in resumed] == [
        replace(epoch, seconds=0) for epoch in whole
    ]
    identity = plan.identity(data)
    first, second = (
        tensors(load(tmp_path / name / CHECKPOINT, identity, CPU)) for name in ("whole", "stopped")
    )
    assert first.keys() == second.keys()
    assert any("optimizer" in name for name in first)
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def test_another_seed_trains_another_network(plan: Plan, data: Data, tmp_path: Path) -> None:
    short = replace(plan, recipe=replace(plan.recipe, epochs=1))
    (first,) = train(short, data, CPU, tmp_path / "0")
    (second,) = train(replace(short, seed=1), data, CPU, tmp_path / "1")
    assert first.training_loss != second.training_loss


def test_a_finished_training_is_not_repeated(
    plan: Plan, data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = replace(plan, recipe=replace(plan.recipe, epochs=1))
    first = list(train(short, data, CPU, tmp_path))
    monkeypatch.setattr("zc_bench.train.trainer.Trainer.run_epoch", None)
    assert list(train(short, data, CPU, tmp_path)) == first
    logged = pd.read_csv(tmp_path / LOG)
    assert logged.to_dict("records") == [pytest.approx(asdict(epoch)) for epoch in first]


def test_the_folder_of_another_training_is_left_alone(
    plan: Plan, data: Data, tmp_path: Path
) -> None:
    short = replace(plan, recipe=replace(plan.recipe, epochs=1))
    list(train(short, data, CPU, tmp_path))
    before = (tmp_path / CHECKPOINT).read_bytes()
    other = replace(short, seed=1, recipe=replace(short.recipe, cutout=4))
    with pytest.raises(
        ZcBenchError,
        match="checkpoint of another training, with other cutout, seed: choose another",
    ):
        next(train(other, data, CPU, tmp_path))
    assert (tmp_path / CHECKPOINT).read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"no checkpoint", None])
def test_a_damaged_checkpoint_is_one_sentence(
    plan: Plan, data: Data, tmp_path: Path, damage: bytes | None
) -> None:
    if damage is None:
        torch.save({"identity": "", "cut": torch.zeros(1000)}, tmp_path / CHECKPOINT)
        damage = (tmp_path / CHECKPOINT).read_bytes()[:1000]
    (tmp_path / CHECKPOINT).write_bytes(damage)
    with pytest.raises(ZcBenchError, match="is no whole checkpoint"):
        next(train(plan, data, CPU, tmp_path))


def test_a_flipped_bit_changes_no_weight(tmp_path: Path) -> None:
    path, dice = tmp_path / CHECKPOINT, random.Random(0)
    weights = torch.arange(300.0)
    save(path, {"seed": 0}, {"weights": weights})
    whole = path.read_bytes()
    refused = 0
    for _ in range(200):
        place, bit = dice.randrange(len(whole)), 1 << dice.randrange(8)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        try:
            state = load(path, {"seed": 0}, CPU)
        except ZcBenchError:
            refused += 1
        else:
            assert state is not None
            assert state.keys() == {"weights"}
            assert torch.equal(state["weights"], weights)
    assert refused > 100


def test_a_checkpoint_runs_no_code(plan: Plan, data: Data, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return print, ("ran",)

    torch.save({"identity": Evil()}, tmp_path / CHECKPOINT)
    with pytest.raises(ZcBenchError, match="is no whole checkpoint"):
        next(train(plan, data, CPU, tmp_path))
