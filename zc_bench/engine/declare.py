"""Passes and proxies: the annotation is the declaration.

What a function takes it needs, what it returns it produces.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, is_dataclass
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.registry import Registry, same_definition, summary_of

F = TypeVar("F", bound=Callable[..., Any])

# What a pass may read of a trial. Nobody needs to declare the modules and shapes of the network.
#   weights      the values of parameters and buffers
#   images       the values of both batches, with their labels
#   batch_size   how many images there are
#   seed         the generator of the trial
Part = Literal["weights", "images", "batch_size", "seed"]
PARTS: frozenset[Part] = frozenset(get_args(Part))


class Requested(frozenset[type]):
    """The observation types that a plan asks for.

    A pass that produces several observations in one traversal takes this parameter to leave out
    those that nobody needs.
    """


@dataclass(frozen=True)
class Pass:
    """A traversal of the network, shared by all who need what it produces.

    Attributes:
        name: the function's name.
        function: called with one argument per need.
        needs: observation types by parameter name.
        produces: observation types; several where one traversal produces several.
        reads: what an observation takes from the trial itself, not from other observations.
        differentiates: whether it runs the network and differentiates, which costs several forward
            passes.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    needs: Mapping[str, type]
    produces: tuple[type, ...]
    reads: Mapping[type, frozenset[Part]] = field(default_factory=dict)
    differentiates: bool = False


@dataclass(frozen=True)
class Proxy:
    """A reduction of observations to one number per trial.

    Attributes:
        name: what users type.
        function: called with one argument per need, returns the score.
        needs: observation types by parameter name.
        source: paper and equation.
        version: raised whenever scores change.
        higher_is_better: the direction in which the source reads the score.
        uses_labels: whether the labels of the batch enter the score.
        classification_only: whether the score exists only where the labels are classes.
        summary: the first line of the docstring.
    """

    name: str
    function: Callable[..., float] = field(repr=False)
    needs: Mapping[str, type]
    source: str
    version: int
    higher_is_better: bool
    uses_labels: bool
    classification_only: bool
    summary: str


proxy_registry: Registry[Proxy] = Registry("proxy")
pass_registry: dict[type, Pass] = {}


@overload
def shared_pass(function: F) -> F: ...


@overload
def shared_pass(
    *, reads: Mapping[type, Collection[str]] | None = None, differentiates: bool = False
) -> Callable[[F], F]: ...


def shared_pass(
    function: Callable[..., Any] | None = None,
    *,
    reads: Mapping[type, Collection[str]] | None = None,
    differentiates: bool = False,
) -> Any:
    """Register a pass; the function comes back unchanged.

    A pass takes observations and returns one observation, or a tuple of them where one traversal
    produces several. A member of such a tuple that may be left out is annotated as optional.

    Args:
        function: the pass.
        reads: what an observation takes from the trial: some of "weights", "images", "batch_size"
            and "seed". An observation that is not listed takes everything. What it takes from other
            observations needs no word.
        differentiates: whether it runs the network and differentiates on its own, not in the graph
            of `Forward`. Trials of proxies that need gradients come after those that do not.

    Returns:
        The function; with `reads` or `differentiates`, the decorator.

    Raises:
        ZcBenchError: if an annotation is missing, another pass produces that observation, or
            `reads` lists what the pass does not produce or a trial does not have.

    Examples:
        >>> from dataclasses import dataclass
        >>> from zc_bench.passes import TrialInputs
        >>> @dataclass(frozen=True)
        ... class Depth:
        ...     modules: int
        >>> @shared_pass(reads={Depth: ()})
        ... def depth(trial: TrialInputs) -> Depth:
        ...     return Depth(len(list(trial.network.modules())))
        >>> sorted(pass_registry.pop(Depth).reads[Depth])
        []
    """

    def register(function: F) -> F:
        needs, product = _signature(function)
        produces = tuple(
            _without_none(member)
            for member in (get_args(product) if get_origin(product) is tuple else (product,))
        )
        known = {
            kind: cast("frozenset[Part]", frozenset(parts)) for kind, parts in (reads or {}).items()
        }
        entry = Pass(function.__name__, function, needs, produces, known, differentiates)
        _forget_earlier_form(entry)
        _expect_new(entry)
        _expect_parts(entry)
        pass_registry.update(dict.fromkeys(produces, entry))
        return function

    return register if function is None else register(function)


