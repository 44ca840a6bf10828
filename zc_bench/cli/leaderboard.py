"""`zc-bench leaderboard`: all proxies of some stores on one page, with trivial baselines."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench.audits import leaderboard as make_leaderboard
from zc_bench.audits.leaderboard_page import summary
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.audit import SpacesOption, StoresOption
from zc_bench.cli.options import ProxiesOption, names_in

app = new_app()


@app.command()
def leaderboard(
    store: StoresOption = None,
    space: SpacesOption = None,
    proxies: ProxiesOption = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples per seed.")] = 400,
    out: Annotated[Path, typer.Option(help="The page.")] = Path("results/leaderboard.html"),
) -> None:
    """Write a page with all proxies of some stores, and their audits.

    Trivial baselines are always in it. Nothing is computed on networks.
    """
    board = make_leaderboard(
        store,
        space=names_in(space) or None,
        proxies=names_in(proxies) or None,
        resamples=resamples,
    )
    page = board.page(out)
    for sentence in (*summary(board), *board.left_out):
        console.out.print(console.plain(sentence), highlight=False, soft_wrap=True)
    console.log(f"Written to {page} ({page.stat().st_size / 1e6:.1f} MB).")
