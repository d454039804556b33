"""Decisions about the items of a document, from a lookup alone, without a store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dedupe.added import Added
from aggregator.dedupe.document import decide_document, listed_apart
from aggregator.dedupe.items import Lookup, NewSighting, Prepared, SeenText, StoredText
from aggregator.ingest.prepare import prepare
from aggregator.model import Agency, Document, Entry, Item, Link, Upstream
from tests.support.project import MODIFIED

NATO = Agency(id="nato", name="NATO")
EUROPOL = Agency(id="europol", name="Europol")
TITLE = "Allies agree budgets for the coming year"
BODY = (
    "Allies agreed the civil and military budgets at a meeting of the Council in Brussels on "
    "Wednesday. The civil budget is set at 438.1 million euros, and the military budget at 2.03 "
    "billion. Common funding allows Allies to address shared challenges, officials said, and the "
    "ceiling of the investment programme is 1.3 billion."
)
EDITED = BODY.replace("shared challenges", "common problems")
FLEET = (
    "All boats of the northern fleet are back in the harbour after a week of storms, the coast "
    "guard said. Two crews were brought ashore by helicopter, and nobody was hurt. Repairs to the "
    "pier will take until spring, and fishing goes on from the old port in the meantime."
)
PAGE = "https://example.org/budget"


FEED = Document(source="feed", name="feed.xml", body=b"", sha256="", modified=MODIFIED)


def item(
    body: str = BODY,
    *,
    title: str = TITLE,
    agency: Agency = NATO,
    key: str | None = None,
    page: str | None = None,
) -> Prepared:
    """An item as ``read`` prepares it; with a ``key`` it is one of a feed."""
    entry = Entry(
        agency=agency,
        title=title,
        text=body,
        content_html="",
        summary="",
        truncated=False,
        links=(Link(href=page),) if page else (),
    )
    upstream = Upstream(id=key) if key is not None else None
    found = Item(position=0, lines=(1, 1), title=title, agency="", body=body, upstream=upstream)
    return prepare(found, entry, feed=FEED if key is not None else None, key=key)


def held(entry: int, *items: Prepared) -> list[StoredText]:
    """The texts of an entry."""
    return [
        StoredText(entry=entry, fingerprint=p.fingerprint, truncated=False, text=p.text)
        for p in items
    ]


def lookup(
    items: Sequence[Prepared],
    texts: Mapping[int, Sequence[Prepared]] = {},
    **found: Any,
) -> Lookup:
    """A lookup of ``items`` with only these findings; new entries begin at row 100."""
    stored = {entry: held(entry, *of) for entry, of in texts.items()}
    similar = {p.item_key: list(texts) for p in items}
    return replace(Lookup(items=items, texts=stored, similar=similar, next_key=100), **found)


def decided(sightings: Sequence[NewSighting]) -> list[tuple[str, str, int]]:
    """How, by which rule and of which entry each item is."""
    return [(s.decision.how, s.decision.rule, s.entry) for s in sightings]


def test_nothing_known_makes_new_entries() -> None:
    """Items with nothing in common are new, under rows in their order."""
    found = decide_document(lookup([item(), item(FLEET, title="Fleet is back")]))
    assert decided(found) == [("new", "no-candidates", 100), ("new", "no-candidates", 101)]


def test_very_text_is_the_same_entry() -> None:
    """A text that an entry had needs no comparison, unless the two are kept apart."""
    p = item()
    known = lookup([p], {7: [p]}, by_text={p.text_key: [7]})
    assert decided(decide_document(known)) == [("same", "identical", 7)]
    apart = replace(known, kept_apart=frozenset([(p.fingerprint, 7)]), similar={p.item_key: []})
    assert decided(decide_document(apart)) == [("new", "no-candidates", 100)]


def test_similar_text_is_a_revision() -> None:
    """An edited text belongs to the entry it is similar to."""
    assert decided(decide_document(lookup([item(EDITED)], {7: [item()]}))) == [
        ("revision", "edited", 7)
    ]


def test_entry_in_the_document_is_no_candidate() -> None:
    """A document that lists two similar texts lists two releases."""
    p, other = item(), item(EDITED)
    found = decide_document(lookup([p, other], {7: [p]}, by_text={p.text_key: [7]}))
    assert [how for how, *_ in decided(found)] == ["same", "new"]


def test_best_claim_gets_the_entry() -> None:
    """Of two edited texts of one entry the nearer one is its revision."""
    near, far = item(EDITED), item(EDITED.replace("Wednesday", "Wednesday evening at last"))
    found = decide_document(lookup([far, near], {7: [item()]}))
    assert decided(found) == [("new", "outdone", 100), ("revision", "edited", 7)]


def test_copies_of_an_added_entry_join_it() -> None:
    """What another agency carries in the same document is one entry, an edited text is another."""
    found = decide_document(lookup([item(), item(agency=EUROPOL), item(EDITED)]))
    assert [(how, entry) for how, _, entry in decided(found)] == [
        ("new", 100),
        ("near-duplicate", 100),
        ("new", 101),
    ]


def test_items_with_ids_of_their_own_are_not_searched_for_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the very text, or an item without an id, can be a copy; else nothing is indexed."""
    similar: list[str | None] = []
    search = Added.similar

    def counted(added: Added, p: Prepared) -> list[tuple[int, Prepared]]:
        similar.append(p.key)
        return search(added, p)

    monkeypatch.setattr(Added, "similar", counted)
    feed = [item(key="1"), item(FLEET, key="2", title="Fleet is back"), item(EDITED, key="3")]
    assert [entry for *_, entry in decided(decide_document(lookup(feed)))] == [100, 101, 102]
    assert similar == []
    again = [*feed, item(key="4", page=PAGE), item(BODY[:-90] + "…")]
    decided(decide_document(lookup(again)))
    assert similar == ["4", None]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([BODY, EDITED, FLEET, BODY[:200] + "…", "Few words."]),
            st.sampled_from([None, "1", "2", "3"]),
            st.sampled_from([NATO, EUROPOL]),
        ),
        max_size=5,
    )
)
@settings(max_examples=30)
def test_items_are_decided_as_if_all_were_searched_for_copies(
    found: list[tuple[str, str | None, Agency]],
) -> None:
    items = [item(body, key=key, agency=agency) for body, key, agency in found]
    quick = decide_document(lookup(items))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Added, "excludes", lambda _added, _p: False)
        assert decide_document(lookup(items)) == quick


