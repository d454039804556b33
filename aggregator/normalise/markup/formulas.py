"""Write formulas of MathML in one line of text: ``(a+b)/c``, ``x^2``, ``√(x+1)``.

Takes the tokens of HTML; yields them with each ``math`` element as its text.  An element that
MathML does not have ends the formula.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from aggregator.normalise.markup.tokens import Token

_LOOSE, _POWER, _TIGHT = range(3)
"""How closely a text holds together: a sum, a power, one sign or what is in brackets."""

_LEAVES = frozenset("mi mn mo ms mtext".split())
_GROUPS = frozenset(
    "math mrow mstyle mpadded mphantom menclose merror semantics mtable mtr mtd maction"
    " mover munder mmultiscripts".split()
)
_JOINED_BY = {"mtable": "; ", "mtr": ", ", "mfenced": ", "}
_NUMBERS = {"mfrac": 2, "msup": 2, "msub": 2, "mroot": 2, "msubsup": 3, "munderover": 3}
"""How many parts an element has that is more than these one after the other."""

_ROOTS = frozenset(("msqrt", "mroot"))
_EMPTY = frozenset(("mspace", "none", "mprescripts"))
_KNOWN = _LEAVES | _GROUPS | _NUMBERS.keys() | _JOINED_BY.keys() | _ROOTS | _EMPTY
_DEEPEST = 60
_INVISIBLE = dict.fromkeys(range(0x2061, 0x2065))


class _Part(NamedTuple):
    text: str
    bond: int


@dataclass(slots=True)
class _Element:
    name: str
    parts: list[_Part] = field(default_factory=list)


def with_formulas(tokens: Iterator[Token]) -> Iterator[Token]:
    """Yield ``tokens`` with the text of each formula."""
    stack: list[_Element] = []
    for name, rest in tokens:
        plain = name.removeprefix("/").rpartition(":")[2]
        if not stack:
            if name == "math":
                stack = [_Element("math")]
            else:
                yield name, rest
        elif not name:
            top = stack[-1]
            text = rest if top.name == "mtext" else " ".join(rest.split())
            if text.translate(_INVISIBLE).strip():
                top.parts.append(_Part(text.translate(_INVISIBLE), _bond(text)))
        elif plain not in _KNOWN:
            yield "", _end(stack)
            yield name, rest
        elif name == "/math":
            yield "", _end(stack)
        elif name.startswith("/"):
            _close(stack, plain)
        elif plain not in _EMPTY and len(stack) < _DEEPEST:
            stack.append(_Element(plain))
    if stack:
        yield "", _end(stack)


def _end(stack: list[_Element]) -> str:
    while len(stack) > 1:
        _close(stack, stack[-1].name)
    return _written(stack.pop()).text


def _close(stack: list[_Element], name: str) -> None:
    """Close the innermost element called ``name``, with those in it."""
    if all(element.name != name for element in stack[1:]):
        return
    while True:
        element = stack.pop()
        part = _written(element)
        if part.text or stack[-1].name in _NUMBERS:
            stack[-1].parts.append(part)
        if element.name == name:
            return


def _written(element: _Element) -> _Part:
    name, parts = element.name, element.parts
    if len(parts) == _NUMBERS.get(name):
        first, second = parts[:2]
        if name == "mfrac":
            return _Part(f"{_bound(first, _POWER)}/{_bound(second, _POWER)}", _LOOSE)
        if name == "msup":
            return _Part(f"{_bound(first)}^{_bound(second)}", _POWER)
        if name == "msub":
            return _Part(f"{_bound(first)}_{_bound(second)}", _TIGHT)
        if name in ("msubsup", "munderover"):
            return _Part(f"{_bound(first)}_{_bound(second)}^{_bound(parts[2])}", _POWER)
        if name == "mroot":
            return _Part(f"{_bound(first)}^(1/{_bound(second)})", _POWER)
    text = _JOINED_BY.get(name, "").join(part.text for part in parts)
    if name == "msqrt":
        whole = parts[0] if len(parts) == 1 else _Part(text, _LOOSE)
        return _Part(f"√{_bound(whole)}", _POWER)
    if name == "mfenced":
        return _Part(f"({text})", _TIGHT)
    if len(parts) == 1:
        return parts[0]
    return _Part(text, _bond(text) if _is_bracketed(text) else _LOOSE)


def _bond(text: str) -> int:
    """Return the bond of one sign, word or number."""
    return _TIGHT if _is_bracketed(text) or not set(text.strip()) & set(" -−+/") else _LOOSE


def _is_bracketed(text: str) -> bool:
    inner = text[1:-1]
    return text[:1] + text[-1:] == "()" and "(" not in inner and ")" not in inner


def _bound(part: _Part, least: int = _TIGHT) -> str:
    return part.text if part.bond >= least else f"({part.text})"
