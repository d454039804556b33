"""Fetches the documents of sources, over HTTP or from files, without knowing their formats."""
