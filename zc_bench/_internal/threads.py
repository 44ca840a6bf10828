"""How torch's threads wait for each other; imported before torch, which reads it when it is loaded.

GNU OpenMP's threads spin while they wait. With as many threads as processors, and one of them taken by somebody else,
nearly all time goes into spinning: a trial with all proxies took 20 s where it takes 0.6 s alone. Spinning briefly,
then sleeping, costs nothing on an idle machine and brings that down to 3 s. Who has set either variable is left alone.
"""

import os

if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
