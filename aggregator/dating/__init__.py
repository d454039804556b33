"""When a release came out, how that is known, and how far it may be off.

``languages`` are the words, ``phrases`` finds which phrases are dates, ``evidence`` reads what each
says of the release, and ``choice`` chooses a day for every release of a list.
"""

VERSION = "1"
"""Increased whenever the same text, list or digest would result in other dates: the next run then
reads and dates again what earlier rules dated (``ingest.reread``)."""
