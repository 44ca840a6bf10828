"""Score a network in little memory, for a test: the system really refuses to give more."""

import resource
import sys
from pathlib import Path

import torch
from torch import nn

from zc_bench import score
from zc_bench.proxies.groups import default_proxies

MEGABYTE = 1 << 20
MORE = 20 * MEGABYTE  # beyond what the C library has kept of earlier work


def data_bytes() -> int:
    """Return what counts against the limit."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmData:")[1].split()[0])


torch.set_num_threads(1)
torch.manual_seed(0)
layers = [
    layer
    for _ in range(6)
    for layer in (nn.Conv2d(32, 32, 3, padding=1), nn.GroupNorm(4, 32), nn.ReLU())
]
network = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1),
    *layers,
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(32, 10),
)
images, labels = torch.randn(64, 3, 32, 32), torch.randint(0, 10, (64,))
names = [name for name in default_proxies() if name not in ("reg_swap", "zico")]
# Kernels are compiled for a shape: for the whole and for the parts.
expected = score(network, images, labels, proxies=names)
for size in (32, 16, 8, 4, 2, 1):
    score(network, images[:size], labels[:size], proxies=names)
limit = data_bytes() + MORE
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
for name, entry in score(network, images, labels, proxies=names).items():
    sys.stdout.write(
        f"{name}\t{entry.status}\t{expected[name].value}\t{entry.value}\t{entry.reason[:100]}\n"
    )
