"""What the package itself uses; nothing here is public."""
