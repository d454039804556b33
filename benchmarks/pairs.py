"""Pairs of releases that should merge and pairs that must not, made with a fixed seed.

Takes a seed and, if wished, releases read from digests; returns pairs with their kind and whether
they are one release. Edits hit words at random, names and figures among them, and know nothing of
how they are judged.
"""
# ruff: noqa: E501 - the sentences are kept whole, one to a line

import random
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from aggregator.dedupe.compare import Text

Rng = random.Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts, and whether they are one release."""

    kind: str
    merge: bool
    one: Text
    other: Text


def make_pairs(
    seed: int = 4, releases: int = 480, per_kind: int = 260, more: Sequence[Text] = ()
) -> list[Pair]:
    """Pairs of every kind; `more` are real releases to edit, in addition to generated ones."""
    rng = Rng(seed)
    base = [*(_release(rng) for _ in range(releases)), *more]
    pairs: list[Pair] = []
    for kind, change in POSITIVE.items():
        for text in rng.sample(base, min(per_kind, len(base))):
            changed = change(rng, text)
            if (changed.title, changed.body, changed.agency) != (
                text.title,
                text.body,
                text.agency,
            ):
                pairs.append(Pair(kind=kind, merge=True, one=text, other=changed))
    for kind, make in NEGATIVE.items():
        for _ in range(per_kind):
            one, other = make(rng)
            pairs.append(Pair(kind=kind, merge=False, one=one, other=other))
    for _ in range(per_kind):
        one, other = rng.sample(base, 2)
        pairs.append(Pair(kind="two releases", merge=False, one=one, other=other))
    return pairs


def read_digests(folder: Path) -> list[Text]:
    """The different releases of the digests (`*.txt`) in a folder."""
    found: dict[tuple[str, str], Text] = {}
    for path in sorted(folder.glob("*.txt")):
        digest = path.read_text(encoding="utf-8")
        parts = re.split(r"(?:\A|\n)([^\n]+)\n\nSource: ([^\n]+)\n\n", digest)[1:]
        for title, agency, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            text = Text(agency=agency.strip(), title=title.strip(), body=body.strip())
            found.setdefault((text.title, text.body), text)
    return list(found.values())


# What press offices write of: offices, people, places.
AGENCIES = (
    "Northern Maritime Agency", "Eurojust", "Frontex", "OSCE", "Council of Europe", "ENISA",
    "Baltic Security Forum", "UNODC", "World Customs Organization", "EMSA", "OLAF", "EUAA",
)  # fmt: skip
HEADS = ("Director General", "Executive Director", "Secretary General", "President", "Chair")
FIRST = tuple(
    "Anna Marek Sofia Jonas Ingrid Pavel Elena Tomas Katarina Luis Marta Henrik Claire Ivo Nadia "
    "Pieter Oksana Goran Aisha Rui Milan Greta Andrei Lucia Johan Fatima Stefan Birgit".split()
)
LAST = tuple(
    "Lindqvist Kovacs Moreau Petrov Santos Haugen Novakova Weber Rossi Jansen Dimitrov Okafor "
    "Bergstrom Kowalska Ferreira Marchetti Ozturk Virtanen Horvat Nielsen Castellanos Brandt "
    "Ionescu Dubois Tamm Kalnins Schroeder Papadakis Murphy Zielinski".split()
)
COUNTRIES = tuple(
    "Norway Finland Portugal Slovakia Slovenia Austria Croatia Hungary Poland Estonia Latvia "
    "Lithuania Greece Cyprus Malta Ireland Iceland Denmark Sweden Belgium Romania Bulgaria Albania "
    "Moldova Georgia Armenia Serbia Montenegro Kosovo Morocco Tunisia Jordan Japan Australia".split()
)
CITIES = tuple(
    "Oslo Helsinki Lisbon Bratislava Ljubljana Vienna Zagreb Budapest Warsaw Tallinn Riga Vilnius "
    "Athens Nicosia Valletta Dublin Reykjavik Copenhagen Stockholm Brussels Bucharest Sofia Tirana "
    "Chisinau Tbilisi Yerevan Belgrade Podgorica Pristina Rabat Tunis Amman Tokyo Canberra".split()
)
OFFICES = (
    "Prime Minister", "Minister of Defence", "Minister of the Interior", "Foreign Minister",
    "State Secretary", "Chief of Police", "Minister of Justice", "Speaker of the Parliament",
)  # fmt: skip
TOPICS = (
    "maritime security", "cyber resilience", "border management", "energy infrastructure",
    "trafficking in human beings", "customs cooperation", "asset recovery", "hybrid threats",
    "counter-terrorism", "fisheries control", "environmental crime", "online fraud",
    "the protection of witnesses", "air safety", "disaster relief", "arms control",
    "the rule of law", "migration data", "port security", "drug markets", "money laundering",
)  # fmt: skip
GOODS = (
    "cocaine", "counterfeit medicines", "stolen vehicles", "firearms", "cigarettes", "synthetic drugs",
    "forged documents", "pesticides", "archaeological objects", "gold", "eels", "electronic waste",
)  # fmt: skip
UNITS = ("the analysis team", "a mobile laboratory", "liaison officers", "two patrol vessels",
         "a joint investigation team", "forensic experts", "the operations centre")  # fmt: skip
ADJECTIVES = ("new", "joint", "regional", "long-term", "independent", "updated", "practical")
PLANS = ("action plan", "work programme", "strategy", "roadmap", "training centre", "data exchange",
         "early warning system", "code of conduct", "rapid response team")  # fmt: skip
SENTENCES = (
    "{Who} underlined that {topic} remains a priority and that {country} has {much} to contribute.",
    "The participants agreed on a {adj} {plan} on {topic}, which is to be reviewed in {year}.",
    "“Nobody can deal with {topic} alone, and what we have built with {country} shows it,” said {Who}.",
    "Since {year} the number of requests from {country} has grown by {n}%, mostly on {topic}.",
    "Experts from {n} countries presented their work on {topic} and visited {unit} in {city}.",
    "Investigators seized {n} tonnes of {goods}, {n2} vehicles and €{m} million in cash.",
    "The suspects moved {goods} from {country} by way of {city}, hidden among legal cargo.",
    "{Unit} supported the authorities of {country} on the spot and cross-checked {n} phone numbers.",
    "A further {n} people are under investigation, and {n2} bank accounts have been frozen.",
    "The budget for {topic} rises to €{m} million, which is {n2}% more than in the year before.",
    "In {city}, {first} {last} of the national {plan} described how the {adj} rules work in practice.",
    "Members welcomed the report on {topic} and asked for a {adj} {plan} before the summer.",
    "He recalled that {country} joined the {plan} in {year} and has hosted {n2} exercises since.",
    "The {adj} {plan} brings together customs, police and prosecutors, who so far met by chance.",
    "Civil society organisations had asked for more openness on {topic}; the text answers most of it.",
    "A pilot in {city} showed that checks take {n} minutes where they took {n2} hours before.",
    "Further meetings on {topic} are planned in {city} and {city2}, with partners from {country}.",
    "What matters now, {Who} said, is that the {plan} is paid for and that staff are trained.",
    "Local authorities near {city} reported {n} incidents, among them {n2} that involved {goods}.",
    "{Unit} will stay in {country} until the {adj} {plan} has been put in place.",
    "The agreement also covers {topic} and gives {country} access to {unit}.",
    "Two earlier operations, in {city} and {city2}, had led to {n} arrests and to this case.",
    "Courses for {n} officers began in {city}; they deal with {topic} and with {goods}.",
    "“We owe it to those who were harmed by {goods},” added {first} {last}.",
    "Ahead of the review, {country} published figures on {topic} that had long been asked for.",
)  # fmt: skip
OPENINGS = (
    ("{Agency} and {country} agree {adj} {plan} on {topic}",
     "{Agency} and the government of {country} signed a {adj} {plan} on {topic} in {city} on {day}."),
    ("{n} arrested in operation against trade in {goods}",
     "On {day}, officers in {country} arrested {n} people and searched {n2} addresses in and around "
     "{city} in a case of trade in {goods}."),
    ("{Who} visits {country} to discuss {topic}",
     "{Who} was in {city} on {day} for talks with the {office} of {country}, {first} {last}, on {topic}."),
    ("Conference in {city} looks at {topic}",
     "More than {n} delegates met in {city} on {day} for the conference on {topic}, which {Agency} "
     "organised with {country}."),
    ("{country} takes over the chair of the group on {topic}",
     "{country} took over the chair of the working group on {topic} from {country2} on {day}."),
    ("{Agency} budget for {nextyear} agreed: more for {topic}",
     "The members of {Agency} agreed the budget for {nextyear} at their meeting in {city} on {day}."),
    ("Statement on {topic} in {country}",
     "{Agency} follows the situation in {country} closely and issued the following statement on {day}."),
    ("{adj} {plan} on {topic} starts work in {city}",
     "A {plan} that deals with {topic} began its work in {city} on {day}, with {n} staff from {n2} countries."),
)  # fmt: skip
ORDINARY = tuple(
    "however also measures several recently additional important together various work today "
    "system around support public general large including process often strongly clearly area "
    "group common level made given taken large further long brief broad close effort idea view "
    "need help share start result change point order thing place part case line early late good "
    "better simple open ready likely across during toward against among behind beyond".split()
)
BOILERPLATE = (
    "About us: the agency supports its members with analysis, training and equipment. It was "
    "founded in {year} and has its seat in {city}. For media enquiries write to the press office.",
    "Notes to editors: photographs and video of the event are available on the website. They may "
    "be used free of charge if the source is named.",
    "This press release is also available in other languages. Follow us on social media for more "
    "news, or subscribe to the newsletter to receive it once a week.",
)
MONTHS = (
    "January February March April May June July August September October November December"
).split()


def _release(rng: Rng) -> Text:
    agency, facts = rng.choice(AGENCIES), _facts(rng)
    title, first = rng.choice(OPENINGS)
    paragraphs = [[first]]
    for sentence in rng.sample(SENTENCES, rng.randint(6, 14)):
        if len(paragraphs[-1]) >= 2 and rng.random() < 0.6:
            paragraphs.append([])
        paragraphs[-1].append(sentence)
    filled = [" ".join(_fill(rng, part, agency, facts) for part in parts) for parts in paragraphs]
    title = _fill(rng, title, agency, facts, fixed=True)
    return Text(agency=agency, title=title[0].upper() + title[1:], body="\n\n".join(filled))


def _facts(rng: Rng) -> dict[str, str]:
    """What the whole of one release is about."""
    day = _day(rng)
    return {
        "topic": rng.choice(TOPICS),
        "country": rng.choice(COUNTRIES),
        "city": rng.choice(CITIES),
        "goods": rng.choice(GOODS),
        "plan": rng.choice(PLANS),
        "adj": rng.choice(ADJECTIVES),
        "day": _written(day),
        "Who": f"{rng.choice(HEADS)} {rng.choice(FIRST)} {rng.choice(LAST)}",
        "nextyear": str(day.year + 1),
        "office": rng.choice(OFFICES),
        "n": str(rng.randint(5, 90)),
    }


def _fill(rng: Rng, sentence: str, agency: str, facts: dict[str, str], fixed: bool = False) -> str:
    other = _facts(rng)
    unit = rng.choice(UNITS)
    keep = 1.0 if fixed or "{day}" in sentence else 0.45
    values = {key: value if rng.random() < keep else other[key] for key, value in facts.items()}
    values |= {
        "Who": facts["Who"],
        "Agency": agency,
        "first": rng.choice(FIRST),
        "last": rng.choice(LAST),
        "city2": rng.choice(CITIES),
        "country2": rng.choice(COUNTRIES),
        "much": rng.choice(("much", "a good deal", "a great deal")),
        "n2": str(rng.randint(3, 60)),
        "m": f"{rng.randint(1, 90)}.{rng.randint(1, 9)}",
        "year": str(rng.randint(2008, 2022)),
        "unit": unit,
        "Unit": unit[0].upper() + unit[1:],
    }
    filled = sentence.format(**values)
    return filled[0].upper() + filled[1:]


def _day(rng: Rng) -> date:
    return date(2023, 1, 2) + timedelta(days=rng.randrange(700))


def _written(day: date) -> str:
    return f"{day:%A} ({day.day} {day:%B} {day.year})"


def _paragraphs(text: Text) -> list[str]:
    return re.split(r"\n\s*\n", text.body)


def _edited(share: float) -> Callable[[Rng, Text], Text]:
    def edit(rng: Rng, text: Text) -> Text:
        words = re.split(r"( |\n+)", text.body)
        places = range(0, len(words), 2)
        for at in rng.sample(places, max(1, round(share * len(places)))):
            how = rng.choice(("replace", "delete", "insert"))
            if how == "insert":
                words[at] += " " + rng.choice(ORDINARY)
            else:
                words[at] = rng.choice(ORDINARY) if how == "replace" else ""
        return replace(text, body="".join(words))

    return edit


def _edited_with_title(rng: Rng, text: Text) -> Text:
    words = text.title.split()
    for at in rng.sample(range(len(words)), max(1, round(0.05 * len(words)))):
        words[at] = rng.choice(("", rng.choice(ORDINARY), f"{words[at]} {rng.choice(ORDINARY)}"))
    return replace(_edited(0.05)(rng, text), title=" ".join(words))


def _cut(rng: Rng, text: Text) -> Text:
    return replace(text, body=text.body[:350].rstrip() + "…", truncated=rng.random() < 0.5)


def _cut_and_edited(rng: Rng, text: Text) -> Text:
    return _cut(rng, _edited(0.05)(rng, text))


def _appended(rng: Rng, text: Text) -> Text:
    return replace(text, body=f"{text.body}\n\n{_boilerplate(rng)}")


def _prefixed(rng: Rng, text: Text) -> Text:
    return replace(text, body=f"{_boilerplate(rng)}\n\n{text.body}")


def _boilerplate(rng: Rng) -> str:
    return rng.choice(BOILERPLATE).format(year=rng.randint(1950, 2010), city=rng.choice(CITIES))


def _extended(rng: Rng, text: Text) -> Text:
    parts = _paragraphs(text)
    new = " ".join(_fill(rng, s, text.agency, _facts(rng)) for s in rng.sample(SENTENCES, 2))
    parts.insert(rng.randint(1, len(parts)), new)
    return replace(text, body="\n\n".join(parts))


def _retitled(rng: Rng, text: Text) -> Text:
    words = text.title.split()
    how = rng.randrange(6)
    if how == 0:
        title = f"UPDATE: {text.title}"
    elif how == 1:
        title = f"{text.title} (updated)"
    elif how == 2:
        words[rng.randrange(len(words))] = rng.choice(ORDINARY)
        title = " ".join(words)
    elif how == 3:
        del words[rng.randrange(len(words))]
        title = " ".join(words)
    elif how == 4:
        title = "What you need to know about our latest step"
    else:
        title = re.split(r"[.,;:]", text.body)[0][:100]
    return replace(text, title=title)


def _carried(rng: Rng, text: Text) -> Text:
    carrier = rng.choice(("EU Newsroom", "ReliefWeb", "Press Wire"))
    how = rng.randrange(4)
    title = (text.title, f"{text.agency}: {text.title}", f"{text.title} | {carrier}", text.title)[
        how
    ]
    body = text.body
    if how >= 2:
        body = f"{body}\n\nSource: {text.agency}. Distributed by {carrier}."
    return replace(text, agency=carrier, title=title, body=body)


def _marked_up(rng: Rng, text: Text) -> Text:
    body = text.body.replace("“", '"').replace("”", '"').replace("’", "'").replace("–", "-")
    body = body.replace(" ", "\u00a0", 7) if rng.random() < 0.5 else body.replace("\n\n", "\n \n")
    if rng.random() < 0.4:
        body = " ".join(body.split())
    if rng.random() < 0.4:
        body = "\n\n".join(f"• {part}" for part in body.split("\n\n"))
    return replace(text, title=text.title.upper() if rng.random() < 0.3 else text.title, body=body)


def _reordered(rng: Rng, text: Text) -> Text:
    parts = _paragraphs(text)
    rng.shuffle(parts)
    return replace(text, body="\n\n".join(parts))


def _corrected(rng: Rng, text: Text) -> Text:
    """One figure that counts or measures, in a text that goes on otherwise."""
    found = list(
        re.finditer(r"\d+(?=%| tonnes| vehicles| people| staff| incidents| officers)", text.body)
    )
    if not found:
        return text
    match = rng.choice(found)
    value = str(int(match[0]) + rng.randint(1, 9))
    return replace(text, body=text.body[: match.start()] + value + text.body[match.end() :])


POSITIVE: dict[str, Callable[[Rng, Text], Text]] = {
    "1% edited": _edited(0.01),
    "2% edited": _edited(0.02),
    "5% edited": _edited(0.05),
    "10% edited": _edited(0.10),
    "5% edited, title too": _edited_with_title,
    "cut at 350": _cut,
    "cut and 5% edited": _cut_and_edited,
    "boilerplate appended": _appended,
    "boilerplate prefixed": _prefixed,
    "paragraph added": _extended,
    "retitled": _retitled,
    "another source": _carried,
    "markup changed": _marked_up,
    "reordered": _reordered,
    "figure corrected": _corrected,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guest:
    country: str
    office: str
    name: str


def _guest(rng: Rng, not_from: str = "") -> _Guest:
    country = rng.choice([country for country in COUNTRIES if country != not_from])
    name = f"{rng.choice(('Mr', 'Ms'))} {rng.choice(FIRST)} {rng.choice(LAST)}"
    return _Guest(country=country, office=rng.choice(OFFICES), name=name)


def _two_guests(rng: Rng) -> tuple[_Guest, _Guest]:
    one = _guest(rng)
    return one, _guest(rng, one.country)


_ADVISORY = (
    "On {day}, the {head} will meet with the {office} of {country}, {name}, at the headquarters. "
    "The {head} and the {office} will give a joint press conference after their meeting.\n\n"
    "Media advisory\n\n{time} (CET)    Joint press conference\n\nMedia coverage\n\n"
    "  • Media representatives who have annual accreditation can cover the press conference in "
    "person.\n  • The press statements will be live-streamed on the website.\n  • The video will be "
    "available for free download from the multimedia portal after the event.\n  • A transcript of "
    "the remarks, as well as pictures taken by our photographers, will be available on the "
    "website.\n\nFor more information:\n\nContact the press office\n\nFollow us on social media."
)


def _advisory(rng: Rng, agency: str, head: str, guest: _Guest, title: str) -> Text:
    time = f"{rng.randint(9, 18)}:{rng.choice(('00', '15', '30', '45'))}"
    body = _ADVISORY.format(
        day=f"{_written(_day(rng))}", head=head, office=guest.office, country=guest.country,
        name=guest.name, time=time,
    )  # fmt: skip
    return Text(agency=agency, title=title, body=body)


def _advisories(rng: Rng) -> tuple[Text, Text]:
    agency, head = rng.choice(AGENCIES), rng.choice(HEADS)
    form = rng.choice(
        ("{head} meets with the {office} of {country}", "Visit by {name} of {country}")
    )
    one, other = (
        _advisory(rng, agency, head, guest, form.format(head=head, office=guest.office,
                  country=guest.country, name=guest.name))
        for guest in _two_guests(rng)
    )  # fmt: skip
    return one, other


def _advisories_one_title(rng: Rng) -> tuple[Text, Text]:
    agency, head = rng.choice(AGENCIES), rng.choice(HEADS)
    title = rng.choice(
        (f"Media advisory: {head} receives a guest", "Media advisory", f"Visit to {agency}")
    )
    one, other = (_advisory(rng, agency, head, guest, title) for guest in _two_guests(rng))
    return one, other


def _monthly(rng: Rng, titled: bool) -> tuple[Text, Text]:
    agency, country, topic = rng.choice(AGENCIES), rng.choice(COUNTRIES), rng.choice(TOPICS)
    first = rng.randrange(11)
    texts = []
    for month in (MONTHS[first], MONTHS[first + 1]):
        n = [rng.randint(40, 900) for _ in range(6)]
        body = (
            f"This report sums up what member states told us on {topic} in {month}.\n\n"
            f"In {month}, {n[0]} cases were reported, of which {n[1]} were closed. Police in {country} "
            f"handled {n[2]} requests, and the operations centre answered {n[3]} calls. The average "
            f"time to an answer was {n[4]} minutes.\n\nThe figures are provisional and may be "
            "corrected when late reports arrive. They cover all member states and are collected by "
            f"the national contact points. {n[5]} officers took part in training.\n\nThe full data "
            "set is available on the website, together with a description of the method."
        )
        title = (
            f"Monthly report on {topic}: {month} 2023" if titled else f"Monthly report on {topic}"
        )
        texts.append(Text(agency=agency, title=title, body=body))
    return texts[0], texts[1]


def _readouts(rng: Rng) -> tuple[Text, Text]:
    agency, head, spokes = rng.choice(AGENCIES), rng.choice(HEADS), rng.choice(LAST)
    name = rng.choice(LAST)
    one_title = rng.random() < 0.4
    texts = []
    for guest in _two_guests(rng):
        day = _day(rng)
        title = f"Readout of {head} {name}’s call"
        if not one_title:
            title += f" with {guest.office} of {guest.country}"
        body = (
            f"{day:%B} {day.day}, {day.year}\n\nSpokesperson {spokes} provided the following readout:"
            f"\n\n{head} {name} spoke with {guest.office} {guest.name} of {guest.country} today by "
            f"telephone.\n\nThe two leaders discussed the current security environment, including "
            f"{rng.choice(TOPICS)} and opportunities to work more closely. In addition, the leaders "
            f"discussed {rng.choice(TOPICS)} and other items of mutual interest.\n\nThe agency and "
            f"{guest.country} share a long history of mutual support and cooperation, which is a "
            "cornerstone of the partnership.\n\nFor more news, visit the website and connect with us "
            "on social media."
        )
        texts.append(Text(agency=agency, title=title, body=body))
    return texts[0], texts[1]


_FRENCH = (
    "{who} s’est rendu à {city} le {day} pour des entretiens avec les autorités de {country}. Les "
    "deux parties ont signé un plan d’action et sont convenues de se revoir en {year}.\n\n« Personne "
    "ne peut agir seul, et ce que nous avons construit ensemble le montre », a déclaré {who}. Depuis "
    "{year2}, le nombre des demandes a augmenté de {n} %.\n\nL’équipe d’analyse soutiendra les "
    "autorités sur place, et {n2} agents suivront une formation à {city}."
)
_ENGLISH = (
    "{who} travelled to {city} on {day} for talks with the authorities of {country}. The two sides "
    "signed an action plan and agreed to meet again in {year}.\n\n“Nobody can act alone, and what we "
    "have built together shows it,” said {who}. Since {year2} the number of requests has grown by "
    "{n}%.\n\nThe analysis team will support the authorities on the spot, and {n2} officers will be "
    "trained in {city}."
)


def _translations(rng: Rng) -> tuple[Text, Text]:
    agency, known = rng.choice(AGENCIES), rng.random() < 0.5
    day = _day(rng)
    facts = {
        "who": f"{rng.choice(FIRST)} {rng.choice(LAST)}", "city": rng.choice(CITIES),
        "country": rng.choice(COUNTRIES), "day": f"{day.day} {day:%B} {day.year}", "year": day.year + 1,
        "year2": day.year - 5, "n": rng.randint(5, 60), "n2": rng.randint(10, 90),
    }  # fmt: skip
    titles = f"{facts['who']} – {facts['city']}", f"{facts['who']} – {facts['city']}"
    if rng.random() < 0.6:
        titles = (
            f"{facts['who']} visits {facts['city']}",
            f"{facts['who']} se rend à {facts['city']}",
        )
    return (
        Text(agency=agency, title=titles[0], body=_ENGLISH.format(**facts), language="en" if known else None),
        Text(agency=agency, title=titles[1], body=_FRENCH.format(**facts), language="fr" if known else None),
    )  # fmt: skip


def _speech_and_story(rng: Rng) -> tuple[Text, Text]:
    text, facts = _release(rng), _facts(rng)
    lines = [_fill(rng, sentence, text.agency, facts) for sentence in rng.sample(SENTENCES, 12)]
    who, city, topic = facts["Who"], facts["city"], facts["topic"]
    speech = "Excellencies, dear colleagues, it is good to be here.\n\n" + "\n\n".join(
        " ".join(lines[at : at + 3]) for at in range(0, 12, 3)
    )
    quoted = rng.sample(lines, 4)
    story = (
        f"{who} called for more work on {topic} when speaking in {city} on {facts['day']}.\n\n"
        f"{quoted[0]} “{quoted[1]}”\n\nThe conference was attended by delegates of many countries. "
        f"“{quoted[2]} {quoted[3]}”\n\nThe talks end tomorrow with a visit to the port."
    )
    if rng.random() < 0.3:
        titles = (f"{who} in {city} on {topic}",) * 2
    else:
        titles = (f"Speech by {who} in {city} on {topic}", f"{who} in {city}: more work on {topic}")
    return (
        Text(agency=text.agency, title=titles[0], body=speech + "\n\nThank you."),
        Text(agency=text.agency, title=titles[1], body=story),
    )


def _before_and_after(rng: Rng) -> tuple[Text, Text]:
    agency, head, name = rng.choice(AGENCIES), rng.choice(HEADS), rng.choice(LAST)
    guest, city, topic = _guest(rng), rng.choice(CITIES), rng.choice(TOPICS)
    day = _written(_day(rng))
    tail = (
        f"\n\nThe talks with {guest.office} {guest.name} of {guest.country} deal with {topic}, with the "
        f"work of the joint team in {city} and with the plans for the coming year. Representatives of "
        "industry and of the universities take part, as do the mayors of the region. Photographs are "
        "available on the website after the event. For general queries contact the press office."
    )
    before = f"The {head}, {name}, will travel to {guest.country} on {day}. He will visit {city}."
    after = (
        f"The {head}, {name}, concluded his visit to {guest.country} on {day}. He visited {city}."
    )
    return (
        Text(agency=agency, title=f"{head} to visit {guest.country}", body=before + tail),
        Text(agency=agency, title=f"{head} concludes visit to {guest.country}", body=after + tail),
    )


def _parts(rng: Rng) -> tuple[Text, Text]:
    text = _release(rng)
    marks = rng.choice((("Part 1", "Part 2"), ("part one", "part two"), ("Part I", "Part II")))
    body = text.body if rng.random() < 0.5 else _edited(0.08)(rng, text).body
    return (
        replace(text, title=f"{text.title} ({marks[0]})"),
        replace(text, title=f"{text.title} ({marks[1]})", body=body),
    )


def _series(rng: Rng) -> tuple[Text, Text]:
    """Items that differ in one number, in the title, the body or both."""
    text, number = _release(rng), rng.randint(1, 9000)
    where = rng.randrange(3)
    titles = [f"Notice {number + at}: {text.title}" if where != 1 else text.title for at in (0, 1)]
    bodies = [
        f"{text.body}\n\nThis is notice {number + at}." if where else text.body for at in (0, 1)
    ]
    return (
        replace(text, title=titles[0], body=bodies[0]),
        replace(text, title=titles[1], body=bodies[1]),
    )


def _ministers(rng: Rng) -> tuple[Text, Text]:
    """One template for councils that differ in an ordinary word."""
    titled = rng.random() < 0.7
    agency, (one, other) = rng.choice(AGENCIES), rng.sample(
        ("health", "finance", "transport", "fisheries", "justice", "education"), 2
    )  # fmt: skip
    day, city = _written(_day(rng)), rng.choice(CITIES)
    texts = [
        Text(
            agency=agency,
            title=f"Council of {f'{subject} ' if titled else ''}ministers: what to expect",
            body=(
                f"The ministers for {subject} meet in {city} on {day}. The meeting begins at nine and "
                "is open to the press for the first half hour.\n\nThe ministers are expected to adopt "
                f"conclusions on {subject} and to hear a report by the chair. Any other business "
                "includes information from delegations.\n\nPress conference: at the end of the "
                "meeting. Accreditation is possible until the evening before. Photographs and video "
                "are available on the website."
            ),
        )
        for subject in (one, other)
    ]
    return texts[0], texts[1]


def _notices(rng: Rng) -> tuple[Text, Text]:
    """Different releases of which a site shows the same notice only."""
    one, other = _release(rng), _release(rng)
    notice = (
        "The content of this page cannot be shown because your browser does not allow scripts. Please "
        "allow scripts for this site and load the page again, or write to the web editors, who will "
        "be glad to send you the text by mail within two working days."
    )
    return replace(one, body=notice), replace(other, agency=one.agency, body=notice)


def _cut_advisories(rng: Rng) -> tuple[Text, Text]:
    one, other = _advisories(rng)
    return _cut(rng, one), other


NEGATIVE: dict[str, Callable[[Rng], tuple[Text, Text]]] = {
    "advisories": _advisories,
    "advisories, one title": _advisories_one_title,
    "advisories, one cut": _cut_advisories,
    "monthly reports": lambda rng: _monthly(rng, titled=True),
    "monthly reports, one title": lambda rng: _monthly(rng, titled=False),
    "readouts": _readouts,
    "translations": _translations,
    "speech and story": _speech_and_story,
    "to visit, concludes": _before_and_after,
    "parts 1 and 2": _parts,
    "one number apart": _series,
    "ministers of this, of that": _ministers,
    "one notice, many titles": _notices,
}
