"""Standard output that fails: the work is done, and one sentence names the missing output."""

import os
import subprocess
import sys

import pytest
from command_line import REPORT, correlate

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110

SCRIPT = "from zc_bench.cli import main; main()"


def shell(line, *words, **environment):
    """Run the command line as a part of a line of bash, of which it is "$@"."""
    return subprocess.run(
        [
            "bash",
            "-c",
            f"set -o pipefail; {line}",
            "bash",
            sys.executable,
            "-c",
            SCRIPT,
            *map(str, words),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


@pytest.mark.usefixtures("data_folder")
class TestReports:
    @pytest.mark.parametrize(
        ("line", "status"), [('"$@" | head -c 1', 0), ('"$@" > /dev/full', 1), ('"$@" >&-', 0)]
    )
    def test_are_written_whatever_becomes_of_what_is_shown(self, tmp_path, line, status):
        done = shell(line, *correlate(tmp_path))
        assert done.returncode == status
        assert "Traceback" not in done.stderr
        assert (
            "Standard output cannot be written to (No space left on device)" in done.stderr
        ) == (status == 1)
        assert all((tmp_path / name).exists() for name in REPORT)


@pytest.mark.usefixtures("data_folder")
def test_records_are_the_same_in_a_poor_alphabet(tmp_path):
    folder = os.fsdecode(os.fsencode(tmp_path / "größe") + b"\xff")
    done = shell('"$@"', *correlate(folder), PYTHONUTF8="0", LC_ALL="C", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0, done.stderr
    assert all(os.path.exists(os.path.join(folder, name)) for name in REPORT)  # noqa: PTH110, PTH118


class TestStreams:
    @pytest.mark.parametrize("words", [("--help",), ("list", "proxies")])
    def test_that_are_full_give_one_sentence(self, words):
        done = shell('"$@" > /dev/full', *words)
        sentence = (
            "Error: Standard output cannot be written to (No space left on device): what follows "
            "is not shown.\n"
        )
        assert (done.returncode, done.stderr) == (1, sentence)

    def test_that_nobody_reads_end_quietly(self):
        done = shell('"$@" | head -1', "list", "proxies")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("\n") == 1

    @pytest.mark.parametrize("line", ['"$@" 2> /dev/full', '"$@" 2>&-', '"$@" <&- >&- 2>&-'])
    def test_of_errors_that_fail_change_no_status(self, line):
        assert shell(line, "explain", "--proxies", "nonsense").returncode == 2

    def test_with_a_poor_alphabet_spell_out_what_it_lacks(self, tmp_path):
        words = ("store", "show", tmp_path / "größe.h5")
        done = shell('"$@"', *words, PYTHONUTF8="0", PYTHONIOENCODING="ascii:strict")
        assert done.returncode == 2
        assert r"gr\xf6\xdfe.h5" in done.stderr
