"""A statement of the paper is a number that is above a bound if the statement is true."""

from dataclasses import dataclass

from zc_bench.paper.claims.columns import TRUTH
from zc_bench.paper.claims.contrasts import Contrast


@dataclass(frozen=True)
class Statement:
    """A statement of the paper, as a number that can be measured.

    Attributes:
        text: what it says.
        where: the place in the paper.
        number: what is measured, in words.
        contrast: produces the number, from the columns, for the measurement and for every resample.
        columns: those that it is about.
        proxies: those that it names.
        rest: whether it compares them with all others.
        bound: the number is at least that if the statement is true.
        margin: if it is given, the statement is that the number is nearer than that to the bound.
        against: what proxies are correlated with: the truth, or one of the proxies.
    """

    text: str
    where: str
    number: str
    contrast: Contrast
    columns: tuple[str, ...]
    proxies: tuple[str, ...]
    rest: bool = False
    bound: float = 0.0
    margin: float | None = None
    against: str = TRUTH
