"""The claims of SWAP-NAS (Peng et al. 2024, arXiv:2403.04161), tested on stores of scores."""
