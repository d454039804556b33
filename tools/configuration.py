"""Write the tables of ``docs/configuration.md`` from the declaration of the keys.

    python -m tools.configuration

Each table follows a comment ``<!-- keys of [fetch] -->``; the text around the tables is written by
hand.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from aggregator.config.keys import REQUIRED, Key, keys_of, tables_of
from aggregator.config.settings import Config

DOCUMENT = Path(__file__).parent.parent / "docs" / "configuration.md"

_TABLE = re.compile(r"(<!-- keys of (\S+) -->\n\n)((?:\|.*\n)*)")
_WHOLE_FILE = "config.toml"


def reference(document: str) -> str:
    """Return ``document`` with its tables as the keys are declared.

    Raises ``ValueError`` where it has no place for a table of the configuration.
    """
    shapes = {_WHOLE_FILE: Config} | tables_of(Config)
    places = [match[2] for match in _TABLE.finditer(document)]
    if sorted(places) != sorted(shapes):
        raise ValueError(f"the document has tables of {places}, not of {list(shapes)}")
    return _TABLE.sub(lambda match: match[1] + "".join(_rows(shapes[match[2]])), document)


def _rows(shape: type) -> Iterator[str]:
    yield "| key | default | meaning |\n| --- | --- | --- |\n"
    meanings = dict(_meanings(shape))
    for name, key in keys_of(shape).items():
        yield f"| `{name}` | {_default(key)}| {meanings[name]} |\n"


def _meanings(shape: type) -> Iterator[tuple[str, str]]:
    """Yield the fields of a class, each with the string below it."""
    (declared,) = ast.parse(inspect.getsource(shape)).body
    assert isinstance(declared, ast.ClassDef)
    for pair in pairwise(declared.body):
        match pair:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())


def _default(key: Key) -> str:
    if key.shown is not None:
        return f"{key.shown} " if key.shown else ""
    if key.default is REQUIRED or key.default is None:
        return ""
    return f"`{_toml(key.default)}` "


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    DOCUMENT.write_text(reference(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
