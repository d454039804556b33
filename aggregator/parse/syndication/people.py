"""Read the names of people in an RSS ``author``, which may be mailboxes (RFC 822, section 6.1).

Takes the text of the element; returns their names, or an e-mail address where there is no name.
"""

import re

_LONGEST = 1_000
_EMAIL = re.compile(r"(?:mailto:)?[\w.+'-]+@(?:[\w-]+\.)+[\w-]*\w(?:\?subject=\S*)?", re.IGNORECASE)
_EMPTY = re.compile(r"<\s*>|\(\s*\)|\[\s*\]|&lt;\s*&gt;")
_SEPARATOR = re.compile(r"\s*[,;]\s*")
_PAIRS = {"(": ")", '"': '"', "<": ">"}


def people(text: str) -> list[str]:
    """Return the names in ``text``."""
    if "@" not in text or len(text) > _LONGEST:
        return [text]
    if text.count("@") > 1:
        parts = _SEPARATOR.split(text)
        if all(_EMAIL.search(part) for part in parts):
            return [_name(part) for part in parts]
    return [_name(text)]


def _name(text: str) -> str:
    found = _EMAIL.search(text)
    if found is None:
        return text
    name = _EMPTY.sub("", text[: found.start()] + text[found.end() :]).strip()
    while len(name) > 1 and _PAIRS.get(name[0]) == name[-1]:
        name = name[1:-1].strip()
    return name or found[0].removeprefix("mailto:").partition("?")[0]
