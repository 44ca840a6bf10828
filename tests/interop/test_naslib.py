"""NASLib: against a stand-in with its public interface, and against a checkout where NASLIB_PATH names one."""

import importlib
import json
import logging
import os
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import naslib_stand_in as stand_in
import numpy as np
import pytest
from torch import nn

from networks import Case
from reference import TWINS
from traces import everything
from zc_bench import Regularisation, ZcBenchError, score
from zc_bench.engine.declare import proxy, proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.images import Batch
from zc_bench.interop import naslib
from zc_bench.passes.network_size import NetworkSize
from zc_bench.proxies.groups import default_proxies
from zc_bench.store import Store, TrialKey, read_store
from zc_bench.store.export import Exported, export
from zc_bench.tables import import_file, load_published


@pytest.fixture
def zero_cost(monkeypatch):
    """The class of predictors, over the stand-in."""
    stand_in.install(monkeypatch)
    yield naslib.ZeroCost
    sys.modules.pop("zc_bench.interop._zero_cost", None)


def batches(**options):
    return [Batch(*pair) for pair in stand_in.loader(**options)]


class TestNetworks:
    def test_of_a_parsed_graph_is_the_graph(self):
        graph = stand_in.graph()
        graph.parse()
        assert naslib.network_of(graph) is graph

    def test_of_another_is_a_parsed_copy(self):
        graph = stand_in.graph()
        network = naslib.network_of(graph)
        assert network.is_parsed
        assert not graph.is_parsed
        assert sum(parameter.numel() for parameter in network.parameters()) > 0

    def test_of_something_else_is_refused(self):
        with pytest.raises(ZcBenchError, match="a Linear has not"):
            naslib.network_of(nn.Linear(2, 2))


class TestScoreGraph:
    def test_has_a_number_for_every_proxy(self):
        scores = naslib.score_graph(
            stand_in.graph(), *batches(), regularisation=Regularisation(1.0, 1.0)
        )
        assert {
            name: entry.reason for name, entry in scores.items() if entry.status is not Status.DONE
        } == {}
        assert tuple(scores) == default_proxies()

    @pytest.mark.parametrize(
        "name", ["snip", "fisher", "synflow", "swap", "zen", "params", "grad_norm"]
    )
    def test_agrees_with_the_twin(self, name):
        graph = stand_in.graph()
        graph.parse()
        graph.double()
        first, second = (Batch(batch.images.double(), batch.labels) for batch in batches())
        found = naslib.score_graph(graph, first, proxies=[name])[name].value
        # The twin gets the same layers as a plain network: it copies, and a copied graph is
        # NASLib's own business.
        plain = nn.Sequential(*(_plain(data["op"]) for _, _, data in graph.edges.data()))
        assert found == pytest.approx(
            TWINS[name](Case(plain, first.images, first.labels, second)), rel=1e-8
        )

    def test_leaves_no_trace(self):
        graph = stand_in.graph()
        graph.parse()
        # Modes differ between cells that are equal to Python.
        graph.eval()
        list(graph.children())[1].train()
        first, second = batches()
        graph(first.images)  # networkx keeps views of a graph from their first use on
        case = Case(graph, first.images, first.labels, second)
        before = everything(case)
        naslib.score_graph(graph, first, second)
        assert everything(case) == before


