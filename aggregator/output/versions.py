"""The versions of what is written, by which a run finds out that all of it is to be written again.

Here, and not beside what makes the bytes, since a run that writes nothing does not load that.
"""

FORMATS = {"atom": "8", "rss": "6", "json": "7"}
"""Of each format, in the order in which a feed is written; the name is also the extension of its
files.  Increased whenever the same entry would result in other bytes: kept elements are then built
again."""

EDITS = "4"
"""Of the entries of the feed of edits."""

PAGES = "17"
"""Increased whenever the page of an unchanged entry changes."""
