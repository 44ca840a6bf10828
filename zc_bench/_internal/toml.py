"""Frozen dataclasses as TOML, and back."""

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from zc_bench.errors import ZcBenchError, shown, unknown_name

T = TypeVar("T")
_SCALARS = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}
_PLURALS = {str: "strings", int: "whole numbers"}


def parse(text: str, what: str) -> dict[str, Any]:
    """Read TOML.

    Args:
        text: the text.
        what: what it is, for messages ("spec").

    Raises:
        ZcBenchError: if it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Besides its own errors, the parser raises these for whole numbers of thousands of digits,
        # and for thousands of brackets.
        message = f"The {what} is not valid TOML: {str(error)[:200]}."
        raise ZcBenchError(message) from error


def lines(values: Mapping[str, Any]) -> list[str]:
    """Write scalars, lists of strings and one level of tables; leave None out."""
    plain = {
        name: value
        for name, value in values.items()
        if value is not None and not isinstance(value, dict)
    }
    # A JSON string, number or list of strings is a TOML value too, except for one control character
    # that JSON allows.
    written = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
        for name, value in plain.items()
    ]
    for name, value in values.items():
        if isinstance(value, dict):
            written += ["", f"[{name}]", *lines(value)]
    return written


def read(kind: type[T], values: Mapping[str, Any], where: str = "") -> T:
    """Build a dataclass from a parsed table; refuse unknown keys.

    Args:
        kind: the dataclass; its fields are scalars that may be optional, tuples of strings or of
            whole numbers, or dataclasses.
        values: the table.
        where: the prefix of its keys in messages ("protocol.").

    Raises:
        ZcBenchError: if a key is unknown or missing, or a value has the wrong type.
    """
    hints = get_type_hints(kind)
    arguments = {}
    for name, value in values.items():
        if name not in hints:
            raise unknown_name(
                kind="key", name=f"{where}{name}", known=[f"{where}{known}" for known in hints]
            )
        arguments[name] = _convert(hints[name], value, f"{where}{name}")
    fields = dataclasses.fields(cast(Any, kind))
    required = {i.name for i in fields if i.default is MISSING and i.default_factory is MISSING}
    missing = sorted(required - arguments.keys())
    if missing:
        message = f"The {kind.__name__.lower()} lacks {', '.join(missing)}: add it."
        raise ZcBenchError(message)
    return kind(**arguments)


def _member(annotation: Any, value: Any) -> Any:
    """Return the member of a union that fits a value: the tuple for a list, else the scalar."""
    united = get_args(annotation) if get_origin(annotation) in (UnionType, Union) else (annotation,)
    members = [member for member in united if member is not NoneType]
    fitting = [
        member for member in members if (get_origin(member) is tuple) == isinstance(value, list)
    ]
    return (fitting or members)[0]


def _convert(annotation: Any, value: Any, name: str) -> Any:
    """Check a value against its annotation: a table, a list, or a scalar."""
    if dataclasses.is_dataclass(annotation):
        if isinstance(value, dict):
            return read(cast(Any, annotation), value, f"{name}.")
        expected = f"a table, [{name}]"
    elif (kind := _member(annotation, value)) is not None and get_origin(kind) is tuple:
        item_kind = get_args(kind)[0]
        if isinstance(value, list) and all(type(item) is item_kind for item in value):
            return tuple(value)
        expected = f"a list of {_PLURALS[item_kind]}"
    else:
        # `isinstance` is not used, because True is an int.
        if type(value) is kind or (kind is float and type(value) is int):
            try:
                return kind(value)
            except OverflowError:
                expected = "a number below 1e308"
        else:
            expected = _SCALARS[kind]
    message = f"{name} = {shown(value)} has the wrong type: expected {expected}."
    raise ZcBenchError(message)
