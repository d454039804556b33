"""Make a table rectangular (HTML, section 4.9.12).

Takes the element of a table; changes it so that all rows have the same width, no cell overlaps
another or leaves its row group, a cell starts in each column, and head, body, foot and caption are
in valid places.  Added cells are empty and span columns, so that a table grows only with its rows.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_SPANNING = 100
"""Cells from above that extend into one row; further ones are limited to their own row."""

_WIDEST = 1000  # columns that a cell may span (HTML, section 4.9.11)
_NEVER = 1 << 30


@dataclass(slots=True)
class _Row:
    """A row: its cells with their columns (the last excluded) and rows, and the columns of cells
    from above, in order.
    """

    element: Any
    cells: list[tuple[Any, int, int, int]] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The column after the last one."""
        ends = [end for _, _, end, _ in self.cells[-1:]] + [end for _, end in self.taken[-1:]]
        return max(ends, default=0)


def correct_table(table: Any) -> None:
    """Change ``table`` to a valid one."""
    for child in list(table):
        if child.tag == "caption" and child is not table[0]:
            _make_row(child)
    groups = [child for child in table if child.tag != "caption"]
    for group in groups:
        is_head = group.tag == "thead" and group is groups[0]
        is_foot = group.tag == "tfoot" and group is groups[-1]
        if not (is_head or is_foot):
            group.tag = "tbody"
    rows = [row for group in groups for row in _rows(group)]
    width = max((row.end for row in rows), default=0)
    starts = {first for row in rows for _, first, _, _ in row.cells}
    gaps = [list(_gaps(row, width)) for row in rows]
    columns = sorted(starts)
    for row, free in zip(rows, gaps, strict=True):
        for cell, first, end, down in row.cells:
            _span(cell, _width(columns, first, end), down)
        for first, end in free:
            if across := _width(columns, first, end):
                added = row.element.makeelement("td")
                added.tail = "\n"
                row.element.append(added)
                _span(added, across, 1)


def _make_row(caption: Any) -> None:
    """Make a caption that is not the first element a row of one cell."""
    cell = caption.makeelement("td")
    cell.text, cell[:], cell.tail = caption.text, list(caption), "\n"
    row = caption.makeelement("tr")
    row.text = row.tail = "\n"
    row.append(cell)
    caption.tag, caption.text, caption[:] = "tbody", "\n", [row]


def _rows(group: Any) -> list[_Row]:
    """Return the rows of a group, with each cell in the first free columns of its row."""
    found: list[_Row] = []
    from_above: list[tuple[int, int, int]] = []  # first column, column after the last, last row
    for number, element in enumerate(group):
        from_above = sorted(cell for cell in from_above if cell[2] >= number)
        row = _Row(element, taken=[(first, end) for first, end, _ in from_above])
        at = following = 0
        for cell in element:
            while following < len(row.taken) and row.taken[following][0] <= at:
                at = max(at, row.taken[following][1])
                following += 1
            limit = row.taken[following][0] if following < len(row.taken) else _NEVER
            first, at = at, min(at + _number(cell.get("colspan")), limit)
            room = len(group) - number if len(from_above) < MOST_SPANNING else 1
            down = min(_number(cell.get("rowspan")), room)
            row.cells.append((cell, first, at, down))
            if down > 1:
                from_above.append((first, at, number + down - 1))
        found.append(row)
    return found


def _number(written: str | None) -> int:
    return max(1, int(written)) if written and written.isdecimal() and len(written) < 4 else 1


def _gaps(row: _Row, width: int) -> Iterator[tuple[int, int]]:
    """Yield the free columns of a row, as ranges."""
    at = row.cells[-1][2] if row.cells else 0
    for first, end in [*row.taken, (width, width)]:
        while at < first:
            yield at, min(first, at + _WIDEST)
            at = min(first, at + _WIDEST)
        at = max(at, end)


def _width(columns: list[int], first: int, end: int) -> int:
    """Return the number of columns in a range in which any cell starts."""
    return bisect_left(columns, end) - bisect_left(columns, first)


def _span(cell: Any, across: int, down: int) -> None:
    cell.attrib.clear()
    if across > 1:
        cell.set("colspan", str(across))
    if down > 1:
        cell.set("rowspan", str(down))
