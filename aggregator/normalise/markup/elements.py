"""The HTML elements that are kept, and which may contain which.

*Leaves* (p, h2, pre) contain text.  *Frames* (ul, table, tr) contain only frames and items.
*Items* (li, td) contain text directly, with line breaks between paragraphs.  A blockquote contains
leaves, as the whole body does.
"""

INLINE = frozenset(
    "a abbr b cite code del dfn em i ins kbd mark q s samp small strong sub sup u var".split()
)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 pre".split())
LEAVES = HEADINGS | {"p", "caption", "dt", "figcaption"}
ITEMS = frozenset("dd figure li td th".split())
LISTS = frozenset({"ol", "ul"})
ROW_GROUPS = frozenset({"tbody", "tfoot", "thead"})
TABLE = frozenset({"table"})
CELLS = frozenset({"td", "th"})
FRAMES = frozenset({"dl", "ol", "table", "tr", "ul"}) | ROW_GROUPS
BLOCKS = ITEMS | FRAMES | {"blockquote"}
TABLE_PARTS = ROW_GROUPS | CELLS | {"table", "tr", "caption"}
ALLOWED = INLINE | LEAVES | BLOCKS | {"br", "hr", "img"}

BOUNDARIES = frozenset(
    "address article aside body button center details dialog dir div fieldset footer form"
    " header hgroup html legend main menu nav section summary".split()
)
"""Elements that are not kept, but separate their content from what is around them."""

DROPPED = frozenset(
    "annotation annotation-xml applet canvas datalist noembed noframes noscript script select style"
    " svg template textarea title xmp".split()
)
"""Elements that are removed with their content."""

RAW_TEXT = frozenset("noembed noframes noscript script style textarea title xmp".split())
"""Those of them that extend to the end of the document where they have no end tag."""

PARENTS = {
    "li": LISTS,
    "dd": {"dl"},
    "dt": {"dl"},
    "figcaption": {"figure"},
    "caption": TABLE,
    **dict.fromkeys(ROW_GROUPS, TABLE),
    "tr": ROW_GROUPS,
    **dict.fromkeys(CELLS, frozenset({"tr"})),
}
"""The only parents that an element may have."""

MISSING_CHILD = {
    **{"ul": "li", "ol": "li", "dl": "dd", "table": "tbody", "tr": "td"},
    **dict.fromkeys(ROW_GROUPS, "tr"),
}
"""The element that is added to a frame for content that the frame may not contain itself."""

ENDED_BY = {
    "li": {"li"},
    "dd": {"dd"},
    "dt": {"dd"},
    **dict.fromkeys(CELLS, CELLS),
    "tr": CELLS | {"tr"},
    **dict.fromkeys(ROW_GROUPS | {"caption"}, CELLS | {"tr"} | ROW_GROUPS),
}
"""Open elements that end where this one starts, with or without an end tag (HTML, 13.1.2.4)."""
