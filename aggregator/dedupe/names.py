"""Find the names in a release's title and opening: people, places, institutions, events.

Takes a title and the beginning of a text; returns names as keys that can be compared.  A name is
recognised by its capital within a sentence, so a text has none if its language gives capitals to
all nouns, or to no word.  ``related`` finds out which names are rare.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from aggregator.dating.languages.english import ENGLISH
from aggregator.model.normal_form import without_marks

CAPITAL_NOUNS = ("de", "lb")
"""Languages that write common nouns with a capital."""

LEAD = 600
"""Characters of a title and of a text that are read; what a release mentions later is not its
subject.
"""

_MANY = 80  # names of one release; more are a list of people, which identifies no event
_CAPITAL = "[A-Z\u00c0-\u00de\u0100-\u017f\u0218\u021a\u0386-\u03ab\u0400-\u042f]"
_REST = r"[^\W_]*(?:['’][^\W_]+)*"
# The capital comes before the look-behind, so that the search skips from one to the next.
_RUN = re.compile(
    rf"({_CAPITAL}(?<![\w'’].){_REST}(?:['’]?[ \u00a0-]{_CAPITAL}{_REST})*)", re.DOTALL
)
_JOINS = (", ", " and ")
_PARTS = re.compile("[ \u00a0-]")
_ENDS_SENTENCE = frozenset('.!?:;\n"“”„|•*–—')
_GERMAN = (" und ", " der ", " die ", " den ")

# Words with a capital that are not a name on their own.
_OFFICES = frozenset(
    "secretary general deputy assistant president vice prime minister ministers chancellor premier "
    "ambassador ambassadors chairman chair chairwoman chief commander commissioner director "
    "executive senior governor king queen prince princess majesty highness excellency his her sir "
    "lord dame lady mr mrs ms dr prof professor hon jr sr gen adm lt col capt maj sgt admiral "
    "colonel captain major brigadier spokesperson spokesman spokeswoman officer officers head "
    "member members media press advisory office headquarters hq website portal twitter follow "
    "contact photographs video transcript readout statement speech remarks conference-call "
    "cet cest gmt utc bst est edt am pm "
    "the a an and of in on at to for from by with as after before during during while when where "
    "this that these those it its he she they we i you our their there if but or no not new "
    "good morning afternoon evening thank thanks today tomorrow yesterday earlier later".split()
).union(names.split()[0] for names in (*ENGLISH.months, *ENGLISH.weekdays))
# Words that are a name together with another: the Nordic Council, the Jeju Forum.
_EVENTS = frozenset(
    "council forum summit conference assembly symposium congress convention session exercise "
    "operation committee commission board union treaty declaration dialogue ministerial festival "
    "seminar workshop charter festival prize award".split()
)
_COMMON = _EVENTS | frozenset(
    "group meeting ministry parliament government agency centre center department bureau force "
    "forces command service services police court bank institute university organization "
    "organisation programme program plan project initiative day week year foreign affairs defence "
    "defense security national international european united states state kingdom republic north "
    "south east west eastern western northern southern central middle joint staff public federal "
    "world global first annual special common high law enforcement eu un us uk".split()
)


class Name(NamedTuple):
    """Adjacent words with capitals: ``said`` as written, ``keys`` to compare.

    ``head``: they are in the title or the first paragraph.  A tuple, since every release has a
    dozen of them.
    """

    said: str
    keys: tuple[str, ...]
    head: bool


def names(title: str, text: str, language: str | None) -> list[Name]:
    """Return the names of a release; ``language`` is a BCP 47 tag where known."""
    title, lead = title[:LEAD], text[:LEAD]
    if _has_capital_nouns(lead, language):
        return []
    found = _runs(lead, len(lead.partition("\n\n")[0]))
    titled = _runs(title, len(title))
    if titled and _in_title_case(title, titled):
        # A capital marks nothing there: what the text writes with one is a name.
        known = {key for name in found for key in name.keys}
        titled = [name._replace(keys=tuple(k for k in name.keys if k in known)) for name in titled]
    return (titled + found)[:_MANY]


def is_event(key: str) -> bool:
    """Whether a key names an institution or an event in two words, as ``nordic council`` does."""
    one, _, other = key.partition(" ")
    return one in _EVENTS or other in _EVENTS


def as_said(name: Name, keys: Collection[str]) -> str:
    """Return the part of a name that ``keys`` belong to, as it is written."""
    wanted = {part for key in keys for part in key.split()}
    words = _PARTS.split(name.said)
    places = [at for at, word in enumerate(words) if _folded(word.strip(",")) in wanted]
    return " ".join(words[places[0] : places[-1] + 1])[:60].strip(",") if places else name.said


def spelled_alike(one: str, other: str) -> bool:
    """Whether two names are one, corrected: long, with one first letter, one letter changed.

    "Geoanna" and "Geoană" are; "Austria" and "Australia", "Iran" and "Iraq" are not.
    """
    if one[:1] != other[:1] and one[:1].isascii() and other[:1].isascii():
        return False
    one, other = without_marks(one), without_marks(other)
    if one[:1] != other[:1] or min(len(one), len(other)) < 6 or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, other_rest = one[start:], other[start:]
    return rest[1:] == other_rest[1:] or rest[1:] == other_rest or rest == other_rest[1:]


def folded(word: str) -> str:
    """Return a word without case, accents and genitive, in which writers differ."""
    return without_marks(word.casefold().replace("’", "'").removesuffix("'s").rstrip("'"))


_folded = lru_cache(maxsize=20_000)(folded)


def _runs(text: str, head: int) -> list[Name]:
    """Return the runs of words with capitals; those before ``head`` are in the head.

    ``Oslo, Norway`` and ``Bosnia and Herzegovina`` are one run each: two words for one place prove
    no more than one.
    """
    found: list[Name] = []
    parts = _RUN.split(text)  # gaps and runs in turn
    at = 0
    joins = False
    for gap, said in zip(parts[::2], parts[1::2], strict=False):
        # Mostly a word and a space come before, which is quick to check.
        within = gap[-1:] == " " and gap[-2:-1].isalnum()
        keys = _keys_of(said, not within and _opens_sentence(gap, at))
        at += len(gap)
        if not keys:
            joins = False
        elif joins and gap in _JOINS and not _is_title(said):
            before = found[-1]
            found[-1] = Name(before.said + gap + said, before.keys + keys, before.head)
        else:
            joins = True
            found.append(Name(said, keys, at < head))
        at += len(said)
    return found


def _opens_sentence(gap: str, at: int) -> bool:
    """Whether what follows ``gap``, which begins ``at`` this place, begins a sentence."""
    before = gap.rstrip(" \u00a0'‘(")
    return before[-1] in _ENDS_SENTENCE if before else at == 0


def _is_title(said: str) -> bool:
    return _folded(said.partition(" ")[0]) in _OFFICES


@lru_cache(maxsize=20_000)
def _keys_of(said: str, opens: bool) -> tuple[str, ...]:
    """Return a key for each word that is a name, and for each two words that are one together.

    ``opens``: the first word opens a sentence and may have its capital for that reason.
    """
    words = _PARTS.split(said)
    if opens and not (len(words[0]) > 1 and words[0].isupper()):
        words = words[1:]
    keys: list[str] = []
    before, is_common = "", True
    for word in words:
        key = folded(word)
        if len(key) < 2 or key in _OFFICES:
            before = ""
            continue
        common = key in _COMMON
        if before:
            if not (common or is_common):
                keys.pop()  # "Jens" of "Jens Stoltenberg": there are others of that name
            keys.append(f"{before} {key}")
        if not common:
            keys.append(key)
        before, is_common = key, common
    return tuple(keys)


def _in_title_case(title: str, found: list[Name]) -> bool:
    spaces = title.count(" ")
    if spaces < 4 or 2 * sum(name.said.count(" ") + 1 for name in found) < spaces:
        return False
    long = [word for word in title.split()[1:] if len(word) > 3 and word[0].isalpha()]
    return len(long) > 3 and sum(word[0].isupper() for word in long) > 0.6 * len(long)


def _has_capital_nouns(text: str, language: str | None) -> bool:
    if language is not None:
        return language.partition("-")[0].casefold() in CAPITAL_NOUNS
    return all(word in text for word in _GERMAN)
