"""The documentation: every block of code runs, what is generated is true, the site builds without a warning."""

import doctest
import importlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from links import broken_links, internal_links
from zc_bench import cli, figures, registry
from zc_bench.engine import declare as observe
from zc_bench.proxies.groups import GROUPS
from zc_bench.spaces import space_registry
from zc_bench.tables import load_table
from zc_bench.tasks import task_registry

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "zc_bench"
sys.path.insert(0, str(DOCS))
from generator import commands, markdown, measured, parity, site, tables  # noqa: E402 - it lies beside the pages

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *(page for page in sorted(DOCS.rglob("*.md")) if page.parent.name != "decisions"),
]
# The last of equal options counts, so these make a command short.
_SHORT = "--batch-size 4 --device cpu"
QUICK = {
    "correlate": f"--samples 3 --seeds 2 --budget none {_SHORT}",
    "run": f"--samples 3 --seeds 2 --budget none {_SHORT}",
    "reproduce": "--samples 3 --seeds 1 --budget none --device cpu",
    "search": f"--evaluations 6 --population 3 {_SHORT}",
    "score": _SHORT,
}
SLOW = {
    "README.md",
    "protocol.md",
    "recipes.md",
    "extend/pass.md",
    "extend/proxy.md",
    "extend/space.md",
    "index.md",
    "paper.md",
    "reproducibility.md",
    "search.md",
}
READS_SHIPPED = {"README.md", "recipes.md"}  # pages that show what comes out of shipped scores
NOT_RUN = 10  # raise it only with a reason beside the block

_BLOCK = re.compile(
    r"(?:<!-- not run: (.+?) -->\s*)?^```(\w*)(?: title=\"(.+?)\")?[^\n]*\n(.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    reason: str
    language: str
    file: str
    text: str


def blocks(text: str) -> list[Block]:
    return [Block(*(part or "" for part in found)) for found in _BLOCK.findall(text)]


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix() if page.is_relative_to(DOCS) else page.name


@contextmanager
def same_registrations() -> Iterator[None]:
    """Leave no registration behind."""
    known = [
        observe.proxy_registry._items,
        space_registry._items,
        task_registry._items,
        figures.figure_registry._items,
        observe.pass_registry,
    ]
    before = [dict(names) for names in known]
    try:
        yield
    finally:
        for names, old in zip(known, before, strict=True):
            names.clear()
            names.update(old)


@contextmanager
def own_process() -> Iterator[None]:
    """Leave no registration, module or plug-in behind, as if the block had run in a process of its own."""
    modules = set(sys.modules)
    try:
        with same_registrations():
            yield
    finally:
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(Path.cwd())):
                del sys.modules[name]
        os.environ.pop(registry.PLUGIN_VARIABLE, None)
        registry._load_file.cache_clear()


@pytest.fixture
def sandbox(monkeypatch, tmp_path) -> Iterator[None]:
    """Work in an empty folder, whose modules can be imported."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "benchmarks").symlink_to(ROOT / "benchmarks")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv(registry.PLUGIN_VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "page", ModuleType("page"))
    with own_process():
        yield


def run_line(words: list[str]) -> None:
    """Run a command as it stands, but for options that make it short."""
    match words:
        case ["make", *targets]:
            planned = subprocess.run(
                ["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True, check=False
            )
            assert planned.returncode == 0, planned.stderr
            for line in planned.stdout.splitlines():
                if line.partition(" ")[0].endswith("bin/zc-bench"):
                    run_line(["zc-bench", *shlex.split(line)[1:]])
        case [setting, "bash", *rest] if "=" in setting:
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            name, _, value = setting.partition("=")
            environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), name: value}
            subprocess.run(["bash", *rest], env=environment, check=True)
        case ["pytest", *rest]:
            subprocess.run(
                [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *rest], check=True
            )
        case [program, *rest] if program.endswith("zc-bench"):
            short = next((QUICK[word] for word in rest if word in QUICK), "").split()
            if short and not {"--inputs", "--model"} & set(rest):
                short += ["--inputs", "noise"]
            done = CliRunner().invoke(cli.app, [*rest, *short])
            assert done.exit_code == 0, f"{shlex.join(words)}\n{done.output}\n{done.exception}"
        case _:
            pytest.fail(
                f"There is no way to run {shlex.join(words)!r}: add it to run_line, or say why it is not run."
            )


def run_blocks(text: str) -> int:
    """Run the blocks of a page, one after the other, in the current folder; return how many ran.

    A block of text behind a block of Python is what that one prints.
    """
    found = blocks(text)
    chosen = [block for block in found if not block.reason and block.language != "text"]
    answers = {before: after.text for before, after in pairwise(found) if after.language == "text"}
    for block in chosen:
        if block.file:
            Path(block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            # All blocks of a page share one module.
            with redirect_stdout(io.StringIO()) as printed:
                exec(compile(block.text, "page", "exec"), vars(sys.modules["page"]))
            assert printed.getvalue() == answers.get(block, printed.getvalue())
        elif block.language in ("bash", "console", ""):
            for line in block.text.replace("\\\n", " ").splitlines():
                if words := shlex.split(line.removeprefix("$ "), comments=True):
                    with own_process():
                        run_line(words)
        else:
            pytest.fail(
                f"A block in {block.language!r} has no title, so it is neither a file nor run."
            )
    return len(chosen)


@pytest.fixture(scope="module")
def generated() -> dict[str, str | bytes]:
    """The generated pages; some show the shipped scores."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ZC_BENCH_SHIPPED")
        return site.pages()


