"""Hostile input without end: damaged documents of every kind, more of them by night."""