class _Cell(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.ops = nn.ModuleList([cell.edges[edge]["op"].op for edge in [(1, 2), (1, 3), (2, 3)]])

    def forward(self, x):
        first, skip, second = self.ops
        return skip(x) + second(first(x))


def _plain(op):
    return _Cell(op) if isinstance(op, stand_in.Graph) else op.op


class TestZeroCost:
    def test_is_a_predictor_of_naslib(self, zero_cost):
        predictor = zero_cost("jacov")
        assert isinstance(predictor, stand_in.Predictor)
        assert predictor.method_type == "jacov"
        predictor.set_ss_type("nasbench201")
        assert predictor.ss_type == "nasbench201"
        assert predictor.fit([], []) is None

    @pytest.mark.parametrize(
        "name",
        sorted(
            name
            for name in computed_names(proxy_registry)
            if not name.startswith("az_")  # cells are called without hooks: see below
        ),
    )
    def test_query_gives_the_score(self, zero_cost, name):
        graph = stand_in.graph()
        graph.parse()
        first, second = batches()
        expected = score(graph, first.images, first.labels, proxies=[name], second=second)[name]
        assert expected.status is Status.DONE
        sign = 1 if proxy_registry[name].higher_is_better else -1
        found = zero_cost(name).query(graph, dataloader=stand_in.loader(), info=None)
        assert found == sign * expected.value

    def test_cells_that_are_called_without_hooks_have_no_features(self, zero_cost):
        found = zero_cost("az_expressivity").observe(stand_in.graph(), stand_in.loader())
        assert found.status is Status.UNDEFINED
        assert "hooks" in found.reason

    def test_reg_swap_takes_its_regularisation(self, zero_cost):
        predictor = zero_cost("reg_swap", regularisation=Regularisation(1.0, 1.0))
        assert predictor.query(stand_in.graph(), stand_in.loader()) > 0

    def test_query_batch_gives_an_array(self, zero_cost):
        graphs = [stand_in.graph(spec) for spec in [(1, 0, 1), (0, 0, 0)]]
        found = zero_cost("params").query_batch(graphs, stand_in.loader())
        assert isinstance(found, np.ndarray)
        assert found[0] > found[1] > 0

    def test_where_there_is_no_number_it_is_the_worst_and_the_log_says_why(self, zero_cost, caplog):
        with caplog.at_level(logging.WARNING):
            found = zero_cost("zico").query(stand_in.graph(), stand_in.loader(batches=1))
        assert found == -1e8
        assert (
            "is undefined: it compares the gradients of two batches and there is only one"
            in caplog.text
        )

    def test_lower_is_better_changes_the_sign(self, zero_cost, monkeypatch):
        monkeypatch.setattr(proxy_registry, "_items", dict(proxy_registry))

        @proxy("smallness", source="here", higher_is_better=False)
        def smallness(size: NetworkSize) -> float:
            """Parameters."""
            return float(size.parameters)

        graph = stand_in.graph()
        assert zero_cost("smallness").query(graph, stand_in.loader()) == pytest.approx(
            -1e6 * zero_cost("params").query(graph, stand_in.loader())
        )

    def test_pre_process_opens_the_loader_of_the_config(self, zero_cost):
        graph = stand_in.graph()
        graph.parse()
        predictor = zero_cost("snip", SimpleNamespace(seed=7))
        predictor.pre_process()
        expected = zero_cost("snip").query(graph, stand_in.loader(seed=7))
        assert predictor.query(graph) == expected
        assert predictor.query(graph, stand_in.loader(seed=8)) != expected

    def test_without_images_it_says_so(self, zero_cost):
        with pytest.raises(ZcBenchError, match="give query a dataloader"):
            zero_cost("snip").query(stand_in.graph())
        with pytest.raises(ZcBenchError, match="The dataloader has no batch"):
            zero_cost("snip").query(stand_in.graph(), [])

    def test_helps_with_a_misspelt_proxy(self, zero_cost):
        with pytest.raises(ZcBenchError, match="did you mean 'snip'"):
            zero_cost("snipp")


class TestImport:
    def test_is_lazy(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "naslib", None)  # an import of it would fail
        assert importlib.reload(naslib).network_of

    @pytest.mark.skipif(find_spec("naslib") is not None, reason="NASLib is installed here")
    def test_without_naslib_says_what_to_do(self):
        with pytest.raises(ZcBenchError, match="NASLib is not installed: get it from https"):
            _ = naslib.ZeroCost

    def test_of_a_naslib_that_lacks_something_names_it(self, tmp_path, monkeypatch):
        (tmp_path / "naslib").mkdir()
        (tmp_path / "naslib" / "__init__.py").write_text("import a_package_that_is_absent")
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(ZcBenchError, match=r"cannot be imported .*a_package_that_is_absent"):
            _ = naslib.ZeroCost

    def test_other_names_are_absent_as_usual(self):
        with pytest.raises(AttributeError, match="no attribute 'OneShot'"):
            _ = naslib.OneShot


KEY = "(4, 0, 3, 1, 4, 3)"


class TestBenchmark:
    @pytest.fixture
    def store(self, tmp_path):
        path = tmp_path / "scores.h5"
        with Store(path, {"snip@1": {"protocol": {"space": "nb201"}}}, {}) as store:
            for seed, value in ((0, 1.5), (1, 2.5)):
                result = JobResult({"snip": Score(value, Status.DONE, "", 0.25)}, {"forward": 1.0})
                store.append(TrialKey("cifar10", KEY, seed), result, {"snip": "snip@1"})
        return path

    def test_is_asked_as_naslib_asks_it(self, store):
        zc_api = naslib.zero_cost_benchmark(store, "cifar10")
        graph = SimpleNamespace(get_hash=lambda: (4, 0, 3, 1, 4, 3))
        assert zc_api[str(graph.get_hash())]["snip"] == {"score": 2.0, "time": 1.25}
        assert naslib.zero_cost_benchmark(store, "cifar10", seed=1)[KEY]["snip"]["score"] == 2.5

    def test_of_another_task_is_refused(self, store):
        with pytest.raises(ZcBenchError, match="did you mean 'cifar10'"):
            naslib.zero_cost_benchmark(store, "cifar100")

    def test_file_goes_out_and_comes_back_in(self, store, tmp_path):
        path = tmp_path / "zc_nasbench201.json"
        export(Exported(read_store(store)), "suite-zero", path)
        assert json.loads(path.read_text())["cifar10"] == naslib.zero_cost_benchmark(
            store, "cifar10"
        )
        import_file(path, "nb201", folder=tmp_path / "data")
        published = load_published("nb201", tmp_path / "data")
        assert list(published.keys) == [KEY]
        assert published.scores["cifar10"]["snip"].tolist() == [2.0]


@pytest.mark.slow
@pytest.mark.skipif(
    "NASLIB_PATH" not in os.environ, reason="needs a checkout of NASLib, named by NASLIB_PATH"
)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["snip", "grad_norm", "l2_norm", "synflow", "jacov"])
def test_of_a_checkout_agrees_with_naslibs_own_predictor(name, monkeypatch):
    monkeypatch.syspath_prepend(os.environ["NASLIB_PATH"])
    predictors = importlib.import_module("naslib.predictors.zerocost")
    spaces = importlib.import_module("naslib.search_spaces.nasbench201.graph")
    graph = spaces.NasBench201SearchSpace()
    graph.set_spec((4, 0, 3, 1, 4, 3))
    graph.parse()
    loader = [(images.repeat(1, 1, 5, 5), labels) for images, labels in stand_in.loader(size=8)]
    found = naslib.ZeroCost(name).query(graph, loader)
    assert found == pytest.approx(predictors.ZeroCost(name).query(graph, loader), rel=1e-3)
