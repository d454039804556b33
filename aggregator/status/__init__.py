"""What the commands say: the shapes of ``--json``, and the same for people.

Pure: takes what the store or a run gave, gives plain objects or lines.  Times are RFC 3339 in UTC
in JSON, and days with minutes for people.
"""
