"""Sources to store: fetch, read, look up, decide, apply, derive."""
