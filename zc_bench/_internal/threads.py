"""How torch's threads wait for each other."""

import os
import sys


def import_torch() -> None:
    """Import torch so that its threads spin briefly while they wait, then sleep.

    By default GNU OpenMP's threads spin. With as many threads as processors, and one of these taken
    by another program, nearly all time goes into spinning: a trial with all proxies took 20 s
    instead of 0.6 s. Spinning briefly costs nothing on an idle machine. The library reads the
    variable when torch is loaded; afterwards the environment is as it was. If either variable is
    set, nothing is changed.
    """
    if "torch" in sys.modules or {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & os.environ.keys():
        return
    os.environ["GOMP_SPINCOUNT"] = "2000"
    try:
        import torch  # noqa: F401
    finally:
        del os.environ["GOMP_SPINCOUNT"]
