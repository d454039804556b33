"""One made-up press release: its title and its body, of a given kind, agency, day and length.

Takes its randomness as an argument and holds no state between releases but compiled grammar, so the
same draws give the same text. The grammar has few fixed words between its slots: two releases
share their form, as real ones do, and hardly three words in a row.
Which releases exist, and in which digests, is `corpus`' business.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import TypeVar

from grammar import GRAMMAR, TITLES
from vocabulary import (
    ADJECTIVES,
    ADVERBS,
    FIRST_NAMES,
    GROUPS,
    MONTHS,
    NOUNS,
    PLACES,
    ROLES,
    SURNAME_ENDS,
    SURNAME_MIDDLES,
    SURNAME_STARTS,
    UNITS,
    VERBS,
    WEEKDAYS,
    Agency,
)

T = TypeVar("T")
NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a release is about. A visit that is announced and then reported shares one.

    `matter` is in the title, and no two subjects of a corpus have the same.
    """

    matter: str
    town: str
    country: str
    guest: str
    event: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What to write: `kind` is a key of `TITLES`, `length` in characters, `day` of publication."""

    kind: str
    agency: Agency
    subject: Subject
    day: date
    length: int


def matter(number: int) -> str:
    """The `number`th of some 90 million three-word matters; neighbours have nothing in common."""
    number = (number * 48_271_003 + 7_654_321) % (len(ADJECTIVES) * len(NOUNS) * len(NOUNS))
    number, adjective = divmod(number, len(ADJECTIVES))
    first, second = divmod(number, len(NOUNS))
    return f"{ADJECTIVES[adjective]} {NOUNS[first]} {plural(NOUNS[second])}"


CUT_LENGTHS = (355, 438)  # of the real ones: the shortest and the longest


class Writer:
    """Writes releases. Build once for a corpus: compiling the grammar takes milliseconds.

    >>> title, body = Writer(Random(1)).write(brief)
    """

    def __init__(self, random: Random) -> None:
        self._random = random.random
        self._brief: Brief
        self._topic: dict[str, tuple[str, ...]] = {}
        self._slots: dict[str, Callable[[], str]] = {**self._words(), **self._of_the_brief()}
        for name, productions in GRAMMAR.items():
            self._slots[name] = self._compile(productions)
        for name in ("things", "groups", "nouns", "noun", "adj", "adv", "short"):
            self._slots[name.capitalize()] = self._capitalised(name)
        for kind, productions in TITLES.items():
            self._slots[f"title {kind}"] = self._compile(productions)

    def write(self, brief: Brief) -> tuple[str, str]:
        """The title and the body, the body without a newline at its end."""
        self._brief = brief
        self._choose_topic()
        title = self._sentence(f"title {brief.kind}")
        body = self._cut_body() if brief.kind == "cut" else self._whole_body()
        return title, _AN.sub(r"\1n", body)

    def person(self) -> str:
        """A name with its style or office: mostly one of a few hundred, now and then a new one."""
        rare = self._random() < 0.3
        starts = self._one(SURNAME_STARTS if rare else SURNAME_STARTS[:12])
        middle = self._one(SURNAME_MIDDLES if rare else SURNAME_MIDDLES[:4])
        surname = starts + middle + self._one(SURNAME_ENDS if rare else SURNAME_ENDS[:12])
        style = self._one(ROLES) + " " if self._random() < 0.4 else self._one(_STYLES)
        return f"{style}{self._one(FIRST_NAMES)} {surname}"

    # Bodies.

    def _cut_body(self) -> str:
        """One paragraph without a date, broken off between two words."""
        length = self._between(*CUT_LENGTHS)
        text = self._sentence("lead cut")
        while len(text) < length + 40:
            text += f"{self._gap()}{self._sentence('sentence')}"
        return text[: text.rindex(" ", 0, length)].rstrip(" ,;–") + "…"

    def _whole_body(self) -> str:
        kind = self._brief.kind
        paragraphs = [self._sentence(f"lead {kind}")]
        length = len(paragraphs[0])
        closing = [self._contacts()] if self._random() < 0.3 or kind == "advisory" else []
        wanted = self._brief.length - sum(map(len, closing))
        if kind == "advisory":
            stock = self._random() < 0.4
            paragraphs.append(self._sentence("stock notice") if stock else self._programme())
            wanted = 0 if stock else wanted
            length += len(paragraphs[-1])
        elif kind == "statement":
            paragraphs.append(self._numbered(wanted - length))
            length = wanted
        elif length < wanted:
            paragraphs[0] += f"{self._gap()}{self._paragraph(min(450, wanted - length))}"
            length = len(paragraphs[0])
        while length < wanted - 120:
            draw = self._random()
            if draw < 0.06 and wanted - length > 500:
                paragraphs.append(self._bullets())
            elif draw < 0.10:
                paragraphs.append(self._sentence("heading").rstrip("."))
            else:
                paragraphs.append(self._paragraph(min(150 + 650 * self._random(), wanted - length)))
            length += len(paragraphs[-1]) + 2
        body = "\n\n".join(paragraphs + closing)
        # A line of one blank, which the real ones have at their end or below a list.
        return body + f"\n{NBSP}" if self._random() < 0.08 else body

    def _paragraph(self, length: float) -> str:
        production = "speech" if self._brief.kind == "speech" else "sentence"
        text = self._sentence(production)
        while len(text) < length - 60:
            text += self._gap() + self._sentence(production)
        return text

    def _bullets(self) -> str:
        lines = [f"  • {self._sentence('bullet')}" for _ in range(self._between(3, 7))]
        return f"{self._sentence('bullets follow')}\n\n" + "\n".join(lines)

    def _numbered(self, length: int) -> str:
        lines: list[str] = []
        while length > 0 or len(lines) < 2:
            text = " ".join(self._sentence("clause") for _ in range(self._between(1, 4)))
            lines.append(f"  {len(lines) + 1}. {text}")
            length -= len(text)
        # Between two points stands a line of five blanks, or nothing.
        return "\n     \n".join(lines) if self._random() < 0.6 else "\n".join(lines)

    def _programme(self) -> str:
        times = [
            f"{9 + 2 * n:02}:{self._one(_MINUTES)} (CET){NBSP * 4}"
            for n in range(self._between(1, 3))
        ]
        programme = "\n\n".join(time + self._sentence("heading").rstrip(".") for time in times)
        press = "\n".join(f"  • {self._sentence('press')}" for _ in range(self._between(2, 4)))
        return f"Programme\n\n{programme}\n\nFor the press\n\n{press}"

    def _contacts(self) -> str:
        lines = (self._sentence("contact") for _ in range(self._between(1, 3)))
        return "\n".join(dict.fromkeys(lines))

    # Slots.

    def _compile(self, productions: Sequence[str]) -> Callable[[], str]:
        """A function that writes one of the productions, its slots looked up once for each."""
        forms: list[tuple[str, list[str]]] = []
        for production in productions:
            pieces = _SLOT.split(production)
            forms.append(("%s".join(p.replace("%", "%%") for p in pieces[::2]), pieces[1::2]))
        random, count, slots = self._random, len(forms), self._slots

        def expand() -> str:
            form, names = forms[int(random() * count)]
            return form % tuple([slots[name]() for name in names])

        return expand

    def _words(self) -> dict[str, Callable[[], str]]:
        """Plain words. A quarter of a release's nouns and adjectives are its own few."""
        random = self._random
        plurals = tuple(map(plural, NOUNS))
        pasts, gerunds, presents = (tuple(map(f, VERBS)) for f in (past, gerund, present))

        def skewed(words: Sequence[str]) -> Callable[[], str]:
            count = len(words)
            return lambda: words[int(count * random() ** 1.8)]

        def topical(name: str, words: Sequence[str]) -> Callable[[], str]:
            anyone, topic = skewed(words), self._topic
            return lambda: topic[name][int(8 * random())] if random() < 0.25 else anyone()

        return {
            "noun": topical("noun", NOUNS), "nouns": topical("nouns", plurals),
            "adj": topical("adj", ADJECTIVES), "adv": skewed(ADVERBS), "base": skewed(VERBS),
            "past": skewed(pasts), "gerund": skewed(gerunds), "present": skewed(presents),
            "groups": skewed(GROUPS), "units": skewed(UNITS), "person": self.person,
            "num": lambda: str(2 + int(400 * random() ** 2.5)),
            "few": lambda: str(2 + int(40 * random() ** 2.5)),
            "num3": lambda: str(100 + int(900 * random())),
            "digit": lambda: str(int(10 * random())), "nbsp": lambda: NBSP,
            "clock": lambda: f"{9 + int(9 * random()):02}:{'030'[int(3 * random())]}0",
        }  # fmt: skip

    def _of_the_brief(self) -> dict[str, Callable[[], str]]:
        """What the brief says, and dates near its day."""

        def anywhere(part: int) -> str:
            return self._one(PLACES)[part]

        def earlier() -> int:
            return self._brief.day.year - 1 - int(12 * self._random() ** 2)

        return {
            "agency": lambda: self._brief.agency.name,
            "short": lambda: self._brief.agency.short,
            "site": lambda: self._brief.agency.site,
            "host": lambda: self._brief.agency.site.removeprefix("www."),
            "handle": lambda: self._brief.agency.id.title().replace("-", ""),
            "chief": lambda: self._officer(),
            "matter": lambda: self._brief.subject.matter,
            "slug": lambda: self._brief.subject.matter.replace(" ", "-"),
            "guest": lambda: self._brief.subject.guest,
            "Codename": lambda: f"{self._one(ADJECTIVES).title()} {self._one(NOUNS).title()}",
            "they": lambda: _for_short(self._brief.subject.guest),
            "town": lambda: self._brief.subject.town, "elsewhere": lambda: anywhere(0),
            "TOWN": lambda: self._brief.subject.town.upper(),
            "country": lambda: self._brief.subject.country, "abroad": lambda: anywhere(1),
            "when": lambda: self._past_date(self._brief.subject.event),
            "event": lambda: in_full(self._brief.subject.event, int(FORMS * self._random())),
            "yearless": lambda: day_and_month(self._brief.subject.event),
            "nth": lambda: in_full(self._brief.subject.event, ORDINAL),
            "range": lambda: two_days(self._brief.subject.event - timedelta(1)),
            "future": lambda: self._future_date(self._brief.subject.event),
            "span": lambda: two_days(self._brief.subject.event),
            "this_year": lambda: str(self._brief.day.year),
            "next_year": lambda: str(self._brief.day.year + 1 + int(5 * self._random())),
            "past_year": lambda: str(earlier()),
            "past_month": lambda: f"{self._one(MONTHS)} {earlier()}",
        }  # fmt: skip

    def _officer(self) -> str:
        """The agency's head or deputy, by office and name, as of the brief's day."""
        agency = self._brief.agency
        office = agency.chief if self._random() < 0.7 else agency.deputy
        return f"{office} {_officer(agency.id, office, self._brief.day.year // 3)}"

    def _past_date(self, day: date) -> str:
        draw = self._random()
        return _weekday_and_month(day) if draw < 0.1 else in_full(day, int(FORMS * self._random()))

    def _future_date(self, day: date) -> str:
        draw = self._random()
        return _weekday_and_month(day) if draw < 0.3 else in_full(day, 1 + int(2 * self._random()))

    def _choose_topic(self) -> None:
        count = len(NOUNS)
        nouns = [NOUNS[int(count * self._random())] for _ in range(8)]
        self._topic["noun"] = tuple(nouns)
        self._topic["nouns"] = tuple(map(plural, nouns))
        self._topic["adj"] = tuple(self._one(ADJECTIVES) for _ in range(8))

    def _capitalised(self, name: str) -> Callable[[], str]:
        slot = self._slots[name]
        return lambda: _upper_first(slot())

    def _sentence(self, name: str) -> str:
        return _upper_first(self._slots[name]())

    def _gap(self) -> str:
        """Between sentences: a space, or the no-break space and space that real ones often have."""
        return f"{NBSP} " if self._random() < 0.06 else " "

    def _one(self, choices: Sequence[T]) -> T:
        return choices[int(len(choices) * self._random())]

    def _between(self, low: int, high: int) -> int:
        return low + int((high - low + 1) * self._random())


