"""Networks from outside the search spaces.

Every proxy produces a number or a true reason, and leaves no trace.
"""

import copy
import math
from dataclasses import replace

import pytest
import torch
from any_network import ConvNeXt, Heads, Inverted, Mixer, ResNeXt, Text, Torch, TwoHeads, ViT, drawn
from torch import nn

from networks import REGULARISATION, Case, case
from networks import score as score_case
from reference import TWINS
from traces import everything
from zc_bench import ZcBenchError, score
from zc_bench.engine.scores import Status
from zc_bench.images import Batch
from zc_bench.proxies.groups import default_proxies

PATTERNS = ("swap", "reg_swap", "nwot", "linear_regions")
NETWORKS = {kind.__name__: kind for kind in (ResNeXt, ConvNeXt, ViT, Mixer, Torch, Inverted)}
RELU = {"ResNeXt", "Inverted"}
BY_FUNCTION = "a weight is used by a function, not by a Conv2d or Linear module, whose outputs can be observed"


def built(name: str, dtype: torch.dtype = torch.float64) -> Case:
    return case(drawn(NETWORKS[name]()).to(dtype), 4, 3, 8, 8, classes=4)


def scored(given: Case, names=None, **options):
    return score(
        given.network,
        given.images,
        given.labels,
        proxies=names,
        second=given.second,
        regularisation=REGULARISATION,
        **options,
    )


def values(scores):
    return {name: (entry.status, entry.reason, entry.value.hex()) for name, entry in scores.items()}


@pytest.mark.parametrize("name", NETWORKS)
class TestEveryNetwork:
    def test_has_a_number_for_every_proxy(self, name):
        scores = scored(built(name), activations="all")
        assert tuple(scores) == default_proxies()
        without = {
            key: entry.reason for key, entry in scores.items() if entry.status is not Status.DONE
        }
        assert without == ({"fisher": BY_FUNCTION} if name == "Torch" else {})

    def test_patterns_of_relu_alone_are_the_default(self, name):
        scores = scored(built(name), PATTERNS)
        if name in RELU:
            assert scores["swap"].status is Status.DONE
        else:
            assert {entry.status for entry in scores.values()} == {Status.INVALID}
            assert all("no nn.ReLU" in entry.reason for entry in scores.values())

    def test_is_as_before_afterwards(self, name):
        ours = built(name)
        ours.network.eval()
        before = everything(ours)
        scored(ours, activations="all")
        assert everything(ours) == before

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_has_the_same_scores_alone_and_jointly(self, name, dtype):
        ours = built(name, dtype)
        together = values(scored(ours, activations="all"))
        alone = {key: values(scored(ours, [key], activations="all"))[key] for key in together}
        assert alone == together

    @pytest.mark.parametrize(
        "proxy", ["snip", "fisher", "grad_norm", "plain", "jacov", "zen", "l2_norm", "params"]
    )
    def test_agrees_with_the_twin(self, name, proxy):
        ours = built(name)
        found = score_case(ours, [proxy])[proxy]
        if (name, proxy) == ("Torch", "fisher"):
            assert (found.status, found.reason) == (Status.UNDEFINED, BY_FUNCTION)
            return
        assert found.value == pytest.approx(TWINS[proxy](ours), rel=1e-8)

    def test_frozen_it_has_the_same_scores(self, name):
        ours = built(name)
        expected = values(scored(ours))
        ours.network.requires_grad_(requires_grad=False)
        before = everything(ours)
        assert values(scored(ours)) == expected
        assert everything(ours) == before

    def test_built_and_scored_in_inference_mode_it_has_the_same_scores(self, name):
        expected = values(scored(built(name)))
        with torch.inference_mode():
            ours = built(name)
            assert next(ours.network.parameters()).is_inference()
            parameters = dict(ours.network.named_parameters())
            assert values(scored(ours)) == expected
            assert torch.is_inference_mode_enabled()
        assert all(
            parameter is parameters[key] for key, parameter in ours.network.named_parameters()
        )