@pytest.mark.usefixtures("data_folder", "sandbox")
class TestBlocks:
    @pytest.mark.filterwarnings("default")
    @pytest.mark.parametrize(
        "page",
        [
            pytest.param(
                page, id=name_of(page), marks=[pytest.mark.slow] if name_of(page) in SLOW else []
            )
            for page in PAGES
            if blocks(page.read_text(encoding="utf-8"))
        ],
    )
    def test_those_of_a_page_run(self, page, monkeypatch, tmp_path):
        # Some pages import ground truth of their own.
        monkeypatch.setenv("ZC_BENCH_DATA", str(tmp_path / "data"))
        if name_of(page) in READS_SHIPPED:
            monkeypatch.delenv("ZC_BENCH_SHIPPED")
        run_blocks(page.read_text(encoding="utf-8"))

    @pytest.mark.slow
    def test_those_of_generated_pages_run(self, generated):
        ran = sum(run_blocks(text) for text in generated.values() if isinstance(text, str))
        assert ran >= len(space_registry) + 3

    def test_those_that_are_not_run_are_few(self):
        reasons = [
            (name_of(page), block.reason)
            for page in PAGES
            for block in blocks(page.read_text())
            if block.reason
        ]
        assert len(reasons) <= NOT_RUN, reasons

    def test_a_block_that_fails_is_found(self):
        with pytest.raises(ZeroDivisionError):
            run_blocks("```python\n1 / 0\n```\n")
        with pytest.raises(AssertionError, match="No such command"):
            run_blocks("```bash\nzc-bench nonsense\n```\n")
        with pytest.raises(pytest.fail.Exception, match="no way to run"):
            run_blocks("```\ncurl example.org\n```\n")
        with pytest.raises(AssertionError):
            run_blocks("```python\nprint(1)\n```\n\n```text\n2\n```\n")
        assert run_blocks("<!-- not run: it fails -->\n```python\n1 / 0\n```\n") == 0


