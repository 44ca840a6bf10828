"""The statements of SWAP-NAS, one by one."""

from collections.abc import Iterator, Sequence
from functools import partial

from zc_bench.paper.claims.contrasts import OURS, lead, lead_over_rest, mean, share_won
from zc_bench.paper.claims.statement import Statement

_UNCHANGED = 0.05  # a smaller difference of rho does not show in the paper's heat map


def statements(columns: Sequence[str]) -> Iterator[Statement]:
    """Yield the statements of the paper on these columns."""
    everywhere = tuple(columns)
    macro = tuple(name for name in columns if name.startswith("tnb101_macro-"))
    cells = tuple(name for name in columns if name not in macro)
    difference = "mean rho of {} minus {}, over the columns"

    def better(
        text: str,
        where: str,
        name: str,
        other: str,
        over: tuple[str, ...],
        margin: float | None = None,
    ) -> Statement:
        number = difference.format(name, other) if len(over) > 1 else f"rho of {name} minus {other}"
        return Statement(
            text,
            where,
            number,
            partial(lead, name=name, other=other),
            over,
            (name, other),
            margin=margin,
        )

    yield Statement(
        "swap and reg_swap are first and second by their mean over the columns",
        "figure 4",
        "mean rho of the worse of the two minus the best of the others",
        partial(lead_over_rest, names=OURS),
        everywhere,
        OURS,
        rest=True,
    )
    yield Statement(
        "both SWAP scores outperform the 15 other proxies in the majority of the columns",
        "section 4.1",
        "share of columns in which both are above all others; a half is the bound",
        share_won,
        everywhere,
        OURS,
        rest=True,
        bound=0.5,
    )
    for name in cells:
        yield better(
            f"reg_swap is better than swap on {name}", "section 4.1", "reg_swap", "swap", (name,)
        )
    for name in macro:
        text = f"regularisation leaves {name} unchanged (by less than {_UNCHANGED})"
        yield better(text, "section 4.1", "reg_swap", "swap", (name,), margin=_UNCHANGED)
    hundred = ("nb201-cifar100",)
    yield Statement(
        "reg_swap has 0.90 on nb201-cifar100",
        "abstract",
        "rho of reg_swap; 0.895 is the bound",
        partial(mean, name="reg_swap"),
        hundred,
        ("reg_swap",),
        bound=0.895,
    )
    yield Statement(
        "nwot has 0.80 on nb201-cifar100",
        "abstract",
        f"rho of nwot; nearer than {_UNCHANGED} to 0.80 is the same",
        partial(mean, name="nwot"),
        hundred,
        ("nwot",),
        bound=0.8,
        margin=_UNCHANGED,
    )
    yield better(
        "reg_swap is better than nwot on nb201-cifar100", "abstract", "reg_swap", "nwot", hundred
    )
    yield Statement(
        "nwot is the best of the 15 others on nb201-cifar100",
        "abstract",
        "rho of nwot minus the best of the other 14",
        partial(lead_over_rest, names=("nwot",)),
        hundred,
        ("nwot", *OURS),
        rest=True,
    )
    for name in everywhere:
        yield better(
            f"swap is better than nwot on {name}", "section 1, figure 4", "swap", "nwot", (name,)
        )
    for other in ("zico", "params", "flops"):
        yield better(
            f"swap is better than {other}", "section 1, figure 4", "swap", other, everywhere
        )
    yield better("zico is better than params", "section 2", "zico", "params", everywhere)
    yield better("flops is better than zico", "section 2", "flops", "zico", everywhere)
    yield Statement(
        "larger networks have higher swap scores",
        "section 3.3",
        "mean rho of swap with params, over the columns",
        partial(mean, name="swap"),
        everywhere,
        ("swap", "params"),
        against="params",
    )
    yield Statement(
        "regularisation mitigates that bias, on cell-based spaces",
        "section 3.3",
        "mean rho of swap with params minus that of reg_swap with params, over the columns",
        partial(lead, name="swap", other="reg_swap"),
        cells,
        ("swap", "reg_swap", "params"),
        against="params",
    )
