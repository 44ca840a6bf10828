"""Fuzz the program: python tests/fuzz/fuzz.py [AREA ...] [--cases 200] [--seed 0].

Every case has its own dice, so that one that goes wrong can be repeated alone (--seed 0 --first 17
--cases 1). Cases run in a process of their own, area by area. A case may take 60 seconds of
processor time, however long it has to wait for the processor; then it hangs.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from random import Random

SECONDS = 60  # of processor time, for a case
GIBIBYTES = 12  # of addresses, for all cases of an area
WRONG = ("traceback", "hang", "crash", "silent change")


def run_cases(area: str, seed: int, first: int, end: int) -> None:
    """Run cases in this process; print a line before and after each."""
    os.environ["ZC_BENCH_DATA"] = tempfile.mkdtemp(prefix="zc-bench-fuzz-")
    from areas import AREAS, SilentChange

    from zc_bench.errors import ZcBenchError

    resource.setrlimit(resource.RLIMIT_AS, (GIBIBYTES << 30, resource.RLIM_INFINITY))
    for number in range(first, end):
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
        _say(f"begin {number}")
        with tempfile.TemporaryDirectory() as folder:
            try:
                AREAS[area](Random(f"{area} {seed} {number}"), Path(folder))
                verdict = "read"
            except ZcBenchError as error:
                verdict = (
                    "refused"
                    if "\n" not in str(error).strip() or len(str(error)) < 2000
                    else "traceback"
                )
            except SilentChange:
                verdict = "silent change"
            except Exception:  # noqa: BLE001 - it is what is counted
                traceback.print_exc()
                verdict = "traceback"
        _say(f"end {verdict}")


def _say(line: str) -> None:
    os.write(3, f"{line}\n".encode())


def fuzz(area: str, cases: int, seed: int = 0, first: int = 0) -> tuple[Counter[str], list[str]]:
    """Run cases of an area.

    Args:
        area: the area.
        cases: how many.
        seed: of all cases.
        first: the number of the first.

    Returns:
        How many cases ended how, and what went wrong, with the numbers of the cases.
    """
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    at = first
    while at < first + cases:
        read, write = os.pipe()
        given = [
            sys.executable,
            __file__,
            area,
            "--seed",
            seed,
            "--first",
            at,
            "--cases",
            first + cases - at,
            "--child",
        ]
        words = list(map(str, given))
        with tempfile.TemporaryFile("w+") as errors:
            # Descriptor 3 is the pipe: standard output belongs to the commands.
            process = subprocess.Popen(
                ["bash", "-c", f'exec "$@" 3>&{write} >/dev/null', "sh", *words],
                pass_fds=[write], stderr=errors, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            os.close(write)
            with open(read) as lines:  # noqa: PTH123 - a descriptor
                said = [line.split(maxsplit=1) for line in lines]
            process.wait()
            errors.seek(0)
            text = errors.read()
        verdicts = [word[1].strip() for word in said if word[0] == "end"]
        counts.update(verdicts)
        wrong += [
            f"{area} {at + place}: {verdict}"
            for place, verdict in enumerate(verdicts)
            if verdict in WRONG
        ]
        wrong += [text[-4000:]] if wrong and text else []
        at += len(verdicts)
        if process.returncode:
            verdict = "hang" if process.returncode == -24 else "crash"  # SIGXCPU
            if not said:
                raise RuntimeError(text)
            counts[verdict] += 1
            wrong.append(f"{area} {at}: {verdict} ({process.returncode})")
            at += 1
    return counts, wrong


def main() -> None:
    """Run areas and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        run_cases(given.areas[0], given.seed, given.first, given.first + given.cases)
        return
    from areas import AREAS

    failed = False
    for area in given.areas or AREAS:
        counts, wrong = fuzz(area, given.cases, given.seed, given.first)
        sep = "\n  " if wrong else " "
        print(f"{area:<14}", dict(counts), *wrong, sep=sep, flush=True)  # noqa: T201
        failed |= bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
