"""From annotated passes and proxies to scores: declare, plan, execute."""