def _forget_earlier_form(entry: Pass) -> None:
    """Drop a pass that is defined again, as in a notebook, where its observations may be, too."""
    for kind, other in list(pass_registry.items()):
        if same_definition(other, entry) and _places(other) == _places(entry):
            del pass_registry[kind]


def _places(entry: Pass) -> set[tuple[str, str]]:
    kinds = (kind for kind in entry.produces if isinstance(kind, type))
    return {(kind.__module__, kind.__qualname__) for kind in kinds}


def _expect_new(entry: Pass) -> None:
    """Refuse what is no observation, and names and observations that another pass has."""
    for kind in entry.produces:
        if not isinstance(kind, type) or kind is NoneType:
            message = (
                f"The pass {entry.name!r} must return an observation or a tuple of them, not "
                f"{kind!r}."
            )
            raise ZcBenchError(message)
        if kind in pass_registry:
            message = (
                f"The pass {entry.name!r} produces {kind.__name__}, which "
                f"{pass_registry[kind].name!r} produces already."
            )
            raise ZcBenchError(message)
    if entry.name in {other.name for other in pass_registry.values()}:
        message = f"A pass {entry.name!r} is registered already: give the function another name."
        raise ZcBenchError(message)


def _expect_parts(entry: Pass) -> None:
    """Refuse what the pass does not produce, and parts that a trial does not have."""
    for kind, parts in entry.reads.items():
        if kind not in entry.produces:
            message = f"The pass {entry.name!r} does not produce {kind!r}: leave it out of `reads`."
            raise ZcBenchError(message)
        kind_of_part = "part of a trial"
        for part in sorted(set(parts) - PARTS):
            raise unknown_name(kind_of_part, part, PARTS)


def proxy(
    name: str,
    *,
    source: str,
    version: int = 1,
    higher_is_better: bool = True,
    uses_labels: bool = False,
    classification_only: bool = False,
) -> Callable[[F], F]:
    """Register a proxy; the function comes back unchanged.

    Args:
        name: what users type.
        source: paper and equation that the definition follows.
        version: raise it whenever scores change.
        higher_is_better: the direction in which the source reads the score.
        uses_labels: whether the labels of the batch enter the score.
        classification_only: whether the score exists only where the labels are classes.

    Returns:
        The decorator.

    Raises:
        ZcBenchError: if an annotation or the docstring is missing, the return type is not float, or
            the name is taken.
    """

    def register(function: F) -> F:
        needs, product = _signature(function)
        if product is not float:
            message = f"The proxy {name!r} must be annotated to return float, not {product!r}."
            raise ZcBenchError(message)
        summary = summary_of(function, "proxy", name, listed="proxies")
        entry = Proxy(
            name,
            function,
            needs,
            source,
            version,
            higher_is_better,
            uses_labels,
            classification_only,
            summary,
        )
        proxy_registry.register(name, entry)
        return function

    return register


def signature_of(function: Callable[..., Any]) -> tuple[dict[str, Any], Any]:
    """Read the annotations of the parameters, and that of what is returned.

    Args:
        function: a pass or a proxy.

    Raises:
        ZcBenchError: if an annotation is missing.
    """
    hints = get_type_hints(function)
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    missing = [name for name in (*parameters, "return") if name not in hints]
    if missing:
        message = f"{function.__qualname__} needs a type annotation for: {', '.join(missing)}."
        raise ZcBenchError(message)
    product = hints.pop("return")
    return hints, product


def _signature(function: Callable[..., Any]) -> tuple[dict[str, type], Any]:
    """Read needs and product from the annotations."""
    hints, product = signature_of(function)
    for name, need in hints.items():
        if not isinstance(need, type) or not _may_be_observed(need):
            kind = need.__name__ if isinstance(need, type) else repr(need)
            message = (
                f"The parameter {name!r} of {function.__qualname__} must be one observation, not {kind}: "
                "`zc-bench explain` lists those of passes, and `trial: TrialInputs` "
                "(zc_bench.passes) gives the network, images, labels and loss."
            )
            raise ZcBenchError(message)
    return hints, product


def _may_be_observed(kind: type) -> bool:
    """Return whether a pass produces a type, or may do so: observations are dataclasses."""
    return kind in pass_registry or is_dataclass(kind) or issubclass(kind, Requested)


def _without_none(annotation: Any) -> Any:
    """Turn `X | None` into `X`."""
    members = [member for member in get_args(annotation) if member is not NoneType]
    return (
        members[0]
        if get_origin(annotation) in (UnionType, Union) and len(members) == 1
        else annotation
    )
