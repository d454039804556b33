"""Bytes to items: a module for each format.

A parser is a function ``parse(document, ...) -> Parsed``.  It raises ``ParseError`` for a document
that it cannot read at all, and returns a ``Problem`` for each part that it cannot read.  It does
not know where the bytes come from.
"""
