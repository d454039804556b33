"""Which two texts are one release, and which one of many a text belongs to."""

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.compare import Text, Verdict, compare
from aggregator.dedupe.decide import Decision, decide
from tests.support.project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from pairs import make_pairs

PAIRS = make_pairs(seed=12, releases=80, per_kind=40)

STORY = Text(
    agency="NATO",
    title="NATO agrees 2024 budgets, demonstrating Allied solidarity",
    body=(
        "Allies agreed NATO’s civil and military budgets at a meeting of the North Atlantic "
        "Council on Wednesday (13 December 2023). The civil budget is set at €438.1 "
        "million, and the military budget at €2.03 billion, an increase of 18.2% and 12% "
        "over the year before.\n\n"
        "Deputy Secretary General Mircea Geoană said that common funding allows Allies to "
        "address shared challenges. “In turbulent times, we need this more than ever,” he "
        "said.\n\n"
        "The military budget covers the operating costs of headquarters, missions and "
        "operations around the world. The ceiling of the investment programme is €1.3 "
        "billion."
    ),
)
ADVISORY = Text(
    agency="NATO",
    title="Media advisory: visit to NATO headquarters",
    body=(
        "On Wednesday 8 November 2023, the Secretary General will meet with the President "
        "of Hungary, Mrs Katalin Novák, at NATO Headquarters.\n\n"
        "17:30 (CET) Press conference by the Secretary General and the President of Hungary\n\n"
        "Media representatives who have annual accreditation can cover the press conference "
        "in person. The press statements will be live-streamed on the website. A transcript "
        "of the remarks, as well as pictures, will be available on the website."
    ),
)


def edited(text: Text, **swaps: str) -> Text:
    """The text with words replaced in title and body; "_" in a word means a space."""
    for word, other in swaps.items():
        old = word.replace("_", " ")
        text = replace(
            text, title=text.title.replace(old, other), body=text.body.replace(old, other)
        )
    return text


def in_body(text: Text, old: str, new: str) -> Text:
    assert old in text.body
    return replace(text, body=text.body.replace(old, new))


def verdict(one: Text, other: Text) -> Verdict:
    found = compare(one, other)
    assert found == compare(other, one)
    return found


def test_equal_texts_are_the_same() -> None:
    assert verdict(STORY, STORY).kind == "same"


def test_quotes_spaces_case_and_site_name_change() -> None:
    other = replace(STORY, title="NATO: " + STORY.title.upper() + " | NATO")
    other = in_body(in_body(other, "“", '"'), "13 December", "13\u00a0December")
    assert verdict(STORY, other).kind == "same"


def test_a_list_is_marked_otherwise() -> None:
    other = replace(STORY, body="• " + STORY.body.replace("\n\n", "\n\n• "))
    assert verdict(STORY, other).kind == "same"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("5 degrees", "-5 degrees"),
        ("C, and", "C++, and"),
        ("Let us eat Grandma", "Let us eat, Grandma"),
    ],
)
def test_only_signs_change(before: str, after: str) -> None:
    """Signs between words can be the whole of an edit."""
    first = replace(STORY, body=f"{STORY.body}\n\nIt was {before} that day.")
    other = in_body(first, before, after)
    assert (verdict(first, other).kind, verdict(first, other).rule) == ("revision", "signs")


@pytest.mark.parametrize("mark", ["• ", "- ", "  * "])
def test_white_space_stands_elsewhere(mark: str) -> None:
    """Space before a comma, and marks of lists, are not an edit."""
    other = replace(STORY, body=mark + STORY.body.replace(", ", " , "))
    assert verdict(STORY, other).kind == "same"


def test_a_text_is_cut() -> None:
    assert verdict(STORY, replace(STORY, body=STORY.body[:350] + "…")).kind == "truncated"


def test_a_text_is_cut_in_mid_word_without_a_mark() -> None:
    assert verdict(STORY, replace(STORY, body=STORY.body[:350])).kind != "different"


def test_one_text_is_cut_twice() -> None:
    short, shorter = (replace(STORY, body=STORY.body[:at] + "…") for at in (350, 200))
    assert verdict(short, shorter).kind == "truncated"


def test_a_cut_text_has_another_title() -> None:
    cut = replace(STORY, title="Allies agree budgets", body=STORY.body[:350] + "…")
    assert verdict(STORY, cut).kind == "truncated"


def test_a_template_is_cut() -> None:
    other = edited(ADVISORY, Hungary="Finland", Mrs_Katalin_Novák="Mr Sauli Niinistö")
    assert verdict(ADVISORY, replace(other, body=other.body[:200] + "…")).kind == "different"


def test_a_figure_is_corrected() -> None:
    found = verdict(STORY, in_body(STORY, "438.1", "441.3"))
    assert (found.kind, found.rule) == ("revision", "figures")
    assert "438.1" in found.reason
    assert "441.3" in found.reason


def test_a_day_is_corrected_that_was_no_wednesday() -> None:
    assert verdict(STORY, in_body(STORY, "(13 December", "(14 December")).kind == "revision"


