"""Make tables rectangular (HTML, section 4.9.12).

Records the tags of a table as they are written, piece by piece; when it ends, changes those pieces
so that all rows have the same width, no cell overlaps another or leaves its row group, a cell
starts in each column, and head, body, foot and caption are in valid places.  Added cells are empty
and span columns, so that the output grows only with the number of rows.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

MOST_SPANNING = 100
"""Cells from above that extend into one row; further ones are limited to their own row."""

_WIDEST = 1000  # columns that a cell may span (HTML, section 4.9.11)
_NEVER = 1 << 30


@dataclass(slots=True)
class _Cell:
    """A cell: its piece, the text before it there, and its columns, without the one at ``end``."""

    piece: int
    name: str
    before: str
    columns: int
    rows: int
    first: int = 0
    end: int = 0


@dataclass(slots=True)
class _Row:
    """A row: its cells, the piece that ends it, and the text there around added cells.

    ``taken`` are the columns of cells from above, in order.
    """

    cells: list[_Cell] = field(default_factory=list)
    piece: int = -1
    before: str = ""
    after: str = "</tr>"
    taken: list[tuple[int, int]] = field(default_factory=list)
    added: list[tuple[int, int]] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The column after the last one."""
        return max([0, *(c.end for c in self.cells[-1:]), *(end for _, end in self.taken[-1:])])


@dataclass(slots=True)
class _Group:
    name: str
    pieces: list[int]
    rows: list[_Row] = field(default_factory=list)


class Table:
    """An open table.  ``is_in_header``: a header cell of it is open."""

    def __init__(self) -> None:
        self.is_in_header = False
        self._groups: list[_Group] = []

    def start(self, name: str, piece: int, spans: dict[str, str]) -> None:
        """Record a start tag as the piece of this number."""
        if name == "caption" and self._groups:
            # Only the first element of a table may be its caption; a later one becomes a row.
            cell = _Cell(piece, "td", "<tbody>\n<tr>\n", 1, 1)
            row = _Row([cell], before="</td>\n", after="</tr>\n</tbody>")
            self._groups.append(_Group("caption", [], [row]))
        elif name == "caption":
            self._groups.append(_Group("caption", []))
        elif name in ("thead", "tbody", "tfoot"):
            self._groups.append(_Group(name, [piece]))
        elif name == "tr" and self._groups:
            self._groups[-1].rows.append(_Row())
        elif name in ("td", "th") and self._groups and self._groups[-1].rows:
            self.is_in_header = name == "th"
            cell = _Cell(piece, name, "", _number(spans, "colspan"), _number(spans, "rowspan"))
            self._groups[-1].rows[-1].cells.append(cell)

    def end(self, name: str, piece: int) -> None:
        """Record an end tag as the piece of this number."""
        if name in ("td", "th"):
            self.is_in_header = False
        elif not self._groups:
            return
        elif name in ("tr", "caption") and self._groups[-1].rows:
            self._groups[-1].rows[-1].piece = piece
        elif name in ("thead", "tbody", "tfoot"):
            self._groups[-1].pieces.append(piece)

    def correct(self, out: list[str]) -> None:
        """Change the pieces to a valid table."""
        groups = [group for group in self._groups if group.rows]
        _order(groups, out)
        for group in groups:
            _place(group)
        rows = [row for group in groups for row in group.rows if row.piece >= 0]
        width = max((row.end for row in rows), default=0)
        starts: set[int] = set()
        for row in rows:
            row.added = _gaps(row, width)
            starts.update(cell.first for cell in row.cells)
        _write(rows, sorted(starts), out)


def _number(spans: dict[str, str], name: str) -> int:
    written = spans.get(name, "1")
    return max(1, int(written)) if written.isdecimal() and len(written) < 4 else 1


def _order(groups: list[_Group], out: list[str]) -> None:
    """Make all row groups bodies, except a head in the first place and a foot in the last."""
    for number, group in enumerate(groups):
        is_head = group.name == "thead" and number == 0
        is_foot = group.name == "tfoot" and number == len(groups) - 1
        if group.name in ("thead", "tfoot") and not (is_head or is_foot):
            for piece, tag in zip(group.pieces, ("<tbody>", "</tbody>"), strict=False):
                out[piece] = tag


def _place(group: _Group) -> None:
    """Assign each cell of a group to the first free columns of its row."""
    open_cells: list[tuple[int, int, int]] = []  # first column, the one after the last, last row
    for number, row in enumerate(group.rows):
        open_cells = sorted(cell for cell in open_cells if cell[2] >= number)
        row.taken = [(first, end) for first, end, _ in open_cells]
        at = following = 0
        for cell in row.cells:
            while following < len(row.taken) and row.taken[following][0] <= at:
                at = max(at, row.taken[following][1])
                following += 1
            limit = row.taken[following][0] if following < len(row.taken) else _NEVER
            cell.first, cell.end = at, min(at + cell.columns, limit)
            at = cell.end
            room = len(group.rows) - number if len(open_cells) < MOST_SPANNING else 1
            cell.rows = min(cell.rows, room)
            if cell.rows > 1:
                open_cells.append((cell.first, cell.end, number + cell.rows - 1))


def _gaps(row: _Row, width: int) -> list[tuple[int, int]]:
    """Return the free columns of a row, as ranges."""
    at = row.cells[-1].end if row.cells else 0
    found: list[tuple[int, int]] = []
    for first, end in [*row.taken, (width, width)]:
        while at < first:
            found.append((at, min(first, at + _WIDEST)))
            at = found[-1][1]
        at = max(at, end)
    return found


def _write(rows: list[_Row], starts: list[int], out: list[str]) -> None:
    """Write all cells, with the added ones; columns in which no cell starts are removed."""

    def wide(first: int, end: int) -> int:
        return bisect_left(starts, end) - bisect_left(starts, first)

    def tag(name: str, columns: int, down: int) -> str:
        across = f' colspan="{columns}"' if columns > 1 else ""
        below = f' rowspan="{down}"' if down > 1 else ""
        return f"<{name}{across}{below}>"

    for row in rows:
        for cell in row.cells:
            out[cell.piece] = cell.before + tag(cell.name, wide(cell.first, cell.end), cell.rows)
        added = (wide(first, end) for first, end in row.added)
        filling = "".join(f"{tag('td', columns, 1)}</td>\n" for columns in added if columns)
        out[row.piece] = f"{row.before}{filling}{row.after}"
