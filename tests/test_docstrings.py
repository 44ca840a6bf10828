"""Docstrings of proxies: complete, and true to the declaration."""

import inspect
import re

import pytest

import zc_bench.proxies  # noqa: F401 - registers them
from zc_bench.engine.declare import Proxy, proxy_registry

SECTIONS = ("Args", "Returns", "Examples", "References", "Deviations")
OURS = [
    entry for entry in proxy_registry.values() if entry.function.__module__.startswith("zc_bench.")
]


def sections(entry: Proxy) -> dict[str, str]:
    """Split the docstring at its headings; the definition, which comes first, has none."""
    headings = "|".join((*SECTIONS, "Raises"))
    parts = re.split(rf"^({headings}):$", inspect.getdoc(entry.function) or "", flags=re.M)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def papers(text: str) -> set[str]:
    return set(re.findall(r"arXiv:(\d+\.\d+)", text))


@pytest.mark.parametrize("entry", OURS, ids=lambda entry: entry.name)
class TestProxies:
    def test_has_every_section_and_a_formula(self, entry):
        found = sections(entry)
        assert [name for name in SECTIONS if not found.get(name, "").strip()] == []
        assert re.search(r"^    score = ", found[""], re.M), (
            "The formula is an indented line `score = ...`."
        )

    def test_describes_its_arguments_and_no_others(self, entry):
        described = re.findall(r"^    (\w+): ", sections(entry)["Args"], re.M)
        assert described == list(inspect.signature(entry.function).parameters)

    def test_states_its_direction(self, entry):
        direction = "higher is better" if entry.higher_is_better else "lower is better"
        assert direction in " ".join(sections(entry)["Returns"].split())

    def test_names_the_errors_that_its_module_raises(self, entry):
        module = inspect.getsource(inspect.getmodule(entry.function))
        raised = set(re.findall(r"raise (\w+)", module))
        assert set(re.findall(r"^    (\w+): ", sections(entry).get("Raises", ""), re.M)) >= raised

    def test_has_an_example_that_calls_it(self, entry):
        # `test_docs.py` runs it.
        assert re.search(rf">>> .*\b{entry.name}\(", sections(entry)["Examples"])

    def test_cites_the_papers_of_its_declaration(self, entry):
        assert papers(entry.source) <= papers(sections(entry)["References"])
