"""Checks of the store, the search index and the feeds against each other."""
