"""The same network, written with modules and with functions, has the same scores, or a status that says why not."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from functional_networks import OTHERS, RELUS, BatchNorm, Call, built, convolution, linear
from networks import REGULARISATION, Case, case
from reference import TWINS
from zc_bench import score
from zc_bench.engine.scores import Score, Status
from zc_bench.passes.operations import hidden_part

PATTERNS = ("swap", "reg_swap", "nwot", "linear_regions")
GRADIENTS = ("snip", "grad_norm", "plain", "grasp", "zico")


def scored(network: nn.Module, names=None, shape=(6, 3, 5, 5), **options) -> dict[str, Score]:
    given = case(network, *shape)
    return score(
        network,
        given.images,
        given.labels,
        proxies=names,
        second=given.second,
        regularisation=REGULARISATION,
        **options,
    )


def values(scores: dict[str, Score]) -> dict[str, tuple[Status, str, float]]:
    return {name: (entry.status, entry.reason, entry.value) for name, entry in scores.items()}


def numbers(scores: dict[str, Score]) -> dict[str, float]:
    assert {
        name: entry.reason for name, entry in scores.items() if entry.status is not Status.DONE
    } == {}
    return {name: entry.value for name, entry in scores.items()}


def statuses(scores: dict[str, Score]) -> set[tuple[Status, str]]:
    return {(entry.status, entry.reason) for entry in scores.values()}


@pytest.fixture(scope="module")
def of_modules() -> dict[str, float]:
    return numbers(scored(built(nn.ReLU())))


class TestActivations:
    @pytest.mark.parametrize("written", RELUS)
    def test_a_relu_is_one_however_it_is_written(self, written, of_modules):
        found = numbers(scored(built(RELUS[written])))
        # Where it is differentiated twice, torch computes some of them by other formulas.
        assert found.pop("grasp") == pytest.approx(of_modules["grasp"], rel=1e-9)
        assert found == {name: value for name, value in of_modules.items() if name != "grasp"}

    @pytest.mark.parametrize("name", OTHERS)
    def test_others_count_where_all_are_asked_for(self, name):
        module, function = OTHERS[name]
        names = [name for name in PATTERNS if name != "reg_swap"]  # a module may have parameters
        expected = values(scored(built(module), names, activations="all"))
        assert {status for status, _, _ in expected.values()} == {Status.DONE}
        assert values(scored(built(function), names, activations="all")) == expected
        assert {entry.status for entry in scored(built(function), PATTERNS).values()} == {
            Status.INVALID
        }

    @pytest.mark.parametrize(
        "function",
        [
            torch.sigmoid,
            torch.tanh,
            functional.softplus,
            functional.hardtanh,
            lambda x: x.clamp(min=0.1),
            lambda x: x.clamp(max=0),
            lambda x: functional.threshold(x, 0.5, 0.0),
            lambda x: torch.maximum(x, x + 1),
        ],
    )
    def test_what_has_other_signs_does_not(self, function):
        assert {
            entry.status for entry in scored(built(function), PATTERNS, activations="all").values()
        } == {Status.INVALID}

    def test_patterns_are_those_of_the_plain_twin(self):
        found = scored(built(functional.relu), PATTERNS)
        twin = case(built(nn.ReLU()), 6, 3, 5, 5)
        for name in PATTERNS:
            assert found[name].value == pytest.approx(TWINS[name](twin), rel=1e-12)

    def test_inside_a_function_of_ones_own_they_count(self, of_modules):
        class Rectify(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x.clamp(min=0)

            @staticmethod
            def backward(ctx, grad):
                return grad * (ctx.saved_tensors[0] > 0)

        found = numbers(scored(built(Rectify.apply)))
        assert {name: found[name] for name in PATTERNS} == {
            name: of_modules[name] for name in PATTERNS
        }
        assert found == pytest.approx(of_modules, rel=1e-9)

    def test_alone_and_jointly_they_are_the_same(self):
        together = values(scored(built(functional.gelu), activations="all"))
        alone = {
            name: values(scored(built(functional.gelu), [name], activations="all"))[name]
            for name in (*PATTERNS, "flops")
        }
        assert alone == {name: together[name] for name in alone}


class TestLayers:
    """The same network with its convolutions, its pooling and its head in functions."""

    def test_of_functions_count_as_modules(self, of_modules):
        network = built(functional.relu, convolution, nn.BatchNorm2d, Call(_pool), linear)
        scores = scored(network)
        assert scores.pop("fisher").status is Status.UNDEFINED
        found = numbers(scores)
        assert found == pytest.approx({name: of_modules[name] for name in found}, rel=1e-9)

    @pytest.mark.parametrize("name", ["snip", "grad_norm", "plain", "zico", "synflow", "l2_norm"])
    def test_of_functions_agree_with_the_twin(self, name):
        network = built(functional.relu, convolution, nn.BatchNorm2d, Call(_pool), linear)
        ours = case(network, 6, 3, 5, 5)
        assert scored(network, [name])[name].value == pytest.approx(TWINS[name](ours), rel=1e-8)

    def test_batch_normalisation_by_a_function_counts_but_has_no_variance_to_read(self, of_modules):
        scores = scored(built(functional.relu, norm=BatchNorm))
        zen = scores.pop("zen")
        assert zen.status is Status.UNDEFINED
        assert "running variances of batch normalisation" in zen.reason
        found = numbers(scores)
        assert found == pytest.approx({name: of_modules[name] for name in found}, rel=1e-9)

    def test_without_running_statistics_there_is_no_variance_either(self):
        network = built(
            nn.ReLU(), norm=lambda channels: nn.BatchNorm2d(channels, track_running_stats=False)
        )
        for given in (
            network,
            nn.Sequential(
                nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3, track_running_stats=False)
            ).double(),
        ):
            entry = scored(given, ["zen"])["zen"]
            assert entry.status is Status.UNDEFINED
            assert "running variances" in entry.reason

    def test_fisher_says_that_it_has_no_gate(self):
        for network in (built(nn.ReLU(), linear=linear), built(nn.ReLU(), convolution)):
            entry = scored(network, ["fisher"])["fisher"]
            assert entry.status is Status.UNDEFINED
            assert "used by a function" in entry.reason

    def test_fisher_says_where_images_are_no_rows(self):
        network = nn.Sequential(
            Call(lambda x: x.transpose(0, 1)), nn.Linear(4, 5), Call(lambda x: x.mean(0))
        )
        entry = scored(network.double(), ["fisher"], (6, 3, 4))["fisher"]
        assert (entry.status, "first dimension" in entry.reason) == (Status.UNDEFINED, True)

    def test_fisher_notices_a_layer_that_is_never_called(self):
        class Borrowed(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(12, 3)

            def forward(self, x):
                return functional.linear(x.flatten(1), self.layer.weight)

        scores = scored(Borrowed().double(), ["fisher", "snip"], (6, 3, 2, 2))
        assert scores["fisher"].status is Status.UNDEFINED
        assert scores["snip"].status is Status.DONE


def _pool(x: Tensor) -> Tensor:
    return functional.adaptive_avg_pool2d(x, 1)


class Wrapped(nn.Module):
    """A head on a function of the images and of parameters; the test says which are weights."""

    def __init__(self, function, weights=(), others=()):
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        for name, shape in (*weights, *others):
            self.register_parameter(name, nn.Parameter(torch.randn(shape, generator=generator)))
        self.WEIGHTS = tuple(name for name, _ in weights)
        self.function, self.head = function, nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.function(self, x))


MATRIX = [("weight", (5, 4))]
WEIGHTS = {
    "operator": (lambda own, x: x @ own.weight, MATRIX, ()),
    "transposed": (lambda own, x: torch.matmul(x, own.weight.T), [("weight", (4, 5))], ()),
    "einsum": (lambda own, x: torch.einsum("nlc,cd->nld", x, own.weight), MATRIX, ()),
    "of each head": (
        lambda own, x: (x[:, :, None, None] @ own.weight).sum((2, 3)),
        [("weight", (3, 5, 4))],
        (),
    ),
    "in parts": (lambda own, x: x @ own.weight.split([4, 2], 1)[0], [("weight", (5, 6))], ()),
    "addmm": (lambda own, x: torch.addmm(own.bias, x[:, 0], own.weight), MATRIX, [("bias", (4,))]),
    "positions": (lambda own, x: (x + own.positions) @ own.weight, MATRIX, [("positions", (3, 5))]),
    "scale": (lambda own, x: (x * own.scale) @ own.weight, MATRIX, [("scale", (1, 5))]),
    "token": (
        lambda own, x: torch.cat([own.token.expand(len(x), -1, -1), x], 1) @ own.weight,
        MATRIX,
        [("token", (1, 1, 5))],
    ),
    "queries": (
        lambda own, x: functional.scaled_dot_product_attention(
            functional.linear(own.queries, own.weight).expand(len(x), -1, -1), x, x
        )[..., :4],
        [("weight", (5, 5))],
        [("queries", (2, 5))],
    ),
    "conv1d": (
        lambda own, x: functional.conv1d(x, own.weight)[..., :4],
        [("weight", (4, 3, 2))],
        (),
    ),
    "transposed convolution": (
        lambda own, x: functional.conv_transpose1d(x, own.kernel)[..., :4] @ own.weight,
        [("weight", (4, 4))],
        [("kernel", (3, 3, 2))],
    ),
    "of weights alone": (
        lambda own, x: x @ own.weight + (own.table * 2).sum(),
        MATRIX,
        [("table", (7, 2))],
    ),
}


class TestWeights:
    @pytest.mark.parametrize("written", WEIGHTS)
    @pytest.mark.parametrize("name", ["snip", "grad_norm", "l2_norm", "plain"])
    def test_are_found_where_values_are_multiplied(self, written, name):
        network = Wrapped(*WEIGHTS[written]).double()
        shape = (6, 3, 5)
        labels = torch.zeros(6, dtype=torch.int64)
        given = case(network, *shape)
        found = score(network, given.images, labels, proxies=[name], loss=_loss)[name]
        assert found.status is Status.DONE, found.reason
        weights = [getattr(network, own) for own in network.WEIGHTS] + [network.head.weight]
        assert found.value == pytest.approx(self.by_hand(name, network, given, weights), rel=1e-9)

    @staticmethod
    def by_hand(name: str, network: nn.Module, given: Case, weights: list[Tensor]) -> float:
        if name == "l2_norm":
            return sum(float(weight.detach().norm()) for weight in weights)
        grads = torch.autograd.grad(_loss(network(given.images), None), weights)
        pairs = [(weight.detach(), grad) for weight, grad in zip(weights, grads, strict=True)]
        match name:
            case "snip":
                return sum(float((weight * grad).abs().sum()) for weight, grad in pairs)
            case "plain":
                return sum(float((weight * grad).sum()) for weight, grad in pairs)
            case _:
                return sum(float(grad.norm()) for _, grad in pairs)

    def test_of_recurrent_layers_are_their_matrices(self):
        class Recurrent(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm, self.head = nn.LSTM(5, 4, batch_first=True), nn.Linear(4, 3)

            def forward(self, x):
                return self.head(self.lstm(x)[0][:, -1])

        network = Recurrent().double()
        norms = [float(item.detach().norm()) for item in network.parameters() if item.dim() > 1]
        assert scored(network, ["l2_norm"], (6, 3, 5))["l2_norm"].value == pytest.approx(sum(norms))

    def test_of_an_embedding_count_where_it_is_the_head(self):
        class Tied(nn.Module):
            def __init__(self, tied):
                super().__init__()
                self.embedding, self.tied = nn.Embedding(7, 4), tied
                self.head = nn.Linear(4, 7, bias=False)

            def forward(self, tokens):
                x = self.embedding(tokens).mean(1)
                return x @ self.embedding.weight.T if self.tied else self.head(x)

        tokens = torch.randint(7, (5, 3))
        for tied in (False, True):
            network = Tied(tied)
            expected = float(network.head.weight.detach().norm())
            expected += float(network.embedding.weight.detach().norm()) * tied
            found = score(network, tokens, proxies=["l2_norm"])["l2_norm"]
            assert found.value == pytest.approx(expected)

    @pytest.mark.parametrize(
        "function",
        [
            lambda own, x: x @ (own.weight * own.scale),
            lambda own, x: functional.linear(x, (own.weight / own.weight.norm()).T),
            lambda own, x: x @ (own.weight @ own.other),
        ],
    )
    def test_that_are_computed_are_refused(self, function):
        network = Wrapped(function, MATRIX, [("scale", (1, 4)), ("other", (4, 4))]).double()
        names = ["snip", "grad_norm", "grasp", "l2_norm", "synflow", "zen"]
        for entry in scored(network, names, (6, 3, 5), loss=_loss).values():
            assert entry.status is Status.INVALID
            assert "computed from others" in entry.reason


def _loss(outputs: Tensor, _labels: Tensor | None) -> Tensor:
    return outputs.square().mean()


class Transformer(nn.Module):
    def __init__(self, activation, *, batch_first=True, evaluate=False):
        super().__init__()
        self.evaluate = evaluate
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, activation, batch_first=batch_first)
        self.head = nn.Linear(8, 3)

    def train(self, mode=True):
        super().train(mode)
        if self.evaluate:
            self.layer.eval()
        return self

    def forward(self, x):
        if self.layer.self_attn.batch_first:
            return self.head(self.layer(x).mean(1))
        return self.head(self.layer(x.transpose(0, 1)).mean(0))


def transformer(*parts, **named) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Transformer(*parts, **named).double()


class TestTransformers:
    @pytest.mark.parametrize(
        "activation", ["relu", "gelu", functional.relu, functional.gelu, nn.GELU()]
    )
    @pytest.mark.parametrize("evaluate", [False, True])
    def test_have_the_patterns_of_what_follows_their_first_linear_layer(self, activation, evaluate):
        network = transformer(activation, evaluate=evaluate)
        given, units = case(network, 6, 5, 8), set()
        hook = network.layer.linear1.register_forward_hook(
            # Of GELU as of ReLU, the output is above zero where the input is.
            lambda _module, _inputs, output: units.update(
                map(tuple, (output > 0).flatten(1).T.tolist())
            )
        )
        network(given.images)
        hook.remove()
        for names in (["swap"], ["swap", "snip", "nwot"]):
            assert scored(network, names, (6, 5, 8), activations="all")["swap"].value == len(units)

    @pytest.mark.parametrize("length", [5, 6])  # that of the batch, too
    def test_that_have_the_images_second_are_refused(self, length):
        scores = scored(transformer("relu", batch_first=False), [*PATTERNS, "snip"], (6, length, 8))
        assert scores.pop("snip").status is Status.DONE
        ((status, reason),) = statuses(scores)
        assert status is Status.UNDEFINED
        assert (
            reason
            == f"the images are not the first dimension of what an activation produces, {(length, 6, 16)}"
        )

    def test_in_evaluation_have_no_fast_path(self):
        expected = numbers(
            {
                name: entry
                for name, entry in scored(transformer("relu"), None, (6, 5, 8)).items()
                if name != "fisher"
            }
        )
        found = scored(transformer("relu", evaluate=True), None, (6, 5, 8))
        assert found.pop("fisher").status is Status.UNDEFINED
        assert numbers(found) == pytest.approx(expected, rel=1e-9)
        assert torch.backends.mha.get_fastpath_enabled()


class TestMultiplyAdds:
    @pytest.mark.parametrize("need_weights", [False, True])
    def test_of_a_vision_transformer_are_those_of_torchs_counter(self, need_weights):
        class Attention(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm, self.attention = (
                    nn.LayerNorm(24),
                    nn.MultiheadAttention(24, 3, batch_first=True),
                )
                self.mlp = nn.Sequential(
                    nn.LayerNorm(24), nn.Linear(24, 48), nn.GELU(), nn.Linear(48, 24)
                )

            def forward(self, x):
                y = self.norm(x)
                x = x + self.attention(y, y, y, need_weights=need_weights)[0]
                return x + self.mlp(x)

        network = nn.Sequential(
            nn.Conv2d(3, 24, 4, stride=4),
            Call(lambda x: x.flatten(2).mT),
            Attention(),
            Attention(),
            Call(lambda x: x.mean(1)),
            nn.Linear(24, 10),
        )
        images = torch.randn(1, 3, 16, 16)
        # Torch's counter does not count the form of attention that runs on a CPU.
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            network(images)
        biases = 24 * 4 * 4  # tensorwatch counts those of convolutions
        assert (
            counter.get_total_flops() / 2 + biases
            == score(network, images, proxies=["flops"])["flops"].value * 1e6
        )
        # Per layer: attention's four projections, its two products, the two layers of the MLP.
        layer = 16 * (4 * 24 * 24 + 2 * 16 * 24 + 2 * 24 * 48)
        assert counter.get_total_flops() / 2 == 24 * 48 * 16 + 2 * layer + 24 * 10

    def test_of_recurrent_layers_are_a_product_for_every_step(self):
        class Recurrent(nn.Module):
            def __init__(self, kind):
                super().__init__()
                self.layer = kind(5, 4, num_layers=2, bidirectional=True)

            def forward(self, x):
                return self.layer(x.transpose(0, 1))[0]

        for kind, gates in ((nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)):
            expected = 7 * 2 * gates * 4 * ((5 + 4) + (8 + 4))
            found = scored(Recurrent(kind), ["flops"], (6, 7, 5))["flops"]
            assert found.value * 1e6 == expected

    def test_that_do_not_depend_on_the_images_count_once(self):
        network = Wrapped(
            lambda own, x: x.mean(1)[:, :4] + (own.table @ own.weight).mean(0),
            MATRIX,
            [("table", (8, 5))],
        )
        assert scored(network, ["flops"], (6, 3, 5))["flops"].value * 1e6 == 8 * 5 * 4 + 4 * 3

    def test_between_images_are_refused(self):
        network = nn.Sequential(nn.Flatten(), Call(lambda x: (x @ x.T) @ x))
        ((status, reason),) = statuses(scored(network, ["flops"]))
        assert (status, "do not grow with the images" in reason) == (Status.UNDEFINED, True)


deprecated = pytest.mark.filterwarnings(
    "ignore:.torch.jit.script. is deprecated:DeprecationWarning"
)


class TestWhatCannotBeSeen:
    @deprecated
    def test_in_a_scripted_part_has_a_status(self):
        scripted = torch.jit.script(nn.Sequential(nn.Linear(12, 8), nn.BatchNorm1d(8), nn.ReLU()))
        network = nn.Sequential(nn.Flatten(), scripted, nn.ReLU(), nn.Linear(8, 3))
        scores = scored(network, None, (6, 3, 2, 2))
        seen = {"params", "jacov", "epe_nas"}  # which observe nothing inside a network
        assert {scores[name].status for name in seen} == {Status.DONE}
        assert {entry.status for name, entry in scores.items() if name not in seen} == {
            Status.UNDEFINED
        }
        assert {entry.reason for name, entry in scores.items() if name not in seen} == {
            "'1' is compiled by TorchScript, and what it computes cannot be observed: score it before it is"
        }

    @deprecated
    def test_in_a_scripted_function_is_seen(self, of_modules):
        @torch.jit.script
        def rectify(x: Tensor) -> Tensor:
            return torch.relu(x)

        for _ in range(3):  # until it is compiled
            assert numbers(scored(built(rectify), ["swap", "nwot", "flops"])) == {
                name: of_modules[name] for name in ("swap", "nwot", "flops")
            }

    def test_in_a_compiled_part_is_seen(self, of_modules):
        compiled = torch.compile(built(nn.ReLU()), backend="eager")
        compiled(torch.randn(6, 3, 5, 5, dtype=torch.float64))
        assert numbers(scored(compiled)) == pytest.approx(of_modules, rel=1e-9)

    def test_in_an_operation_of_ones_own_has_a_status(self):
        scores = scored(built(_own), ["swap", "nwot", "flops", "jacov"])
        assert scores.pop("jacov").status is Status.DONE
        assert statuses(scores) == {
            (
                Status.UNDEFINED,
                "the network runs zc_bench_tests::rectify, and what that computes inside cannot be observed",
            )
        }

    @pytest.mark.parametrize("name", ["swap", "flops"])
    def test_in_a_fused_operation_has_a_status(self, name):
        def fused(own, x):
            return torch._addmm_activation(own.bias, x[:, 0], own.weight, use_gelu=True)

        network = Wrapped(fused, MATRIX, [("bias", (4,))])
        ((status, reason),) = statuses(scored(network, [name], (6, 3, 5)))
        assert (status, "_addmm_activation, which does several" in reason) == (
            Status.UNDEFINED,
            True,
        )

    def test_on_several_devices_has_a_status(self):
        network = nn.Sequential(nn.DataParallel(built(nn.ReLU())))
        assert hidden_part(network) == ""
        network[0].device_ids = [0, 1]  # as it is where there are two
        assert "several devices" in hidden_part(network)

    def test_on_a_batch_of_another_size_has_a_status(self):
        # As many channels as images: only another batch would tell which is which.
        network = nn.Sequential(
            nn.Linear(4, 6), Call(lambda x: functional.relu(x.view(6, 6))), nn.Linear(6, 3)
        )
        scores = scored(network, ["swap", "snip"], (6, 4))
        assert scores["snip"].status is Status.DONE
        assert (scores["swap"].status, "does not run on 2 images" in scores["swap"].reason) == (
            Status.UNDEFINED,
            True,
        )

    def test_that_changes_with_the_batch_has_a_status(self):
        network = Call(
            lambda x: functional.relu(functional.relu(x)) if len(x) > 2 else functional.relu(x)
        )
        ((status, reason),) = statuses(scored(network, ["swap"], (6, 6)))
        assert (status, reason) == (
            Status.UNDEFINED,
            "the network applies other activations to other batches",
        )

    def test_activations_of_weights_are_no_patterns(self):
        network = Wrapped(
            lambda own, x: x @ own.weight + functional.relu(own.table).sum(),
            MATRIX,
            [("table", (7, 4))],
        )
        assert scored(network, ["swap"], (6, 3, 5))["swap"].status is Status.INVALID


@torch.library.custom_op("zc_bench_tests::rectify", mutates_args=())
def _own(x: Tensor) -> Tensor:
    return x.clamp(min=0)


_own.register_autograd(
    lambda ctx, grad: grad * (ctx.saved_tensors[0] > 0),
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(inputs[0]),  # noqa: ARG005 - called by name
)
