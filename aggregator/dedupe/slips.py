"""Tell a corrected slip from a template: one fact changed in a text that is otherwise equal.

Takes two releases as words; returns what was corrected, or None.  Anything that a series changes
from one release to the next is no slip: a number that names a thing, the day of what is planned, a
figure that is reported every month.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from aggregator.dedupe.align import shared_end, shared_start
from aggregator.dedupe.names import spelled_alike
from aggregator.dedupe.pair import Pair
from aggregator.dedupe.titles import Headed
from aggregator.dedupe.tokens import Words
from aggregator.dedupe.words import (
    PART_WORDS,
    as_written,
    content,
    is_label,
    kind,
    number_at,
)
from aggregator.model.normal_form import without_marks

# Words of a text for each place that was corrected: all but one in a hundred are equal.
_WORDS_A_PLACE = 100
_MOST_PLACES = 5
_MOST_WORDS = 3  # of a name
# A title with fewer words that carry meaning may be on every release of a series.
_TELLING_TITLE = 3
_RESPELLED = 0.6  # "Kiev" and "Kyiv", "Meyer" and "Maier"
_DATE = 6  # words that a date may have: "Tuesday, the 5th of March 2024"
_DAYS = frozenset(("day", "month", "year", "weekday"))
_LEAD, _LONG = 45, 200  # words: a notice of an event has its day in the lead
_SENTENCE = 25  # words before and after a day in which a verb is looked for

_SERIAL = frozenset(
    "daily weekly monthly quarterly annual yearly hourly täglich täglicher wöchentlich "
    "wöchentlicher monatlich monatlicher wochenbericht monatsbericht tagesbericht quartal "
    "quotidien quotidienne hebdomadaire mensuel mensuelle trimestriel trimestrielle annuel "
    "annuelle diario diaria semanal mensual trimestral anual giornaliero settimanale mensile "
    "trimestrale annuale dagelijks dagelijkse wekelijks wekelijkse maandelijks maandelijkse "
    "bulletin update index outlook forecast situation lottery draw".split()
)
# Words before a number that names a thing.
_LABELS = PART_WORDS | frozenset(
    "model type district ward sector region battalion regiment brigade bezirk arrondissement "
    "distrito distretto wijk circular flight room highway route road gate unit zone line bus "
    "tram class category lane pier nummer numéro numero número teil partie parte deel kapitel "
    "chapitre capítulo capitolo hoofdstuk band tome tomo folge épisode episodio aflevering "
    "ausgabe édition edición edizione editie sitzung séance sesión seduta zitting rundschreiben "
    "circulaire circolare omzendbrief bericht rapport informe relazione boletín bollettino avis "
    "aviso avviso woche semaine semana settimana tag jour día giorno dag los fase etapa artikel "
    "artículo articolo autobahn straße linie ligne línea linea lijn zona".split()
)
_SERIAL_PASSAGE = frozenset(
    "cases toll rises rose rate prices fälle cas casos casi gevallen 24 hours month months week "
    "weeks quarter yesterday monat woche quartal stunden mois semaine trimestre heures mes "
    "semana horas mese settimana ore maand kwartaal".split()
)
_ORDINALS = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
)
# A day in a sentence with one of these is ahead, or comes round again.
_AHEAD = frozenset(
    "will shall must next every each until till meets takes invites invited scheduled planned "
    "expected deadline wird werden soll findet tagt nächste nächsten jeden aura auront sera "
    "seront prochain prochaine chaque jusqu'au tiendra será serán tendrá próximo próxima cada "
    "hasta sarà saranno avrà prossimo prossima ogni entro zal zullen wordt vindt komt volgende "
    "elke".split()
)
_NOTICES = _SERIAL | frozenset(
    "notice notices advisory advisories sitting session meeting briefing conference agenda "
    "closure hearing schedule calendar bekanntmachung hinweis sitzung termin termine tagung "
    "avis réunion séance aviso sesión reunión convocatoria avviso seduta riunione convocazione "
    "bericht vergadering zitting".split()
)
_PAST = frozenset(
    "fled sold bought paid spoke saw ran brought sent stole shot was were had said told took "
    "met held came went gave began found left won made wurde wurden hat haben war waren été "
    "s'est ont était fue fueron ha han hanno era erano stato stata stati werd werden heeft "
    "hebben".split()
)
_PAST_ENDINGS = ("ed", "ó", "aron", "ieron", "é", "ée", "és", "ées")

_Change = tuple[range, range]


def corrected(pair: Pair) -> str | None:
    """Return the one fact in which two whole texts differ, in words, if it was corrected."""
    one, other = pair.one, pair.other
    if pair.days_apart > 1 or len(one.body) < _WORDS_A_PLACE:
        return None
    changes = _changes(one.body, other.body)
    if not changes:
        return None
    titled = _changes(one.title, other.title)
    if titled is None or len(titled) > 1 or len(set(content(one.title))) < _TELLING_TITLE:
        return None
    if not ((not titled and _is_day(pair, changes)) or _is_one_fact(pair, changes, titled)):
        return None
    here, there = changes[0][0], changes[0][1]
    return f"'{as_written(one.body, here)}' against '{as_written(other.body, there)}'"


def _is_one_fact(pair: Pair, changes: Sequence[_Change], titled: Sequence[_Change]) -> bool:
    """Whether one figure was corrected in title and text, or one name in the text."""
    if len(pair.one.body) < _WORDS_A_PLACE * len(changes):
        return False
    places = [(pair.one.body, pair.other.body, change) for change in changes]
    places += [(pair.one.title, pair.other.title, change) for change in titled]
    if len({_fact(*place) for place in places}) > 1:
        return False
    if all(_is_figure(pair, *place) for place in places):
        return True
    return not titled and all(_is_respelled(pair, *place) for place in places)


def _changes(one: Words, other: Words) -> list[_Change] | None:
    """Return the places in which two texts differ; None if these are too many to be one slip."""
    if abs(len(one) - len(other)) > 1:
        return None
    if len(one) != len(other):
        start = shared_start(one.keys, other.keys)
        end = shared_end(one.keys, other.keys, start)
        change = range(start, len(one) - end), range(start, len(other) - end)
        is_short = all(0 < len(side) <= _MOST_WORDS for side in change)
        return [change] if is_short else None
    differing = []
    for at, (key, key_there) in enumerate(zip(one.keys, other.keys, strict=True)):
        if key != key_there:
            differing.append(at)
            if len(differing) > _MOST_PLACES * _MOST_WORDS:
                return None
    starts = [at for before, at in pairwise([-2, *differing]) if at != before + 1]
    ends = [at for at, after in pairwise([*differing, len(one) + 1]) if after != at + 1]
    spans = [range(start, end + 1) for start, end in zip(starts, ends, strict=True)]
    if len(spans) > _MOST_PLACES or any(len(span) > _MOST_WORDS for span in spans):
        return None
    return [(span, span) for span in spans]


def _fact(one: Words, other: Words, change: _Change) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(number_at(text, at) or text.keys[at] for at in side)
        for text, side in zip((one, other), change, strict=True)
    )


def _is_figure(pair: Pair, one: Words, other: Words, change: _Change) -> bool:
    """Whether a count was corrected that is not one of a series."""
    if any(len(side) != 1 for side in change) or not _SERIAL.isdisjoint(pair.one.title.keys):
        return False
    for text, head, side in zip((one, other), (pair.one, pair.other), change, strict=True):
        at = side[0]
        if kind(text, at, head.use) != "number" or not _is_count(text, at):
            return False
        if not _SERIAL_PASSAGE.isdisjoint(text.keys[max(0, at - 12) : at + 12]):
            return False
    return True


def _is_count(text: Words, at: int) -> bool:
    """Whether a number counts or measures ("87 people"), and names nothing ("17. Sitzung")."""
    raw, before = text.raws[at], text.raws[at - 1] if at else ""
    if not (raw[-1].isdigit() or raw.isalpha()) or text.keys[at] in _ORDINALS:
        return False
    follows = text.gaps[at + 1] if at + 1 < len(text) else ""
    if before.casefold() in _LABELS or follows.startswith(". "):
        return False
    if not is_label(text, at):
        return True
    opens = at == 0 or text.gaps[at].strip() != ""
    return (opens or before.islower()) and follows == " " and text.keys[at + 1].isalpha()


def _is_day(pair: Pair, changes: Sequence[_Change]) -> bool:
    """Whether one date was corrected, and is not the day of the next event of a series.

    That is a date of what has happened, or one further down in a long text that is not a notice.
    """
    (start, _), (end, _) = changes[0], changes[-1]
    if end[-1] - start[0] >= _DATE or any(len(here) != len(there) for here, there in changes):
        return False
    places = [(one, other) for change in changes for one, other in zip(*change, strict=True)]
    for one, other in places:
        sort = kind(pair.one.body, one, pair.one.use)
        if sort not in _DAYS or sort != kind(pair.other.body, other, pair.other.use):
            return False
        days = pair.one.body.keys[one], pair.other.body.keys[other]
        is_number = sort == "day" and all(map(str.isdecimal, days))
        if is_number and len(places) == 1 and (int(days[0]) - int(days[1])) % 7 == 0:
            return False  # the same weekday, some weeks later
    if _is_aside(pair, start[0]):
        return True
    return all(_has_happened(_sentence(head.body, start[0])) for head in (pair.one, pair.other))


def _is_aside(pair: Pair, at: int) -> bool:
    """Whether a place is not where a notice names the event that it is of."""
    is_notice = not _NOTICES.isdisjoint(pair.one.title.keys)
    return at > _LEAD and len(pair.one.body) >= _LONG and not is_notice


def _has_happened(sentence: Sequence[str]) -> bool:
    if not _AHEAD.isdisjoint(sentence):
        return False
    told = not _PAST.isdisjoint(sentence) or any(w.endswith(_PAST_ENDINGS) for w in sentence)
    return told or len(sentence) <= _DATE  # the date that a letter or a release begins with


def _is_respelled(pair: Pair, one: Words, other: Words, change: _Change) -> bool:
    """Whether a name was spelled otherwise, or one name of the text put in another's place."""
    here, there = change
    words, words_there = [one.keys[at] for at in here], [other.keys[at] for at in there]
    if not all(_is_name(one, at, pair.one) for at in here):
        return False
    if not all(_is_name(other, at, pair.other) for at in there):
        return False
    if _knows(pair.other, words) and _knows(pair.one, words_there):
        return True
    if len(words) != len(words_there):
        return _likeness("".join(words), "".join(words_there)) >= 0.8
    planned = not _AHEAD.isdisjoint(_sentence(one, here[0])) and not _is_aside(pair, here[0])
    return all(
        spelled_alike(word, word_there)
        or word == word_there
        or (not planned and _likeness(word, word_there) >= _RESPELLED)
        for word, word_there in zip(words, words_there, strict=True)
    )


def _is_name(text: Words, at: int, head: Headed) -> bool:
    return kind(text, at, head.use) in ("name", "perhaps") and text.keys[at].isalpha()


def _knows(release: Headed, words: Sequence[str]) -> bool:
    return all(map(release.use.count, words))


def _likeness(word: str, other: str) -> float:
    return SequenceMatcher(None, without_marks(word), without_marks(other)).ratio()


def _sentence(text: Words, at: int) -> Sequence[str]:
    """Return the words of the sentence around a place, within bounds."""
    start, end = at, at + 1
    while start > max(0, at - _SENTENCE) and not _ends(text, start):
        start -= 1
    while end < min(len(text), at + _SENTENCE) and not _ends(text, end):
        end += 1
    return text.keys[start:end]


def _ends(text: Words, at: int) -> bool:
    """Whether a sentence ends before a place; not in "5. März" or "U.S. Army"."""
    gap = text.gaps[at]
    if "\n\n" in gap:
        return True
    return any(sign in gap for sign in ".!?") and len(text.keys[at - 1]) > 2
