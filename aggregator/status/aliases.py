"""Which agencies may be one under two names, and what to write into the configuration for that.

Takes the agencies of the store and the configured ones.  Names are compared by their words, one
slip in a long word, and their initials; each has a few forms that are looked up, so that the time
grows with the number of agencies.
"""

from collections.abc import Iterator, Sequence

from aggregator.config.append import toml_string
from aggregator.model import Agency
from aggregator.normalise.agency import name_key
from aggregator.status.layout import Json

_Form = tuple[str, ...]
_SMALL_WORDS = frozenset("a of the and for in on to de la du des et und der die das y".split())
_LONG_FORMS = {"us": "united states", "usa": "united states", "uk": "united kingdom"}
_LONG_WORD = 7  # letters; shorter ones that differ in one are often two words
_FEWEST_INITIALS = 3


def alias_proposals(agencies: Sequence[Agency], configured: Sequence[Agency]) -> list[Json]:
    """Return what may be aliases, by agency, each with its reason and the TOML to paste.

    ``agencies`` are those of the store, the one with the most entries first.
    """
    known = {agency.id: agency for agency in configured}
    forms: dict[_Form, Agency] = {}
    wanted: dict[str, list[tuple[Agency, str]]] = {}
    for agency in sorted(agencies, key=lambda agency: not agency.configured):
        own = list(_forms(known.get(agency.id, agency)))
        near = [(forms[sought], why) for _, sought, why in own if sought in forms]
        if near and not agency.configured:
            target, reason = near[0]
            wanted.setdefault(target.id, []).append((agency, reason))
        else:
            for form, _, _ in own:
                forms.setdefault(form, agency)
    by_id = {agency.id: agency for agency in agencies} | known
    return [_proposal(by_id[target], found) for target, found in wanted.items()]


def proposal_lines(proposals: Sequence[Json]) -> Iterator[str]:
    """Return the proposals for people, with the lines to paste."""
    for proposal in proposals:
        for alias in proposal["aliases"]:
            yield f"{alias['name']} may be {proposal['name']}: {alias['reason']}"
        yield from (f"  {line}" for line in str(proposal["toml"]).splitlines())


def _proposal(target: Agency, found: Sequence[tuple[Agency, str]]) -> Json:
    names = [*target.aliases, *(agency.name for agency, _ in found)]
    aliases = f"aliases = [{', '.join(map(toml_string, names))}]"
    head = ["[[agencies]]", f"id = {toml_string(target.id)}", f"name = {toml_string(target.name)}"]
    if target.configured:
        head = [f"# in the table of {toml_string(target.id)}, in place of its aliases"]
    return {
        "agency": target.id,
        "name": target.name,
        "aliases": [
            {"agency": agency.id, "name": agency.name, "reason": why} for agency, why in found
        ],
        "toml": "\n".join([*head, aliases]),
    }


def _forms(agency: Agency) -> Iterator[tuple[_Form, _Form, str]]:
    """Yield forms of the names of an agency, that under which another has to be known, and why."""
    for name in (agency.name, *agency.aliases):
        words = [part for word in name_key(name).split() for part in _long(word)]
        telling = [word for word in words if word not in _SMALL_WORDS]
        yield from _both(("words", *sorted(telling)), "it has the same words")
        yield from _both(("letters", "".join(words)), "it has the same letters")
        if len(words) == 1 and len(words[0]) >= _FEWEST_INITIALS:
            yield ("short", words[0]), ("long", words[0]), "it has the initials of the other"
        for some in (words, telling):
            if len(some) >= _FEWEST_INITIALS:
                first = "".join(word[0] for word in some)
                yield ("long", first), ("short", first), "the other has its initials"
        for n, word in enumerate(words):
            if len(word) >= _LONG_WORD and word.isalpha():
                for cut in range(len(word) + 1):
                    slip = word[:cut] + word[cut + 1 :]
                    form = ("slip", *words[:n], slip, *words[n + 1 :])
                    yield from _both(form, "one letter differs")


def _both(form: _Form, reason: str) -> Iterator[tuple[_Form, _Form, str]]:
    yield form, form, reason


def _long(word: str) -> list[str]:
    return _LONG_FORMS.get(word, word).split()
