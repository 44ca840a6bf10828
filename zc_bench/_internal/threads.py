"""How torch's threads wait for each other. It is imported before torch, which reads it at import.

The threads of GNU OpenMP spin while they wait. If another process uses one of the processors,
nearly all time goes into spinning: a trial with all proxies took 20 s, and 0.6 s on an idle
machine. Threads that spin briefly and then sleep bring this down to 3 s, and cost nothing on an
idle machine. A variable that is set already stays.
"""

import os

if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