@pytest.mark.parametrize("operation", [nn.SiLU(), nn.Mish(), nn.GroupNorm(2, 8)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_that_change_where_they_are_differentiated_do_not_change_jointly(
    operation, dtype
):
    network = nn.Sequential(nn.Conv2d(3, 8, 3), operation, nn.Flatten(), nn.Linear(288, 4))
    ours = case(drawn(network).to(dtype), 4, 3, 8, 8, classes=4)
    names = ["grasp", "grad_norm", "fisher", "zico", "jacov"]
    together = values(scored(ours, names))
    assert {name: values(scored(ours, [name]))[name] for name in names} == together


def test_grasp_of_a_transformer_is_minus_w_h_g():
    network = drawn(nn.Sequential(nn.Conv2d(3, 2, 4, stride=4), nn.Flatten(2), _Attend())).double()
    ours = case(network, 3, 3, 8, 8, classes=2)
    assert score_case(ours, ["grasp"])["grasp"].value == pytest.approx(
        TWINS["grasp"](ours), rel=1e-8
    )


class _Attend(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.mT[:, None]
        return nn.functional.scaled_dot_product_attention(rows, rows, rows).mean((1, 2))


class TestActivations:
    def test_all_are_those_whose_output_is_positive_where_the_input_is(self):
        ours = built("ResNeXt")
        reference = scored(ours, PATTERNS)["swap"].value
        for activation in (
            nn.LeakyReLU,
            nn.PReLU,
            nn.GELU,
            nn.SiLU,
            nn.ELU,
            nn.Mish,
            nn.ReLU6,
            nn.Hardswish,
            nn.RReLU,
        ):
            # The first activations of the network see the same values whichever function follows.
            stem = nn.Sequential(
                ours.network.stem[:2],
                activation().double(),
                nn.Flatten(),
                nn.Linear(512, 4).double(),
            )
            plain = nn.Sequential(
                ours.network.stem[:2], nn.ReLU(), nn.Flatten(), nn.Linear(512, 4).double()
            )
            first, second = (
                scored(replace(ours, network=network), ["swap"], activations="all")["swap"].value
                for network in (stem, plain)
            )
            assert first == second, activation
            assert first <= reference

    def test_patterns_of_gelu_are_counted_one_by_one(self):
        ours = built("Mixer")
        units = set()

        def note(_module, _inputs, output):
            units.update(tuple(unit) for unit in (output > 0).flatten(1).T.tolist())

        network = copy.deepcopy(ours.network)
        for module in network.modules():
            if isinstance(module, nn.GELU):
                module.register_forward_hook(note)
        network(ours.images)
        assert scored(ours, ["swap"], activations="all")["swap"].value == len(units)

    def test_relu_is_the_default_and_all_adds_to_it(self):
        ours = built("Inverted")
        assert values(scored(ours)) == values(scored(ours, activations="relu"))
        names = ["swap", "nwot"]
        assert values(scored(ours, names, activations="all")) != values(scored(ours, names))

    def test_another_name_is_refused(self):
        with pytest.raises(
            ZcBenchError, match="Unknown kind of activations 'relus': did you mean 'relu'"
        ):
            scored(built("Mixer"), activations="relus")


def both(outputs, labels):
    match outputs:
        case (
            {"main": main, "aux": aux}
            | Heads(main=main, aux=aux)
            | (main, aux)
            | [main, None, [aux]]
        ):
            pass
        case _:
            main, aux = outputs.split([4, 3], 1)
    return nn.functional.cross_entropy(main, labels) + 0.3 * nn.functional.cross_entropy(
        aux, labels
    )


class TestSeveralOutputs:
    @pytest.mark.parametrize("packing", ["tuple", "list", "dict", "dataclass"])
    def test_count_as_if_they_were_one(self, packing):
        def of(form):
            ours = case(drawn(TwoHeads(form)).double(), 5, 3, 6, 6)
            return {name: entry.value for name, entry in scored(ours, loss=both).items()}

        found, expected = of(packing), of("cat")
        assert not any(map(math.isnan, found.values()))
        assert found == pytest.approx(expected, rel=1e-10)

    def test_that_the_loss_does_not_take_are_undefined_with_the_reason(self):
        scores = scored(case(TwoHeads("tuple"), 5, 3, 6, 6))
        undefined = {name for name, entry in scores.items() if entry.status is Status.UNDEFINED}
        assert undefined == {"snip", "fisher", "grad_norm", "plain", "grasp", "zico"}
        assert all(
            "returns a tuple, which the loss does not take" in scores[name].reason
            for name in undefined
        )
        assert {scores[name].status for name in scores.keys() - undefined} == {Status.DONE}

    def test_of_no_floating_point_tensor_are_invalid(self):
        class Classes(nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = nn.Linear(3, 2)

            def forward(self, x):
                return self.linear(x).argmax(1)

        entry = score(Classes(), torch.randn(4, 3), proxies=["jacov"])["jacov"]
        assert (entry.status, entry.reason) == (
            Status.INVALID,
            "the network returns no floating-point tensor but a Tensor",
        )


def test_tokens_have_scores_but_where_inputs_are_drawn_or_differentiated():
    generator = torch.Generator().manual_seed(0)
    tokens, others = torch.randint(11, (2, 6, 5), generator=generator)
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    network = drawn(Text())
    scores = score(
        network,
        tokens,
        labels,
        second=Batch(others, labels),
        regularisation=REGULARISATION,
        activations="all",
    )
    undefined = {name for name, entry in scores.items() if entry.status is Status.UNDEFINED}
    assert undefined == {"jacov", "epe_nas", "synflow", "zen"}
    assert all(
        "the inputs of this network are integers" in scores[name].reason for name in undefined
    )
    assert {scores[name].status for name in scores.keys() - undefined} == {Status.DONE}


class TestReasons:
    def test_of_weights_that_are_computed(self):
        network = nn.Sequential(
            nn.Flatten(), nn.utils.parametrizations.weight_norm(nn.Linear(12, 3))
        )
        scores = score_case(case(network, 4, 3, 2, 2))
        for name in ("snip", "fisher", "synflow", "zico", "grasp"):
            assert scores[name].status is Status.INVALID
            assert "computed from others" in scores[name].reason
        assert scores["l2_norm"].status is Status.DONE

    def test_of_a_network_that_runs_without_gradients(self):
        class Frozen(nn.Linear):
            @torch.no_grad()
            def forward(self, x):
                return super().forward(x)

        scores = score_case(case(nn.Sequential(nn.Flatten(), Frozen(12, 3)), 4, 3, 2, 2))
        for name in ("snip", "jacov", "synflow", "zico"):
            assert scores[name].status is Status.INVALID
            assert "runs without gradients" in scores[name].reason

    def test_of_an_operation_without_a_second_derivative(self):
        network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3), nn.Hardsigmoid(), nn.Linear(3, 3))
        scores = score_case(case(network, 4, 3, 2, 2), ["grasp", "snip"])
        assert scores["grasp"].status is Status.UNDEFINED
        assert "cannot differentiate the network twice: derivative for" in scores["grasp"].reason
        assert scores["snip"].status is Status.DONE


class TestRefuses:
    def test_lazy_layers_and_leaves_them_lazy(self):
        network = nn.Sequential(nn.Flatten(), nn.LazyLinear(3))
        with pytest.raises(ZcBenchError, match="weights without a shape: run the network once"):
            score(network, torch.randn(4, 3))
        assert network[1].has_uninitialized_params()

    def test_what_is_no_network(self):
        with pytest.raises(ZcBenchError, match=r"A network is a torch\.nn\.Module, not a type"):
            score(ResNeXt, torch.randn(4, 3, 8, 8))

    @pytest.mark.parametrize(
        ("images", "what"), [([1], "list"), (torch.ones(0, 3), r"of shape \(0, 3\)")]
    )
    def test_what_is_no_batch(self, images, what):
        with pytest.raises(ZcBenchError, match=what):
            score(nn.Linear(3, 3), images)


def test_tied_frozen_weights_stay_tied():
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 12)
    ).requires_grad_(requires_grad=False)
    network[3].weight = network[1].weight
    ours = case(network.double(), 4, 3, 2, 2)
    found = score_case(ours, ["snip", "params"])
    network.requires_grad_(requires_grad=True)
    assert values(score_case(ours, ["snip", "params"])) == values(found)
    assert network[3].weight is network[1].weight


def test_a_network_that_breaks_is_as_before_when_it_was_frozen():
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(12, 3), nn.Hardswish(inplace=True), nn.Linear(7, 7)
    )
    network.requires_grad_(requires_grad=False)
    ours = case(network, 4, 3, 2, 2)
    before = everything(ours)
    assert {entry.status for entry in score_case(ours, ["snip", "jacov"]).values()} == {
        Status.FAILED
    }
    assert everything(ours) == before
