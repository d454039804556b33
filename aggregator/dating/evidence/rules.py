"""The rules by which a date phrase gets its role: by its line, the words next to it, its verb.

``judge_title`` and ``judge_body`` take a release and a phrase of it and return a ``Judgement``.  A
rule returns None where it does not apply; the first that applies decides.
"""

import re

from aggregator.dating.evidence import signs
from aggregator.dating.evidence.release import Judgement, Release
from aggregator.dating.evidence.tense import in_quotes, sentence, tense_of
from aggregator.dating.phrases import DatePhrase
from aggregator.model import Role


def judge_title(release: Release, phrase: DatePhrase) -> Judgement:
    """Judge a phrase of the title: by its verb, or as the date of what has that title."""
    judgement = (
        _name(release, release.title, phrase)
        or _named_by_date(release, release.title, phrase)
        or _by_precision(release, phrase, 0.6)
    )
    if judgement is not None:
        return judgement
    tense, cue = tense_of(release.cues, release.title, phrase.start, phrase.end)
    if (judgement := _set(release, release.title, phrase, 0.7)) is not None:
        return judgement
    until = release.signs.until.search(release.title, 0, phrase.start)
    if until or _is_due(release, release.title, phrase, tense, cue):
        return Judgement("future", 0.5, "title: a deadline or start")
    if tense is not None:
        return Judgement(tense, 0.7, f"title: {cue}")
    if release.advisory:
        return Judgement("future", 0.7, "title of a media advisory")
    if phrase.first == phrase.last and phrase.first.year is not None:
        if signs.TITLE_DATE.search(release.title, 0, phrase.start):
            return Judgement("stated", 0.6, "the title's date")
        return Judgement("present", 0.6, "date in a title without verb")
    return Judgement("present", 0.4, "days in a title without verb")


def judge_body(release: Release, phrase: DatePhrase) -> Judgement:
    """Judge a phrase of the body: by its line, by the words next to it, by its sentence."""
    return (
        _name(release, release.text, phrase)
        or _dateline(release, phrase)
        or _beside_today(release, phrase)
        or _named_by_date(release, release.text, phrase)
        or _by_precision(release, phrase, 1.0 if phrase.start < release.head else 0.5)
        or _issued(release, phrase)
        or _by_sentence(release, phrase)
    )


# ------------------------------------------------------------------------------ by the line


def _dateline(release: Release, phrase: DatePhrase) -> Judgement | None:
    """Judge a date that is a line of its own, or follows a label or a place at the top."""
    text = release.text
    if phrase.first != phrase.last or phrase.first.month is None:
        return None
    low = text.rfind("\n", max(0, phrase.start - 200), phrase.start) + 1
    low = low or max(0, phrase.start - 200)
    before, after = text[low : phrase.start], text[phrase.end : phrase.end + 200]
    if len(before) > 100:
        return None
    if release.signs.event_label.search("\n" + before):
        return Judgement("future", 0.8, "after a label: when")
    if before.strip() and release.signs.label.search("\n" + before):
        if release.signs.event_lines.search(after):
            return Judgement("future", 0.8, "date of an event with its hours")
        if release.signs.revised.search(before):
            return Judgement("future", 0.3, f"after a label: {before.strip()}")
        return Judgement("stated", 0.95, f"after a label: {before.strip()}")
    rest = after.split("\n", 1)[0].strip(" \t\u00a0.,:;)\u2013\u2014-")
    if before.strip(" \t\u00a0\u2022(*-").lower() in _ARTICLES and not rest:
        return _alone(release, phrase, after)
    top = phrase.start <= release.head
    if top and _is_place(before) and _ends_dateline(before, after):
        return Judgement("stated", 1.0, "dateline")
    if not text[:low].strip() and _is_bare_place(release, before) and signs.DASH.match(after):
        return Judgement("stated", 0.9, "dateline")
    if not rest and _is_place(before) and not text[phrase.end :].strip(" \n.)"):
        return Judgement("stated", 0.8, "place and date at the end")
    return None


def _ends_dateline(before: str, after: str) -> bool:
    end = signs.DATELINE_ENDS.match(after) or (
        before.isupper() and signs.LOUD_DATELINE_ENDS.match(after)
    )
    return bool(end)


def _alone(release: Release, phrase: DatePhrase, after: str) -> Judgement:
    """Read a date alone on its line: at the top a dateline, above hours a schedule."""
    if release.signs.event_lines.match(after.lstrip(" \t\u00a0:").replace("\n\n", "\n", 1)):
        return Judgement("future", 0.6, "a schedule's day")
    above = release.text[: phrase.start]
    if phrase.start <= release.head and above.count("\n") < 12:
        weight = 0.6 if phrase.precision == "month" else 1.0
        return Judgement("stated", weight, "date alone at the top")
    if release.advisory:
        return Judgement("future", 0.6, "a media advisory's schedule")
    ends_prose = above.rstrip().endswith((".", "\u201d", '"', "#", "-", "*"))
    if ends_prose and not release.text[phrase.end :].strip(" \n\u00a0.)"):
        return Judgement("stated", 0.7, "date alone at the end")
    return Judgement("present", 0.3, "date alone on a line")