def test_the_day_is_a_week_later() -> None:
    other = in_body(STORY, "(13 December", "(20 December")
    assert verdict(STORY, other).rule == "dates-swapped"


def test_a_name_is_spelled_right() -> None:
    assert verdict(STORY, in_body(STORY, "Geoană", "Geoanna")).kind == "revision"


def test_a_name_is_another() -> None:
    other = in_body(STORY, "Mircea Geoană", "Rose Gottemoeller")
    assert verdict(STORY, other).rule == "names-swapped"


def test_a_paragraph_is_added() -> None:
    other = replace(STORY, body=STORY.body + "\n\nNATO was founded in 1949 by Belgium and others.")
    assert verdict(STORY, other).kind == "revision"


def test_paragraphs_change_places() -> None:
    parts = STORY.body.split("\n\n")
    other = replace(STORY, body="\n\n".join(parts[::-1]))
    assert verdict(STORY, other).rule == "reordered"


def test_the_title_changes() -> None:
    other = replace(STORY, title="Alliance puts more money into common funding")
    assert verdict(STORY, other).rule == "retitled"


def test_another_agency_carries_it() -> None:
    body = f"LYON, France – {STORY.body}\n\nDistributed by Europe Wire."
    other = replace(STORY, agency="Europe Wire", body=body)
    assert verdict(STORY, other).kind == "near-duplicate"


def test_two_guests_under_one_title() -> None:
    other = edited(ADVISORY, Hungary="Finland", Mrs_Katalin_Novák="Mr Sauli Niinistö")
    assert verdict(ADVISORY, other).kind == "different"


def test_two_days_under_one_title() -> None:
    other = in_body(ADVISORY, "Wednesday 8 November", "Thursday 16 November")
    assert verdict(ADVISORY, other).rule == "dates-swapped"


def test_two_countries_in_the_title() -> None:
    one = replace(ADVISORY, title="Secretary General meets with the President of Hungary")
    found = verdict(one, edited(one, Hungary="Finland"))
    assert found.rule == "title-name"
    assert "'Hungary'" in found.reason
    assert "'Finland'" in found.reason


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("Budgets explained, part 1", "Budgets explained, part 2", "title-number"),
        ("Budgets explained (Part I)", "Budgets explained (Part II)", "title-number"),
        ("Budgets explained", "Budgets explained, part two", "title-part"),
        ("Budgets in December", "Budgets in January", "title-date"),
        ("Council to agree NATO budgets", "Council concludes NATO budgets", "title-phase"),
        ("NATO to visit Paris", "NATO concludes visit to Paris", "title-phase"),
    ],
)
def test_titles_that_differ_outweigh_equal_texts(one: str, other: str, rule: str) -> None:
    found = verdict(replace(STORY, title=one), replace(STORY, title=other))
    assert (found.kind, found.rule) == ("different", rule)


def test_two_languages_are_two_releases() -> None:
    found = verdict(
        replace(STORY, language="en-GB"), replace(in_body(STORY, "he", "il"), language="fr")
    )
    assert found.rule == "language"


def test_most_figures_change_as_in_a_monthly_report() -> None:
    other = STORY
    for old, new in (("438.1", "371.5"), ("2.03", "1.96"), ("18.2", "27.8"), ("1.3 b", "1.1 b")):
        other = in_body(other, old, new)
    assert verdict(STORY, other).rule == "figures-swapped"


def test_short_text_is_used_again_on_another_day() -> None:
    one = replace(STORY, body="There is a briefing today at noon.", latest=date(2023, 12, 1))
    other = replace(one, earliest=date(2023, 12, 8), latest=date(2023, 12, 8))
    assert verdict(one, other).rule == "dates-apart"


EMPTY = Text(agency="NATO", title="Statement", body="")


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (EMPTY, EMPTY, "same"),
        (EMPTY, replace(EMPTY, title="Another"), "different"),
        (EMPTY, replace(EMPTY, agency="Europol"), "different"),
        (EMPTY, replace(STORY, title="Statement"), "different"),
        (replace(EMPTY, body="Yes"), replace(EMPTY, body="No"), "different"),
        (replace(EMPTY, body="!!!"), replace(EMPTY, body="???"), "different"),
        (replace(EMPTY, body="…"), replace(STORY, title="Statement"), "different"),
        (replace(EMPTY, title="", body=STORY.body), STORY, "revision"),
    ],
)
def test_little_to_go_by(one: Text, other: Text, kind: str) -> None:
    assert verdict(one, other).kind == kind


def test_one_title_on_every_item() -> None:
    texts = [replace(pair.one, agency="NATO", title="News") for pair in PAIRS if not pair.merge]
    stories = [text for pair, text in zip((p for p in PAIRS if not p.merge), texts, strict=True)
               if pair.kind == "two releases"]  # fmt: skip
    for at, text in enumerate(stories):
        others = [(n, other) for n, other in enumerate(stories) if other.body != text.body]
        assert decide(text, others).how == "new", at


