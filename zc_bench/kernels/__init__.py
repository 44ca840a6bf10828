"""Kernels: the numeric loops that take most of the time."""