def _is_place(before: str) -> bool:
    """Whether what comes before a date is a place ("THE HAGUE, "), or nothing."""
    words = re.findall(r"[^\W\d_][\w.'\u2019-]*", before)
    if not before.strip():
        return True
    if len(before) > 60 or not signs.PLACE.fullmatch(before.lstrip(" \t(")):
        return False
    small = {"de", "of", "am", "la", "le", "on", "den", "the"}
    return all(word[0].isupper() or word in small for word in words)


def _is_bare_place(release: Release, before: str) -> bool:
    """Whether what comes before a date is a place without a comma ("ROME 3 May 2024 —")."""
    words = before.split()
    return 0 < len(words) <= 3 and all(
        word[0].isupper() and word.lower() not in release.signs.before_days for word in words
    )


_ARTICLES = frozenset(("", "le", "on", "am", "den", "el", "op", "il"))


# --------------------------------------------- by the words next to it, or its kind


def _name(release: Release, text: str, phrase: DatePhrase) -> Judgement | None:
    """Read the name of a street: ``rue du 8 Mai 1945``, ``19 Mayıs Caddesi``."""
    match = release.signs.street.search(text, max(0, phrase.start - 40), phrase.start)
    if match is not None:
        return Judgement("history", 0.0, f"after {match[0].strip()!r}")
    match = release.signs.street_after.match(text, phrase.end)
    return Judgement("history", 0.0, f"before {match[0].strip()!r}") if match else None


def _beside_today(release: Release, phrase: DatePhrase) -> Judgement | None:
    """Read ``today (3 May 2024)``: the day of writing."""
    if phrase.precision != "day":
        return None
    text = release.text
    match = release.signs.beside_today.search(text, max(0, phrase.start - 30), phrase.start)
    if match is None:
        return None
    if signs.YEARS_BEFORE.search(text, max(0, match.start() - 30), match.start()):
        return Judgement("history", 0.0, "an anniversary")
    word = " ".join(match["word"].lower().split())
    if in_quotes(text, phrase.start):
        return Judgement("present", 0.3, f"beside {word!r}, in a quotation")
    offset = release.signs.days.get(word, 0)
    role: Role = "past" if offset < 0 else "future" if offset > 0 else "stated"
    return Judgement(role, 0.9, f"beside {word!r}")


def _named_by_date(release: Release, text: str, phrase: DatePhrase) -> Judgement | None:
    """Read what is named by its date or goes on since then: ``Resolution 2231 of 20 July 2015``."""
    match = release.signs.history.search(text, max(0, phrase.start - 60), phrase.start)
    if match is not None:
        # "Since Monday (11 March 2024)" is of this week, "since 4 April 1949" is of history.
        if phrase.weekday is not None and match[0].casefold().startswith("since"):
            return Judgement("past", 0.4, "since then")
        return Judgement("history", 0.0, f"after {match[0].strip()!r}")
    if (match := signs.HISTORY_AFTER.match(text, phrase.end)) is not None:
        return Judgement("history", 0.0, f"before {match[0].strip()!r}")
    if signs.YEARS_AGO.search(text, max(0, phrase.start - 40), phrase.start) or (
        phrase.first.year is not None and signs.YEARS_AGO_AFTER.match(text, phrase.end)
    ):
        return Judgement("history", 0.0, "an anniversary")
    return None


def _by_precision(release: Release, phrase: DatePhrase, weight: float) -> Judgement | None:
    """Read phrases coarser than a day, and days counted from today."""
    relative = phrase.relative
    if phrase.precision == "month":
        return _month(release, phrase)
    if phrase.precision == "day":
        pair = phrase.weekday is not None and "day" in phrase.missing and " " in phrase.text
        if pair and relative is None:
            return Judgement("history", 0.0, "days of any week")
        return None
    if relative is None:
        return None
    if relative.unit in ("month", "year"):
        return Judgement("history", 0.0, f"a whole {relative.unit}")
    if signs.NOWADAYS.match(release.text, phrase.end):
        return Judgement("history", 0.0, "means nowadays")
    roles: dict[int, Role] = {-1: "past", 0: "present", 1: "future"}
    role = roles[max(-1, min(1, relative.offset))]
    return Judgement(role, 0.4 * weight, phrase.text.lower())


def _month(release: Release, phrase: DatePhrase) -> Judgement:
    """Read a month: ahead after a verb of the future in its clause or a ``this``, else history."""
    low, _ = sentence(release.cues, release.text, phrase.start, phrase.end)
    clause = release.text[low : phrase.start].rpartition(",")[2]
    tense, cue = tense_of(release.cues, clause, len(clause), len(clause))
    ahead = phrase.relative is not None and phrase.relative.offset >= 0
    if tense == "future" or (ahead and tense != "past"):
        return Judgement("future", 0.1, f"a month ahead: {cue}")
    return Judgement("history", 0.0, "a whole month")


