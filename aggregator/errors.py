"""Every error this program raises on purpose, and the exit code each one ends in.

::

    AggregatorError
    ├── ConfigError      2   the configuration cannot be used
    ├── SourceError      1   one source, or one of its documents, failed; the others went on
    │   ├── FetchError       its bytes could not be had
    │   └── ParseError       its bytes make no sense
    └── StorageError     3
        ├── StoreError       the SQLite file failed
        └── OutputError      the folder of feeds failed

The text of an error is one line for the person who reads it, and names the source, the file and
the line or key concerned.  Nothing else in this package is shown to a user as an error: whatever
is raised further down is caught once, at the edge that knows the name, and raised again as one of
these.
"""


class AggregatorError(Exception):
    """Something a person has to be told, in one line."""

    exit_code = 1


class ConfigError(AggregatorError):
    """The configuration cannot be used.  ``problems`` holds a line for each thing wrong with it."""

    exit_code = 2

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SourceError(AggregatorError):
    """One source, or one document of it, failed; ``source`` is its id."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem

    def __reduce__(self) -> tuple[type["SourceError"], tuple[str, str]]:
        """What it is made from, for it also comes from another process."""
        return type(self), (self.source, self.problem)


class FetchError(SourceError):
    """A document's bytes could not be had."""


class ParseError(SourceError):
    """A document's bytes make no sense as what they claim to be."""


class StorageError(AggregatorError):
    """The place where results are kept failed; the sources are not at fault."""

    exit_code = 3


class StoreError(StorageError):
    """The SQLite file failed: locked, full, read-only, corrupt, or not ours."""


class OutputError(StorageError):
    """The folder of feeds failed: full, read-only, or not a folder."""