_SLOT = re.compile(r"{(\w+)}")
_AN = re.compile(r"\b([Aa])(?= [aeio])")
_MINUTES = ("00", "15", "30", "45")
_STYLES = (f"Mr{NBSP}", f"Ms{NBSP}", "Mr ", "Ms ", "Dr ", "")
FORMS, ORDINAL = 5, 3  # how many ways `in_full` knows, and the one with 1st, 2nd, 3rd


def in_full(day: date, form: int) -> str:
    """A day with its year, in one of the five ways of the real ones; the weekday is always right.

    >>> in_full(date(2023, 12, 13), 0)
    'Wednesday (13 December 2023)'
    """
    weekday, month = WEEKDAYS[day.weekday()], MONTHS[day.month - 1]
    plain = f"{day.day} {month} {day.year}"
    suffix = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return (
        f"{weekday} ({plain})",
        f"{weekday} {plain}",
        f"{weekday}, {plain}",
        f"{day.day}{suffix} {month} {day.year}",
        plain,
    )[form]


def day_and_month(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def two_days(first: date) -> str:
    """A day and the next: `12-13 December 2023`, or both in full where the months differ."""
    last = first + timedelta(1)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{day_and_month(last)} {last.year}"
    return f"{in_full(first, 4)} to {in_full(last, 4)}"


def plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def past(verb: str) -> str:
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return _doubled(verb) + ("d" if verb.endswith("e") else "ed")


def gerund(verb: str) -> str:
    return (verb[:-1] if verb.endswith("e") else _doubled(verb)) + "ing"


def present(verb: str) -> str:
    """The form with `s`, which is made as a noun's plural is."""
    return plural(verb)


def _doubled(verb: str) -> str:
    """The stem before a vowel: `ship` doubles its consonant, `visit` does not."""
    doubles = {"ship", "map", "equip", "acquit", "deter", "transfer", "cancel", "patrol"}
    return verb + verb[-1] if verb in doubles else verb


def _weekday_and_month(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day_and_month(day)}"


@cache
def _officer(agency: str, office: str, term: int) -> str:
    """Return the holder of the office in these three years."""
    random = Random(f"{agency}/{office}/{term}").random
    names = (FIRST_NAMES, SURNAME_STARTS, SURNAME_MIDDLES, SURNAME_ENDS)
    first, *surname = (parts[int(random() * len(parts))] for parts in names)
    return f"{first} {''.join(surname)}"


def _for_short(person: str) -> str:
    """Style and surname: what a text calls somebody whom it has introduced."""
    names = person.replace(NBSP, " ").split(" ")
    return f"{names[0]}{NBSP}{names[-1]}" if len(names) > 2 else names[-1]


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
