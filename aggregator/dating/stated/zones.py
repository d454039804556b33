"""The time zones that dates name.

``utc_of`` takes a local time, the zone as written and that of the source; returns the time in UTC,
or None where the zone is unknown.

Some names are those of several zones.  A source's own zone is asked first, so that ``IST`` is
Irish time for ``timezone = "Europe/Dublin"``; else they are: ``IST`` India (not Ireland or Israel),
``BST`` British summer (not Bangladesh), ``CST`` and ``CDT`` North America (not China or Cuba),
``AST`` and ``ADT`` the Atlantic (not Arabia), ``GST`` the Gulf (not South Georgia), ``SST`` Samoa
(not Singapore), ``AMT`` Armenia (not the Amazon), ``ECT`` Ecuador.  ``ET``, ``CT``, ``MT`` and
``PT`` have the daylight time of the United States.  The letters of the military other than ``Z``
are unknown, since RFC 822 had them the wrong way round (RFC 5322, section 4.3).
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

_HOURS = {
    -10: "hst", -9: "akst hdt", -8: "pst akdt", -7: "mst pdt", -6: "cst mdt",
    -5: "est cdt cot pet ect", -4: "edt ast clt vet bot", -3: "adt brt art uyt clst gft pmst",
    -2: "brst pmdt fnt", -1: "azot egt", 0: "z gmt utc ut uct wet zulu",
    1: "cet met mez west wat bst", 2: "cest mest mesz eet sast cat ",
    3: "eest msk \u043c\u0441\u043a trt eat", 4: "gst msd samt azt amt mut",
    5: "pkt uzt tjt yekt mvt", 6: "bdt kgt almt omst btt", 7: "ict wib krat novt",
    8: "sgt myt hkt pht awst wita irkt", 9: "jst kst wit yakt", 10: "aest chst vlat pgt",
    11: "aedt sakt nct sbt", 12: "nzst fjt pett", 13: "nzdt", -11: "sst",
}  # fmt: skip
FIXED = {
    **{name: hours * 60 for hours, names in _HOURS.items() for name in names.split()},
    **{"ist": 330, "npt": 345, "mmt": 390, "acst": 570, "acdt": 630},
    **{"nst": -210, "ndt": -150, "irst": 210, "aft": 270, "chast": 765, "chadt": 825},
}
"""Minutes ahead of UTC, by names in lower case."""

_NORTH_AMERICAN = {"et": -300, "ct": -360, "mt": -420, "pt": -480}
_IN_WORDS = {
    "eastern": "e", "central": "c", "mountain": "m", "pacific": "p", "atlantic": "a",
    "central european": "ce", "eastern european": "ee", "western european": "we",
    "british": "b", "japan": "j", "india": "i", "greenwich mean": "gm",
}  # fmt: skip
_KINDS = {"standard": "st", "daylight": "dt", "summer": "st", None: "t"}
_WORDS = re.compile(rf"({'|'.join(_IN_WORDS)})(?: (standard|daylight|summer))? time")
_OFFSET = re.compile(
    r"(?:(?:utc|gmt)\s?)?([+-])(\d{1,2})(?::?([0-5]\d))?(?:\s?\(?(?:utc|gmt|z)\)?)?"
)
_COMMENT = re.compile(r"(?<=\d)\s?(?:\([^()]*\)|\[[^\[\]]*\])$|(?<=[+-]\d{4}) [a-z]{1,5}$")


def utc_of(local: datetime, written: str, own: tzinfo | None) -> datetime | None:
    """Return ``local``, a time without a zone, in UTC.

    ``written`` names its zone in lower case, and ``own`` is that of its source.
    """
    try:
        if not written:
            return local.replace(tzinfo=own or UTC).astimezone(UTC)
        ahead = _minutes_ahead(local, _COMMENT.sub("", written).strip("()[] "), own)
        return None if ahead is None else (local - timedelta(minutes=ahead)).replace(tzinfo=UTC)
    except OverflowError:  # within a day of the first or last possible time
        return None


def is_zone(written: str) -> bool:
    """Return whether a text is the name of a zone, which may be a word of other languages too."""
    name = written.strip("()[] ")
    return name in FIXED or name in _NORTH_AMERICAN


def _minutes_ahead(local: datetime, written: str, own: tzinfo | None) -> int | None:
    offset = _OFFSET.fullmatch(written)
    if offset is not None:
        ahead = int(offset[2]) * 60 + int(offset[3] or 0)
        return (ahead if offset[1] == "+" else -ahead) if ahead <= 14 * 60 else None
    if (words := _WORDS.fullmatch(written)) is not None:
        european = words[1].endswith("european")
        kind = "t" if european and words[2] == "standard" else _KINDS[words[2]]
        written = _IN_WORDS[words[1]] + kind
    if own is not None and (at := local.replace(tzinfo=own)).tzname():
        for season in (at, at.replace(month=1, day=1), at.replace(month=7, day=1)):
            if (season.tzname() or "").lower() == written:
                return int((season.utcoffset() or timedelta()) / timedelta(minutes=1))
    if written in _NORTH_AMERICAN:
        return _NORTH_AMERICAN[written] + 60 * _is_daylight(local)
    return FIXED.get(written)


def _is_daylight(local: datetime) -> bool:
    """Return whether the United States have daylight time: by the rules since 2007 and 1987."""
    start, end = ((3, 14), (11, 7)) if local.year >= 2007 else ((4, 7), (10, 31))
    begins, ends = (_sunday_by(date(local.year, *day)) for day in (start, end))
    return begins <= local - timedelta(hours=2) < ends


def _sunday_by(last: date) -> datetime:
    """Return the Sunday in the week that ends with ``last``."""
    return datetime(last.year, last.month, last.day) - timedelta(days=(last.weekday() + 1) % 7)
