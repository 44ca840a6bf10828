"""Other harnesses: scoring their networks here, and using our proxies there."""
