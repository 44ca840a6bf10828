"""Twins: every proxy once more, slow and plain, from its definition, as a second opinion.

A twin takes a case and returns the score, or None where the definition has no finite value. Twins
may loop where the harness does not, run the network as often as they like, and change a copy of it;
they share no code with the passes.
"""

from importlib import import_module
from pathlib import Path

import zc_bench.proxies  # noqa: F401 - registers them
from zc_bench.engine.declare import proxy_registry

# A twin is the function of the same name in the module of the same name. Those of proxies that
# compare a set of architectures take scores, not a case.
TWINS = {
    path.stem: getattr(import_module(f"{__name__}.{path.stem}"), path.stem)
    for path in sorted(Path(__file__).parent.glob("*.py"))
    if path.stem in proxy_registry and not getattr(proxy_registry[path.stem], "of_set", False)
}
