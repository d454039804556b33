"""From the path of a request to the name of a file below ``feeds/``, or to nothing.

Says only whether a path can be the name of something we serve; whether there is such a file, and
whether a link leads out of the folder, is ``files``' business.  A path has one spelling that is
right: whatever needs to be tidied up first names nothing.
"""

from urllib.parse import quote, unquote_to_bytes

LONGEST_TARGET = 8192
"""In bytes, path and query together; RFC 9110, section 4.1, asks for 8,000 at least."""


def file_name(path: bytes) -> str | None:
    """The name that ``path``, as sent, stands for: ``archive/nato-2024-01.atom``.

    None for what cannot be one: parts that are empty or begin with a dot (``..``, hidden files,
    and the temporary ones of ``publish``) or that end with a dot or a space, which Windows drops;
    slashes in disguise, control characters, and bytes that are not UTF-8.
    """
    if not path.startswith(b"/") or b"\\" in path or b"%2f" in path.lower():
        return None
    try:
        name = unquote_to_bytes(path[1:]).decode()
    except UnicodeDecodeError:
        return None
    if not name.isprintable() or "\\" in name:
        return None
    return name if all(_can_be_served(part) for part in name.split("/")) else None


def _can_be_served(part: str) -> bool:
    return bool(part) and part[0] != "." and part[-1] not in ". "


def target_of(name: str) -> bytes:
    """The one right path of a file: the inverse of ``file_name``."""
    return b"/" + quote(name).encode()


def below(path: bytes, prefix: bytes) -> bytes:
    """``path`` as seen from ``prefix``, which begins and ends with a slash, if it lies there.

    A proxy may pass the path of ``base_url`` on, or take it away.
    """
    return path[len(prefix) - 1 :] if path.startswith(prefix) else path
