"""`zc-bench explain`: which passes a run would execute."""

from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.options import ProxiesOption, names_in
from zc_bench.engine.derived import derivations
from zc_bench.engine.plan import plan
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.proxies.groups import default_proxies, named_proxies

app = new_app()


@app.command()
def explain(proxies: ProxiesOption = None) -> None:
    """Show which passes over the network run, each once, and which proxies use them."""
    names = named_proxies(names_in(proxies)) or default_proxies()
    console.show_plan(plan(names, (TrialInputs,)), derivations(names))