def test_text_with_a_site_name_has_the_fingerprint_of_the_entry() -> None:
    """A sighting names the entry's text that it is equal to, also one of the same document."""
    p, named = item(), item(title=f"NATO: {TITLE}")
    assert p.fingerprint != named.fingerprint
    (found,) = decide_document(lookup([named], {7: [p]}))
    assert (found.decision.how, found.entry, found.fingerprint) == ("same", 7, p.fingerprint)
    _, added = decide_document(lookup([p, named]))
    assert (added.decision.how, added.entry, added.fingerprint) == ("same", 100, p.fingerprint)


def test_feed_id_keeps_an_edited_release() -> None:
    """An id means the entry it meant before, while the text has something in common with it."""
    p = item(EDITED, key="tag:a")
    found = decide_document(lookup([p], {7: [item(key="tag:a")]}, by_id={"tag:a": 7}))
    assert decided(found) == [("revision", "edited", 7)]


def test_feed_id_for_another_release_is_new() -> None:
    """An id that the feed used for another release decides nothing."""
    p = item(FLEET, title="Fleet is back", key="tag:a")
    found = decide_document(lookup([p], {7: [item(key="tag:a")]}, by_id={"tag:a": 7}))
    assert decided(found) == [("new", "id-reused", 100)]


def test_few_words_listed_again_are_new() -> None:
    """A feed that repeats a few words under another id and page means the next of a series."""
    page, next_page = f"{PAGE}/1", f"{PAGE}/2"
    old = item("See the list.", title="Weekly advisory", key="tag:a", page=page)
    new = item("See the list.", title="Weekly advisory", key="tag:b", page=next_page)
    seen = SeenText(entry=7, days=frozenset(), pages=old.own_pages)
    known = lookup([new], {7: [old]}, by_text={new.text_key: [7]}, in_source={new.text_key: [seen]})
    assert decided(decide_document(known)) == [("new", "listed-twice", 100)]


def test_page_of_another_source_is_the_release() -> None:
    """Equal titles on one page are one release, unless the source has that entry itself."""
    p = item("In brief: budgets.", page=PAGE)
    page = next(iter(p.own_pages))
    known = lookup([p], {7: [item(page=PAGE)]}, similar={p.item_key: []}, by_page={page: [7]})
    assert decided(decide_document(known)) == [("revision", "same-page", 7)]
    own = replace(known, of_source=frozenset([7]))
    assert decided(decide_document(own)) == [("new", "no-candidates", 100)]


def test_merged_texts_listed_apart_are_found() -> None:
    """Two texts of one entry in one document were merged wrongly, if a rule did it."""
    p, other = item(), item(EDITED)
    known = lookup([p, other], {7: [p, other]}, by_text={p.text_key: [7], other.text_key: [7]})
    assert listed_apart(known) == []
    by_rule = replace(known, revisions={(7, other.fingerprint): 31})
    assert listed_apart(by_rule) == [(7, 31)]
