"""Pages that are made from the code, so that they stay true."""
