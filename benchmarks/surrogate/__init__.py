"""A regression model of ours on the table of NAS-Bench-301, for architectures that the table does not hold."""
