"""`zc-bench new`: skeletons of what others bring."""

import importlib.util
import keyword
import re
from pathlib import Path
from typing import Annotated

import typer

from zc_bench._internal.files import write_text
from zc_bench.cli import console
from zc_bench.cli.application import new_group
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError

app = new_group("Begin a proxy of your own: a file and its test.")

_PROXY = '''"""NAME: say in a line what it measures."""

from zc_bench import proxy
from zc_bench.passes.loss_gradients import LossGradients


@proxy("NAME", source="paper, identifier, equation", version=1, higher_is_better=True, uses_labels=True)
def NAME(loss: LossGradients) -> float:
    """Sum over Conv2d and Linear weights of |dL/dw|: the example, write your formula here.

    The parameters say which observations it needs: `zc-bench explain` lists those that there are.
    """
    return sum(float(grad.abs().sum()) for grad in loss.weight_grads)
'''

_TEST = '''"""NAME: its number for numbers made by hand, and all that every proxy promises."""

import pytest
import torch
from NAME import NAME

from zc_bench.passes.loss_gradients import LossGradients
from zc_bench.testing import proxy_checks


def test_a_case_that_can_be_reckoned_by_hand():
    grads = (torch.tensor([1.0, -2.0]), torch.tensor([[3.0]]))
    assert NAME(LossGradients(weights=grads, weight_grads=grads)) == 6


@pytest.mark.parametrize("check", proxy_checks("NAME"), ids=str)
def test_a_promise(check):
    check()
'''


@app.command()
def proxy(
    name: Annotated[str, typer.Argument(help="What users will type, and the name of the file.")],
    folder: Annotated[Path, typer.Option(help="Where the two files go.")] = Path(),
) -> None:
    """Write NAME.py, which works as it is, and test_NAME.py.

    Change the formula, and the number that is expected.
    """
    _expect_free(name)
    texts = {folder / f"{name}.py": _PROXY, folder / f"test_{name}.py": _TEST}
    for path in texts:
        if path.exists():
            message = f"{path} is there already: move it away, or choose another name."
            raise ZcBenchError(message)
    for path, text in texts.items():
        write_text(path, text.replace("NAME", name))
    source, test = texts
    console.say(
        f"Written: {source} and {test}. Try: zc-bench --plugin {source} check {name}; pytest {test}."
    )


def _expect_free(name: str) -> None:
    """Expect a name that can be a proxy's, a function's and a module's."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        message = (
            f"{name!r} is no name for a proxy: take small letters, digits and underscores, a "
            "letter first."
        )
        raise ZcBenchError(message)
    if name in proxy_registry:
        message = f"There is a proxy {name!r} already: choose another name."
        raise ZcBenchError(message)
    if importlib.util.find_spec(name):
        message = (
            f"There is a Python module {name!r} already, which would be imported instead: choose "
            "another name."
        )
        raise ZcBenchError(message)
