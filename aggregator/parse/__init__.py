"""Bytes to items: one module a format.

A parser is a function ``parse(document, ...) -> Parsed``.  It raises ``ParseError`` where the
document as a whole makes no sense, reports what it could not read of the rest as ``Problem``, and
knows nothing of where bytes come from.
"""
