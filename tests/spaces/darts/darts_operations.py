"""The operations of DARTS, written down a second time."""

# In the order of the digits that NAS-Bench-301 produces them.
OPERATIONS = (
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
OPERATIONS_AND_NONE = ("none", *OPERATIONS)
