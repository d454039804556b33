"""Paths of requests, and the names of files below ``feeds/`` that they stand for.

Decides only whether a path can name a file that may be served; ``files`` looks whether the file is
there, and whether a link leads out of the folder.  Each file has one correct path: a path that
would have to be normalised names nothing.
"""

from urllib.parse import quote, unquote_to_bytes

MAX_TARGET = 8192
"""Bytes of path and query together; RFC 9110, section 4.1, asks for 8,000 at least."""


def file_name(path: bytes) -> str | None:
    """The name that ``path``, as sent, stands for: ``archive/nato-2024-01.atom``.

    None for encoded slashes, control characters, bytes that are not UTF-8, and for parts that are
    empty, begin with a dot (``..``, hidden and temporary files), or end with a dot or a space,
    which Windows drops.
    """
    if not path.startswith(b"/") or b"\\" in path or b"%2f" in path.lower():
        return None
    try:
        name = unquote_to_bytes(path[1:]).decode()
    except UnicodeDecodeError:
        return None
    if not name.isprintable() or "\\" in name:
        return None
    return name if all(_is_allowed(part) for part in name.split("/")) else None


def _is_allowed(part: str) -> bool:
    return bool(part) and part[0] != "." and part[-1] not in ". "


def path_of(name: str) -> bytes:
    """The correct path of a file: the inverse of ``file_name``."""
    return b"/" + quote(name).encode()


def below(path: bytes, prefix: bytes) -> bytes:
    """``path`` relative to ``prefix``, which begins and ends with a slash, if it is below it.

    A proxy may pass the path of ``base_url`` on, or remove it.
    """
    return path[len(prefix) - 1 :] if path.startswith(prefix) else path
