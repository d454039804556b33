"""Decide whether a text is new or belongs to an entry: the same, cut short, edited, carried.

``sketch`` returns the numbers by which candidates are looked up, ``compare`` compares two texts,
``decide`` chooses among candidates, and ``document`` decides on all items of a document.  All of
it is pure: texts in, decisions out.
"""
