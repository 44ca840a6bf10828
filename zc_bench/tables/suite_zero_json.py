"""The JSON of NAS-Bench-Suite-Zero.

`{task: {architecture: {"id": ..., "val_accuracy": ..., proxy: {...}}}}`.

Early files nest it one level deeper, under the name of the search space.
"""

import json
import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zc_bench.errors import ZcBenchError
from zc_bench.tables.rows import Row, readers
from zc_bench.tables.suite_zero import SPACES, numbers, reduced


def read(path: Path) -> Iterator[Row]:
    """Yield what the file says about every task and architecture.

    Raises:
        ZcBenchError: if the file is no JSON, or not of the form above.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text, parse_int=float, object_hook=reduced)
    except (ValueError, RecursionError) as error:
        message = f"{path} is not valid JSON ({error}): get the file anew."
        raise ZcBenchError(message) from error
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}): make it readable."
        raise ZcBenchError(message) from error
    # Rows are made while others wait to be: the text is the larger part of the memory.
    del text
    for name, value in _items(path, content, "the whole"):
        if name in SPACES:
            for task, column in _items(path, value, name):
                yield from _rows(path, SPACES[name], task, column)
        else:
            yield from _rows(path, "", name, value)


def _rows(path: Path, space: str, task: str, column: object) -> Iterator[Row]:
    for architecture, entry in _items(path, column, task):
        found = numbers(entry)
        if found is None:
            what = "an object with 'val_accuracy', a number, or proxies with a 'score'"
            raise _malformed(path, f"{task}, {architecture[:100]}", what, entry)
        yield Row(task.lower(), architecture, *found, space=space)


def _items(path: Path, value: object, where: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise _malformed(path, where, "an object", value)
    return iter(value.items())


def _malformed(path: Path, where: str, expected: str, found: object) -> ZcBenchError:
    return ZcBenchError(
        f"{path} holds {reprlib.repr(found)[:100]!r} at {where}: expected {expected}. Get the file anew."
    )


readers.register("suite_zero_json", read)
