"""Feeds to bytes: one module a format, all of them pure."""