class TestGenerated:
    @pytest.mark.slow
    def test_there_is_a_page_for_everything_that_is_registered(self, generated):
        for folder, names in (
            ("proxies", observe.proxy_registry),
            ("spaces", space_registry),
            ("tasks", task_registry),
        ):
            assert {f"{folder}/{name}.md" for name in names} < set(generated)

    def test_the_page_of_commands_has_every_option_that_help_shows(self):
        text = commands.text()
        for words in (["correlate"], ["data", "import"], ["new", "proxy"], ["check"]):
            section = text.split(f"## `zc-bench {' '.join(words)}")[1].split("\n## ")[0]
            shown = CliRunner().invoke(cli.app, [*words, "--help"], env={"COLUMNS": "300"}).output
            options = set(re.findall(r"(?<!\w)--[a-z][a-z-]*", shown.split("Options")[1])) - {
                "--help"
            }
            assert options == {word for word in options if f"`{word}`" in section}
            assert options

    def test_parity_is_what_the_page_says(self):
        text = parity.PAGE.read_text(encoding="utf-8")
        for proxy in ("params", "snip"):
            found = list(parity.rows(proxy))
            assert len(found) == len(re.findall(rf"^\| {proxy} \| \d+ \|", text, re.M))
            for section, *numbers in found:
                below = text.split(f"## {section}\n")[1].split("\n## ")[0]
                assert f"| {proxy} | {' | '.join(numbers)} |" in below
        assert list(parity.rows("nobody")) == []

    def test_costs_order_proxies_as_their_passes_do(self):
        costs = measured.forwards()
        assert costs["params"] < 0.1 < costs["swap"] < costs["snip"] < costs["grasp"]

    def test_what_was_measured_is_of_the_proxies_that_there_are(self):
        assert set(GROUPS["paper"]) <= set(measured.rows()["proxy"]) <= set(observe.proxy_registry)

    def test_what_was_measured_is_what_the_store_says(self):
        table = measured.rows().set_index(["architecture", "seed", "proxy"])["score"]
        for key, trial in measured.contents().trials.items():
            for column, score in trial.scores.items() if key.task == measured.TASK else ():
                found = table[key.architecture, key.seed, column.partition("@")[0]]
                assert found == pytest.approx(score.value, nan_ok=True, rel=1e-12)

    def test_the_ground_truth_is_what_comes_with_zc_bench(self):
        rows = measured.rows().drop_duplicates("architecture")
        truth = load_table("nb201").lookup(measured.TASK, rows["architecture"].tolist())
        assert truth.tolist() == rows["truth"].tolist()
        assert measured.provenance()["table"]["source"] == load_table("nb201").provenance["source"]

    def test_the_shipped_scores_are_those_that_results_describes(self, monkeypatch):
        monkeypatch.delenv("ZC_BENCH_SHIPPED")
        described = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
        for row in tables.shipped().splitlines()[2:]:
            file, trials, *_ = row.strip("| ").split(" | ")
            (line,) = (
                line for line in described.splitlines() if line.startswith("|") and file in line
            )
            assert trials in line
            sizes = [re.findall(r"(\d+) (?:architectures )?x (\d)\b", text) for text in (row, line)]
            assert sizes[0] == sizes[1]

    def test_tables_are_put_where_pages_ask_for_them(self):
        asked = {
            name
            for page in PAGES
            for name in re.findall(r"<!-- generated: (\w+) -->", page.read_text())
        }
        assert asked == set(site.TABLES)
        assert "| `batch_size` | 32 | 64 | 16 |" in site.fill("<!-- generated: presets -->")

    def test_a_folder_in_the_navigation_is_all_pages_below_it(self):
        paths = ["a/z.md", "a/index.md", "a/b.png", "c.md"]
        assert site.expand([{"A": "a/"}, {"C": ["c.md", {"B": "a/"}]}], paths) == [
            {"A": ["a/index.md", "a/z.md"]},
            {"C": ["c.md", {"B": ["a/index.md", "a/z.md"]}]},
        ]

    def test_text_is_read_as_it_stands(self):
        assert markdown.plain("|w * dL/dw| <b> `a*b`") == r"\|w \* dL/dw\| \<b\> `a*b`"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site, and what mkdocs said while it built it."""
    pytest.importorskip("mkdocs", reason="needs the extra `docs`")
    folder = tmp_path_factory.mktemp("docs") / "site"
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    # Its theme announces its end of life in every build.
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    del quiet["ZC_BENCH_SHIPPED"]  # the site shows the shipped scores
    done = subprocess.run(words, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, done.stderr


@pytest.mark.slow
class TestSite:
    def test_builds_without_a_warning_and_fetches_nothing(self, built):
        folder, said = built
        assert "WARNING" not in said
        outside = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"https?://[^\"]*")
        pages = list(folder.rglob("*.html"))
        assert len(pages) > len(observe.proxy_registry) + len(space_registry) + len(task_registry)
        assert {
            page.name: found
            for page in pages
            if (found := outside.findall(page.read_text(encoding="utf-8")))
        } == {}

    def test_no_link_leads_nowhere(self, built):
        folder, _ = built
        assert len(list(internal_links(folder))) > 100 * len(observe.proxy_registry)
        assert broken_links(folder) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    folder = tmp_path / "site"
    (folder / "a b").mkdir(parents=True)
    (tmp_path / "outside.html").touch()
    (folder / "other.html").write_text('<h1 id="here">Other</h1><a name="old"></a>')
    (folder / "404.html").write_text('<a href="/other.html">lost</a><a href="/gone.html">lost</a>')
    good = [
        "../other.html#here",
        "../other.html#old",
        "#own",
        "#",
        "../other.html?q=1",
        "https://example.org",
        "page.html",
    ]
    bad = ["../other.html#gone", "gone.html", "#gone", "/other.html", "../../outside.html", ".."]
    links = "".join(f'<a href="{link}">x</a>' for link in (*good, *bad))
    (folder / "a b" / "page.html").write_text(f'<p id="own">{links}<img src="gone.png"></p>')
    assert broken_links(folder) == [
        "404.html: /gone.html",
        *(f"a b/page.html: {link}" for link in (*bad, "gone.png")),
    ]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_that_are_named_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:zc_bench|tests|docs|benchmarks|examples|results)/[^`\s]*)`", text)
    # Of a path with a placeholder, its folder must exist.
    places = [ROOT / path if "<" not in path else (ROOT / path).parent for path in paths]
    links = re.findall(r"\]\((?!http)([^)#]+)", text)
    places += [(ROOT / name).parent / link for link in links]
    assert [place for place in places if not place.exists()] == []


class TestCitation:
    def test_is_of_this_version(self):
        yaml = pytest.importorskip("yaml", reason="needs the extra `docs`")
        said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        assert said["version"] == version("zc-bench")
        assert said["license"] == "Apache-2.0"
        assert {"cff-version", "message", "title", "authors"} <= set(said)


@pytest.mark.parametrize(
    "path", [path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text(encoding="utf-8")]
)
def test_what_docstrings_show_is_true(path, monkeypatch):
    # Some show the shipped scores.
    monkeypatch.delenv("ZC_BENCH_SHIPPED")
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    with same_registrations():
        assert doctest.testmod(module).failed == 0
