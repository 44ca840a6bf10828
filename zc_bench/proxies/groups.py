"""Groups of proxies: names that stand for several of them."""

from collections.abc import Iterable, Mapping

from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import unknown_name

DEFAULT = "paper"
ALL = "all"

# A group is a line per family of names. A new proxy is one more name here.
GROUPS: Mapping[str, tuple[str, ...]] = {
    # The seventeen of SWAP-NAS, arXiv:2403.04161, figure 4.
    "paper": (
        *("params", "flops", "l2_norm", "grad_norm", "snip", "grasp", "plain", "fisher"),
        *("synflow", "jacov", "epe_nas", "nwot", "zen", "zico", "linear_regions"),
        *("swap", "reg_swap"),
    ),
    # Published since 2021, and not among the seventeen.
    "recent": (
        *("az_expressivity", "az_progressivity", "az_trainability", "az_nas"),
        *("meco", "meco_opt"),
        *(
            "gradsign",
            "ntk_condition",
            "vkdnw",
            "vkdnw_agg",
            "near",
            "l_swag",
            "wrcor",
            "epsinas",
            "dextr",
        ),
    ),
    # What a proxy must beat: counts of layers and channels, without weights and images.
    "trivial": ("depth", "layers", "width"),
}


def default_proxies() -> tuple[str, ...]:
    """Name the proxies of whoever names none: the seventeen, and those of plug-ins.

    Examples:
        >>> import zc_bench.proxies
        >>> "swap" in default_proxies()
        True
    """
    others = {name for group, names in GROUPS.items() if group != DEFAULT for name in names}
    return tuple(name for name in proxy_registry if name not in others)


def named_proxies(names: str | Iterable[str]) -> tuple[str, ...]:
    """Put the members of groups in the place of their names.

    Args:
        names: proxies and groups, mixed; a single one may stand alone. "all" is every registered
            proxy. A proxy of a plug-in that has the name of a group comes first.

    Returns:
        Proxies, each once.

    Raises:
        ZcBenchError: if a name is neither.

    Examples:
        >>> import zc_bench.proxies
        >>> len(named_proxies("paper")), named_proxies(["snip", "paper"])[0]
        (17, 'snip')
    """
    listed = (names,) if isinstance(names, str) else tuple(names)
    return tuple(dict.fromkeys(member for name in listed for member in _members(name)))


def group_of(name: str) -> str:
    """Name the group of a proxy; "plug-in" for one that does not come with zc-bench.

    Examples:
        >>> group_of("snip")
        'paper'
    """
    return next((group for group, names in GROUPS.items() if name in names), "plug-in")


def _members(name: str) -> tuple[str, ...]:
    if name in proxy_registry:
        return (name,)
    if name == ALL:
        return tuple(proxy_registry)
    if name in GROUPS:
        return GROUPS[name]
    kind = proxy_registry.kind
    raise unknown_name(kind, name, [*proxy_registry, *GROUPS, ALL])
