import subprocess
import sys
from pathlib import Path

from zc_bench._compiled import compiled

# As on a read-only file system, of which a test that may be run as root can make none.
WITHOUT_FOLDER = """
from numba.core.caching import CompileResultCacheImpl
CompileResultCacheImpl._locator_classes = []
from zc_bench.tables.crc32c import crc32c
assert crc32c(b"123456789") == 0xE3069283
from zc_bench.cli import main
main()
"""


def test_every_command_works_where_nothing_can_be_cached(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_FOLDER, "list", "proxies"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "swap@" in done.stdout


def test_code_is_kept_where_there_is_a_folder(tmp_path: Path) -> None:
    source = tmp_path / "added.py"
    source.write_text("def add(a, b):\n    return a + b\n")
    names: dict[str, object] = {}
    exec(compile(source.read_text(), source, "exec"), names)
    add = compiled()(names["add"])  # type: ignore[arg-type]
    assert add(1, 2) == 3
    assert list(tmp_path.rglob("added.add-*.nbi"))
