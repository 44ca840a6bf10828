"""Environments of Python that a test makes, and processes in them."""

import subprocess
import sys
import sysconfig
from pathlib import Path


def run(*words, python=sys.executable, **options):
    """Run Python in a process of its own."""
    return subprocess.run(
        [python, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
        **options,
    )


def new_environment(folder: Path) -> Path:
    """Make an environment with nothing in it, not even pip; return its Python."""
    made = run("-m", "venv", "--without-pip", folder)
    assert made.returncode == 0, made.stderr
    return folder / "bin" / "python"


def link_packages(folder: Path) -> None:
    """Let an environment see the packages of this one behind its own; nothing is downloaded."""
    there = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    # By `addsitedir`, so that this environment's own links to packages are followed too.
    link = Path(there) / "packages_of_the_tests.pth"
    link.write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
