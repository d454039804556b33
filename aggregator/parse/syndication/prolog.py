"""Replace what precedes the root element of a feed by a harmless prolog.

Takes the text of a document; returns it with a plain XML declaration, without comments and
processing instructions before the root, and with a document type that is written here.  That
declares only entities whose value is a few plain characters: nested entities can crash the process
that expands them, and external ones read files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'

_SKIPPED = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(
    r"<!DOCTYPE\b(?:[^\[<>\"']|\"[^\"]*\"|'[^']*')*+(\[|>)", re.DOTALL | re.IGNORECASE
)
_DECLARED = re.compile(
    r"\s+|<!--.*?-->|<\?.*?\?>|%[\w.:-]+;|<!(\w+)((?:[^\"'<>]|\"[^\"]*\"|'[^']*')*+)>", re.DOTALL
)
_SUBSET_END = re.compile(r"\s*\]\s*>")
_ENTITY = re.compile(r"\s+([A-Za-z_]\w*)\s+(?:\"([^\"]*)\"|'([^']*)')\s*", re.ASCII)
_PLAIN_VALUE = re.compile(r"&#\w{1,8};|[^&%<\"]*")
_ELEMENT = re.compile(r"<\w", re.ASCII)
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_MAX_ENTITIES = 64
_MAX_VALUE = 64


@dataclass(frozen=True, slots=True)
class Prolog:
    """A document split at its root: the entities that are kept, by name, and the ``rest`` from the
    root on, which junk may precede.  ``lines`` counts the line ends before it.
    """

    entities: dict[str, str]
    rest: str
    lines: int

    def whole(self) -> str:
        """Return the document with a harmless prolog."""
        return f"{DECLARATION}{self._doctype()}\n{self.rest}"

    def _doctype(self) -> str:
        if not self.entities:
            return ""
        lines = "\n".join(f'<!ENTITY {name} "{value}">' for name, value in self.entities.items())
        # feedparser finds declarations by their lines.
        return f"\n<!DOCTYPE feed [\n{lines}\n]>"


def split_prolog(text: str) -> Prolog:
    """Return ``text`` split at its root element."""
    entities: dict[str, str] = {}
    at = 0
    while True:
        if found := _SKIPPED.match(text, at):
            at = found.end()
        elif found := _DOCTYPE.match(text, at):
            at = found.end()
            if found[1] == "[":
                at = _read_subset(text, at, entities)
        else:
            break
    return Prolog(entities, _without_declarations(text[at:]), text.count("\n", 0, at))


def _read_subset(text: str, at: int, entities: dict[str, str]) -> int:
    """Read the declarations from ``at`` on into ``entities``; return where they end.

    Anything else ends them, and the root is searched for.
    """
    while not (end := _SUBSET_END.match(text, at)):
        found = _DECLARED.match(text, at)
        if found is None or found.end() == at:
            root = _ROOT.search(text, at)
            return root.start() if root else len(text)
        at = found.end()
        if found[1] == "ENTITY" and len(entities) < _MAX_ENTITIES:
            entities.update(_plain_entity(found[2]))
    return end.end()


def _plain_entity(declaration: str) -> Iterator[tuple[str, str]]:
    found = _ENTITY.fullmatch(declaration)
    if found is None:
        return
    value = found[2] if found[2] is not None else found[3]
    if len(value) <= _MAX_VALUE and _PLAIN_VALUE.fullmatch(value):
        yield found[1], value


def _without_declarations(rest: str) -> str:
    """Return ``rest`` without declarations in the junk before its root.

    feedparser cuts them out, and the remaining text could form a new one.
    """
    root = _ELEMENT.search(rest)
    end = root.start() if root else len(rest)
    return rest[:end].replace("<!", "") + rest[end:]
