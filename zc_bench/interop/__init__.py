"""Other harnesses: their networks scored here, our proxies used there. Nothing here is imported unless asked for."""