def _issued(release: Release, phrase: DatePhrase) -> Judgement | None:
    """Read ``issued following its meeting held … on 29th November 2023``, near the top only."""
    if phrase.start > release.head or phrase.first != phrase.last or phrase.first.day is None:
        return None
    if signs.EMBARGO.search(release.text, max(0, phrase.start - 60), phrase.start):
        return Judgement("stated", 0.9, "the end of an embargo")
    low, _ = sentence(release.cues, release.text, phrase.start, phrase.end)
    before = release.text[low : phrase.start]
    match = release.signs.stating.search(before) if len(before) < 160 else None
    if match is None:
        return None
    if release.signs.revised.search(match[0]):
        return Judgement("future", 0.3, f"after {match[0].strip()!r}")
    return Judgement("stated", 0.9, f"after {match[0].strip()!r}")


# ------------------------------------------------------------------------ by the sentence


def _set(release: Release, text: str, phrase: DatePhrase, weight: float) -> Judgement | None:
    """Read a day that words next to it set: ``scheduled for 3 May``, ``the deadline is 3 May``."""
    low, _ = sentence(release.cues, text, phrase.start, phrase.end)
    clause = text[max(low, phrase.start - 110) : phrase.start]
    match = (
        release.signs.planned.search(clause)
        or release.signs.sets.search(clause)
        or signs.IS.search(clause)
    )
    if match is None:
        return None
    if signs.AT_FIRST.search(clause, max(0, match.start() - 25)):
        return Judgement("history", 0.0, "planned at first")
    return Judgement("future", weight, f"set: {match[0].strip()[:40]}")


def _is_in_schedule(text: str, phrase: DatePhrase) -> bool:
    """Whether an item of a list begins with a day: ``• Tuesday, 15 June: fairground, 9 a.m.``."""
    line = text[text.rfind("\n", 0, phrase.start) + 1 : phrase.start]
    return line.strip() in ("\u2022", "-", "*") and text[phrase.end : phrase.end + 1] in (":", ",")


def _is_long(phrase: DatePhrase) -> bool:
    """Whether days are those of a period ("between 25 September and 4 October"), not a meeting."""
    first, last = phrase.first, phrase.last
    return first != last and (first.month != last.month or (last.day or 0) - (first.day or 0) > 4)


def _is_due(release: Release, text: str, phrase: DatePhrase, tense: Role | None, cue: str) -> bool:
    """Whether something is due by a day or begins with it, and no verb says it did."""
    if tense == "past" and not signs.REPORTING.search(cue):
        return False
    before = text[max(0, phrase.start - 40) : phrase.start]
    return release.signs.deadline.search(before) is not None


def _by_sentence(release: Release, phrase: DatePhrase) -> Judgement:
    """Judge a day by the tense of its sentence, weighed by its place in the release."""
    text, first = release.text, phrase.start < release.head
    before = text[max(0, phrase.start - 40) : phrase.start]
    tense, cue = tense_of(release.cues, text, phrase.start, phrase.end)
    low, high = sentence(release.cues, text, phrase.start, phrase.end)
    clause = text[max(low, phrase.start - 110) : phrase.start]
    if (judgement := _set(release, text, phrase, 0.7 if first else 0.4)) is not None:
        return judgement
    if phrase.weekday is None and (match := signs.LEGAL.search(text, low, high)) is not None:
        return Judgement("past", 0.2, f"{match[0]}: a deed")
    if tense == "present" and signs.APPEALING.fullmatch(cue):
        return Judgement("past", 0.4, cue)
    if tense == "present" and signs.PROGRESSIVE.fullmatch(cue):
        tense = "future"
    if _is_due(release, text, phrase, tense, cue):
        return Judgement("future", 0.5 if first else 0.2, "a deadline or start")
    if (until := release.signs.until.search(before)) and not until["ended"]:
        return Judgement("future", 0.2, "until then")
    if signs.AS_OF.search(before):
        return Judgement("past", 0.7 if first else 0.5, "as of")
    ahead = release.advisory or release.title_tense == "future"
    if tense is None or (tense == "present" and ahead):
        if _is_in_schedule(text, phrase):
            return Judgement("future", 0.4, "a line of a schedule")
        if ahead:
            return Judgement("future", 0.7, "no verb, in an advance notice")
        weight = 0.5 if first else 0.3
        return Judgement(tense or "past", weight, cue or "no verb, as reports do")
    if tense == "present" and cue in ("is", "are"):
        return Judgement("present", 0.4, f"{cue}: of a state, or planned")
    is_news = (
        phrase.weekday is not None or not clause.strip() or not release.signs.aside.search(clause)
    )
    is_news = is_news and not (signs.PLUPERFECT.fullmatch(cue) or _is_long(phrase))
    weight = 0.8 if first and is_news else 0.4
    if tense == "future":
        weight = 0.9 if ahead and first else 0.7 if ahead or first else 0.2
    if tense == "past" and ahead and not first:
        weight *= 0.5
    if in_quotes(text, phrase.start):
        weight *= 0.5
    place = "first paragraph" if first else "later paragraph"
    return Judgement(tense, weight, f"{cue}, {place}")
