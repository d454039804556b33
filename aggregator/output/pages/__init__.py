"""The pages below ``feeds/``, and those that only the daemon serves."""
