"""Kernels: small numeric loops that decide how fast the harness is."""
