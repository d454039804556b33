"""What a language's table holds: the words and forms by which dates are found and understood.

A table is data alone.  ``phrases`` and ``evidence`` combine the tables of all languages, since a
text may mix them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["day", "week", "weekend", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """One language, all in lower case.

    Lists are strings of words between spaces; accents may be missing in the text.  ``months`` and
    ``weekdays`` (from Monday) have one string for each: the name, its other forms, and after a bar
    its abbreviations.  Fields from ``known_by`` on are regular expressions unless noted, without
    groups that capture, and are matched in any case.  What a language lacks is left out.
    """

    #: The language tag of BCP 47.
    tag: str
    #: An abbreviated weekday counts only beside a date.
    months: tuple[str, ...]
    weekdays: tuple[str, ...]

    # ------------------------------------------------------------------ the words of date phrases

    #: Whether months and weekdays are written with a capital.
    capitals: bool = False
    #: Whether the month may come before the day ("November 27").
    month_first: bool = False
    #: Names that are other words too ("may", "march"). As a name it needs its usual case or a
    #: year beside it; as an abbreviation always a year; as a relative word lower case.
    ambiguous: str = ""
    #: Between days: lists, then ranges.
    lists: str = ""
    ranges: str = ""
    #: Before a range: "from" when a range word answers, "between" when a list word does.
    from_words: str = ""
    between_words: str = ""
    #: Between day and month or month and year, and before a day.
    of_words: str = ""
    articles: str = ""
    #: What may be glued to a day's number.
    ordinals: str = ""
    #: Between a year and the month that follows it ("2024. március 8."), and what may be glued to
    #: a year or follow it: regular expressions.
    year_before: str = ""
    year_after: str = ""
    #: Before a month that has no day or year, to make it a time; the second for names that are
    #: not ambiguous only ("of May").
    leads: str = ""
    weak_leads: str = ""
    #: Words before or after a unit, weekday or month that move it: "last" -1, "this" 0, "next" 1.
    before: Mapping[str, int] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    #: Days counted from today. None: these words are not a date ("black friday").
    days: Mapping[str, int | None] = field(default_factory=dict)
    #: Those that are something else in another language, and count in a text of this one only.
    own_days: Mapping[str, int] = field(default_factory=dict)

    # ------------------------------------------------------------------- the tense of a sentence

    #: Common words by which the language of a text is known, as a list.
    known_by: str = ""
    #: Letters that few other languages have, by which it is known as well.
    letters: str = ""
    past: str = r"(?!)"
    present: str = r"(?!)"
    future: str = r"(?!)"
    #: Words that begin a cue and are not one alone ("has", of "has visited"), as a list.
    openers: str = ""
    #: What makes a sentence a title about the future when nothing in it has a tense ("to visit").
    infinitive: str = r"(?!)"

    # ------------------------------------------------- what a date is there for: labels and notices

    #: Words that make a release a notice in advance, as plain texts.
    advisories: tuple[str, ...] = ()
    #: "issued", "published": the text itself came out on the day that follows.
    issued: str = ""
    #: Labels before the date of the text itself, before an event's date, and of the lines below.
    date_labels: str = ""
    event_labels: str = ""
    schedule_labels: str = ""
    #: Labels before the date of a later change ("updated").
    revised: str = ""
    #: Before a day from which something goes on or by which it is named ("since", "treaty of").
    history: str = ""
    #: Words before or after the name of a street that is a date ("rue du"), and laws and the like
    #: with the word before their date ("loi du").
    streets: str = ""
    streets_after: str = ""
    acts: str = ""
    #: Words that set a day, with the word before it ("scheduled .. for"): regular expressions.
    planned: str = r"(?!)"
    #: Words directly before a day that set it, whatever the verb is ("für den", "begins on").
    sets: str = ""
    #: What begins a clause on somebody or something else than the news ("who", "a letter sent").
    asides: str = r"(?!)"
    #: Before a day by which something is due, and before the last day of something.
    deadlines: str = ""
    until: str = ""
    #: Abbreviations after which a full stop does not end a sentence.
    abbreviations: str = ""


def with_forms(names: tuple[str, ...], more: str) -> tuple[str, ...]:
    """Return names with the forms of ``more``, which has those of each name between slashes."""
    split = [name.partition("|") for name in names]
    return tuple(
        " ".join((*dict.fromkeys(f"{full} {forms}".split()), f"{bar}{short}")).strip()
        for (full, bar, short), forms in zip(split, more.split("/"), strict=True)
    )


def with_parts_of_day(weekdays: tuple[str, ...], parts: str) -> tuple[str, ...]:
    """Return weekdays with the words that each makes with parts of the day: "Montagabend"."""
    return with_forms(
        weekdays,
        "/".join(
            " ".join(f"{name}{part}" for name in full_names(day) for part in parts.split())
            for day in weekdays
        ),
    )


def full_names(name: str) -> list[str]:
    """Return the forms of a month or weekday without its abbreviations."""
    return name.partition("|")[0].split()


def all_names(name: str) -> list[str]:
    """Return the forms of a month or weekday, then its abbreviations."""
    return name.replace("|", " ").split()
