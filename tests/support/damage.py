"""Damaged documents for fuzzing: samples that Hypothesis cuts, repeats, mixes and sprinkles.

``damaged`` is a strategy for bytes.  It starts from a good sample, since bytes without any form
are rejected in the first line of a parser, and the faults are in what follows.
"""

from collections.abc import Sequence

from hypothesis import strategies as st

MARKS = (
    "\u00a0", "\u200b", "\u202e", "\ufeff", "\u0301" * 40, "\ud7ff", "\U0010ffff", "\x00", "\x0b",
    "\x85", "\u2028", "\ufffe", "\r", "\r\n", "\n\n\n", "\t", " " * 40, "…", "’", "ﬁ", "İ", "ß",
    "ǅ", "你好", "مرحبا", "9" * 5000, "-1", "1e999", "0x41", "NaN", "null", "\\", "'", '"', "%00",
    "%zz", "../", "/", "//", "?", "#", "&", "&amp;", "&#0;", "&#xD800;", "&nbsp", "&lt;b>", "<",
    ">", "</", "<!--", "-->", "<![CDATA[", "]]>", "<?x ?>", "<b", "<p>", "<script>",
    "<a href='javascript:x'>", "http://[", "http://[::1", "https://e.example:99999/", "https://user:secret@e.example/",
    "urn:uuid:1", "tag:", "data:,x", "mailto:a@b.example", "31 February 2024", "0000-00-00",
    "9999-12-31T23:59:60+23:59", "Thu, 32 Foo 2024 25:61:61 +9999", "2024-W53-7", "tomorrow",
)  # fmt: skip
"""What parsers of any format have been known to trip over."""


@st.composite
def damaged(
    draw: st.DrawFn, samples: Sequence[bytes], marks: Sequence[str] = (), *, most: int = 6
) -> bytes:
    """Return a sample after up to ``most`` changes; ``marks`` are tokens of the format itself."""
    body = draw(st.sampled_from(samples))
    tokens = st.sampled_from((*MARKS, *marks)).map(_bytes) | st.binary(max_size=8)
    for change in draw(st.lists(st.sampled_from(_CHANGES), max_size=most)):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 300)))
        before, within, behind = body[:start], body[start:end], body[end:]
        if change == "drop":
            within = b""
        elif change == "repeat":
            within *= draw(st.integers(2, 20))
        elif change == "insert":
            within = draw(tokens) + within
        elif change == "replace":
            within = draw(tokens)
        elif change == "move":
            within, behind = behind[: len(within)], within + behind[len(within) :]
        elif change == "cut":
            behind = b""
        else:
            other = draw(st.sampled_from(samples))
            behind = other[draw(st.integers(0, len(other))) :]
        body = before + within + behind
    return body


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_CHANGES = ("drop", "repeat", "insert", "replace", "move", "cut", "splice")
