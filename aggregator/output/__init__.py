"""Store to ``feeds/``: plan, render, write."""
