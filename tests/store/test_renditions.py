"""Elements are kept as what they have besides the texts of their entries, and come back whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.store import Store, open_empty, renditions
from aggregator.store.agencies import remember_agencies
from tests.support.project import NATO

_TIME = "2024-01-02T12:00:00Z"
_HTML = "<p>The harbour of &quot;Łódź&quot; was closed – until morning.</p>\n" * 20
_HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(["\0", "\0\1", "]]>", '\\"', _HTML, _HTML * 30, "é" * 40_000]),
)


def have(store: Store, title: str, summary: str, text: str) -> None:
    """Have one entry, with these texts."""
    remember_agencies(store, [NATO])
    store.execute(
        "INSERT OR REPLACE INTO entries (key, id, agency, published, updated, truncated,"
        " fingerprint, sketch_base, title, summary, text, content_html)"
        " VALUES (1, 'urn:x:1', 'nato', ?, ?, 0, '', 0, ?, ?, ?, '')",
        (_TIME, _TIME, title, summary, text),
    )


def kept(store: Store) -> bytes | None:
    """Return the element of the entry, as a feed gets it."""
    return renditions.load(store, "atom", "1", [1])[0].body


@settings(max_examples=60)
@given(_HOSTILE, _HOSTILE, _HOSTILE, st.binary(max_size=60))
def test_kept_element_comes_back_byte_by_byte(
    title: str, summary: str, text: str, more: bytes
) -> None:
    """Whatever the texts are, and whatever of them the element contains."""
    whole = more.join(each.encode() for each in (title, text, summary, title))
    for element in (whole, more, b"<entry>" + whole):
        with open_empty() as store:
            have(store, title, summary, text)
            renditions.save(store, "atom", "1", [(1, element)])
            assert kept(store) == element


def test_element_is_kept_without_the_texts_of_its_entry(store: Store) -> None:
    """A long text costs a few bytes for each of its paragraphs."""
    have(store, "Harbour closed", _HTML, "")
    renditions.save(store, "atom", "1", [(1, b"<entry>" + _HTML.encode() + b"</entry>")])
    ((size,),) = store.rows("SELECT length(body) FROM renditions")
    assert size < len(_HTML) / 10


def test_element_of_other_texts_is_not_used(store: Store) -> None:
    """One that was kept before a text changed is unreadable, and so is a damaged one."""
    have(store, "Harbour closed", _HTML, "")
    renditions.save(store, "atom", "1", [(1, b"<entry>" + _HTML.encode() + b"</entry>")])
    store.execute("UPDATE entries SET summary = replace(summary, 'closed', 'opened')")
    assert kept(store) == b""
    renditions.save(store, "atom", "1", [(1, b"<entry/>")])
    assert kept(store) == b"<entry/>"
    store.execute("UPDATE renditions SET body = substr(body, 1, length(body) - 2)")
    assert kept(store) == b""
    assert renditions.load(store, "atom", "2", [1])[0].body is None
