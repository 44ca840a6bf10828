"""What SWAP-NAS (Peng et al. 2024, arXiv:2403.04161) says, and what our stores say to it."""