@pytest.mark.parametrize("form", ["Notice {}", "Notice"])
def test_many_items_that_differ_in_one_number(form: str) -> None:
    items = [
        (n, replace(STORY, title=form.format(n), body=f"{STORY.body}\n\nThis is notice {n}."))
        for n in range(30)
    ]
    for n, item in items:
        assert decide(item, [other for other in items if other[0] != n]).how == "new"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("word " * 40_000, "word " * 39_900),
        ("a b " * 20_000, "b a " * 20_000),
        ("!" * 2_000_000, "?" * 2_000_000),
        ("x " + "." * 2_000_000, "y " + "." * 2_000_000),
        ("Aa\n\n" * 40_000, "Bb\n\n" * 40_000),
        ("1," * 400_000, "1," * 400_001),
        ("a" * 5_000_000, "a" * 4_999_999 + "b"),
    ],
)
def test_a_big_body_costs_what_it_weighs(one: str, other: str) -> None:
    """These take hours if any step is quadratic; the suite would not end."""
    assert verdict(replace(STORY, body=one), replace(STORY, body=other)).kind in (
        "different", "revision",
    )  # fmt: skip


def test_a_big_body_with_edits_everywhere() -> None:
    rng = random.Random(3)
    words = [f"w{rng.randrange(9_000)}" for _ in range(15_000)]
    other = [word if at % 50 else "edited" for at, word in enumerate(words)]
    one, two = (replace(STORY, body=" ".join(text)) for text in (words, other))
    assert verdict(one, two).kind == "revision"


def test_both_ways_alike() -> None:
    for pair in PAIRS[:: len(PAIRS) // 300]:
        assert (verdict(pair.one, pair.other).kind != "different") is pair.merge, pair


def test_the_order_of_candidates_does_not_matter() -> None:
    candidates = [
        ("cut", replace(STORY, body=STORY.body[:350] + "…")),
        ("edited", in_body(STORY, "challenges", "problems")),
        ("same", STORY),
        ("other", ADVISORY),
    ]
    for _ in range(8):
        random.Random(5).shuffle(candidates)
        decision = decide(STORY, candidates)
        assert (decision.how, decision.target) == ("same", "same")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STORY, "same"),
        (replace(STORY, body=STORY.body[:350] + "…"), "truncated"),
        (in_body(STORY, "challenges", "problems"), "revision"),
        (replace(STORY, agency="Europe Wire"), "near-duplicate"),
    ],
)
def test_each_decision_names_its_entry(text: Text, expected: str) -> None:
    decision = decide(text, [(7, ADVISORY), (9, STORY)])
    assert (decision.how, decision.target) == (expected, 9)


def test_no_candidates_makes_it_new() -> None:
    assert decide(STORY, []) == Decision(
        how="new", rule="no-candidates", score=0.0, reason="nothing known shares its words"
    )


def test_a_cut_text_that_begins_two_entries_is_neither() -> None:
    opening = STORY.body[:350]
    one, other = (replace(STORY, body=f"{opening} {rest}") for rest in (STORY.body, ADVISORY.body))
    decision = decide(replace(STORY, body=opening + "…"), [(1, one), (2, other)])
    assert decision.how == "new"
    assert decision.rule == "in-doubt"


def texts() -> st.SearchStrategy[Text]:
    words = st.text(max_size=80) | st.lists(
        st.sampled_from(["NATO", "the", "12", "May", "2023", "Part", "…", "\n\n", "€", "ß", "日本"])
    ).map(" ".join)
    days = st.none() | st.dates(date(2023, 1, 1), date(2023, 2, 1))
    return st.builds(
        Text, agency=st.sampled_from(["NATO", "Europol", ""]), title=words, body=words,
        truncated=st.booleans(), earliest=days, latest=days,
        language=st.sampled_from([None, "en", "de", "x-"]),
    )  # fmt: skip


@given(texts(), texts())
def test_any_two_texts_have_one_verdict(one: Text, other: Text) -> None:
    found = verdict(one, other)
    assert 0.0 <= found.score <= 1.0
    assert found.rule
    assert found.reason


@given(texts().filter(lambda text: text.latest is None))
def test_a_text_is_the_same_as_itself(text: Text) -> None:
    assert verdict(text, text).kind == "same"


def stories() -> Iterator[Text]:
    return (pair.one for pair in PAIRS if pair.merge)


@given(st.sampled_from(list(stories())), st.integers(60, 330))
def test_a_cut_text_is_cut_wherever(text: Text, at: int) -> None:
    assert verdict(text, replace(text, body=text.body[:at] + "…")).kind == "truncated"


@pytest.mark.parametrize(("day", "other"), [("5 1/2", "6 1/3"), ("5, 2.5.2024", "6, 3.5.2024")])
def test_fraction_beside_a_weekday_is_compared(day: str, other: str) -> None:
    """What may be a day and is not one number is not taken for a slip of one."""
    lots, more = (
        in_body(STORY, "Allies agreed", f"On Monday {lot} lots: Allies agreed")
        for lot in (day, other)
    )
    assert verdict(lots, more).rule == "dates-swapped"


def test_reason_is_of_limited_length() -> None:
    """A word of a text may have a million characters, and a reason quotes some."""
    one, other = (in_body(STORY, "438.1", figure * 20_000) for figure in "12")
    assert len(verdict(one, other).reason) < 500
