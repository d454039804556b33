"""The filters of lists: by agency and category, each with an address of its own."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Agency
from aggregator.normalise.text import clean
from aggregator.output.pages import page, picks, templating
from aggregator.output.pages.page_data import ListedEntry, SiteInfo
from tests.support.attacks import ATTACKS

SITE = SiteInfo(
    title="T", base_url="https://a.example/", feeds=(), categories=("speech", "Visits & <b>")
)


def listed(agency: str, *categories: int, name: str | None = None) -> ListedEntry:
    return ListedEntry(
        page="entries/1.html",
        upstream=None,
        title="T",
        language=None,
        published=datetime(2024, 1, 5, tzinfo=UTC),
        agency=Agency(id=agency, name=name or agency.upper()),
        categories=categories,
    )


def index(entries: list[ListedEntry]) -> "etree._Element":
    return etree.fromstring(page.index(SITE, entries, [], 0))


def rows(tree: "etree._Element") -> list[set[str]]:
    """Return the classes of each entry."""
    found = tree.xpath("//*[contains(@class, 'news')]/*")
    return [set((each.get("class") or "").split()) for each in found]


def test_each_filter_shows_what_it_counts() -> None:
    """Its link is its own target, and its class is that of as many entries."""
    tree = index([listed("nato", 1), listed("nato", 1, 2), listed("europol"), listed("jcs", 2)])
    found = tree.xpath("//*[contains(concat(' ', @class, ' '), ' pick ')]")
    assert [(a.get("id"), "".join(a.itertext()).split()[:2]) for a in found] == [
        ("everything", ["All", "4"]),
        ("agency-nato", ["NATO", "2"]),
        ("agency-europol", ["EUROPOL", "1"]),
        ("agency-jcs", ["JCS", "1"]),
        ("category-speech", ["speech", "2"]),
        ("category-visits-b", ["Visits", "&"]),
    ]
    for link in found:
        assert link.get("href") == f"#{link.get('id')}"
        if link.get("id") != "everything":
            (mark,) = set(link.get("class").split()) - {"pick"}
            number = int(link.findtext("{*}span"))
            assert sum(mark in classes for classes in rows(tree)) == number
            rule = f".filtered:has(.pick.{mark}:target) :is(.entries > li:not(.{mark})"
            assert rule in templating.style(len(SITE.categories)).decode()


def test_only_the_busiest_agencies_are_filters() -> None:
    """The others are found among all agencies; rules are as many, however many agencies."""
    entries = [listed(f"a{n}") for n in range(40) for _ in range(1 + (n == 33))]
    found = picks.picks_of(SITE, entries)
    assert len(found.agencies) == picks.MOST_AGENCIES
    assert found.agencies[0].id == "agency-a33"
    tree = index(entries)
    others = [a.get("href") for a in tree.iter("{*}a") if a.text == "others"]
    assert others == ["index.html#agencies"]
    assert sum(bool(classes) for classes in rows(tree)) == picks.MOST_AGENCIES + 1
    assert templating.style(2).count(b":target) :is(") == picks.MOST_AGENCIES + 2


def test_a_list_of_one_agency_without_categories_has_no_filter() -> None:
    assert not picks.picks_of(SITE, [listed("nato"), listed("nato")])
    assert not index([listed("nato")]).xpath("//*[@class='picks']")
    assert not picks.picks_of(SITE, [listed("nato", 1), listed("jcs")], by_agency=False).agencies


@given(st.lists(st.tuples(st.sampled_from([*ATTACKS, "NATO", "שלום", "A" * 10_000])), max_size=5))
def test_names_of_agencies_are_safe_in_filters(names: list[tuple[str]]) -> None:
    """A page with them is well-formed, and each id is there once."""
    entries = [listed(f"a{n}", name=clean(name)) for n, (name,) in enumerate(names)]
    ids = [each.get("id") for each in index(entries).iter() if each.get("id")]
    assert len(ids) == len(set(ids))
