"""Every error that this program raises on purpose, with the exit code it leads to.

::

    AggregatorError
    ├── ConfigError      2   the configuration cannot be used
    ├── SourceError      1   one source, or one of its documents, failed; the others went on
    │   ├── FetchError       its bytes could not be retrieved
    │   └── ParseError       its bytes could not be parsed
    ├── StorageError     3
    │   ├── StoreError       the SQLite file failed
    │   └── OutputError      the folder of feeds failed
    └── ClusterError     3   the cluster that should work beside this process cannot be used

The text of an error is one line for the person who reads it, and names the source, the file and
the line or key concerned.  Exceptions of libraries are caught where the name of the source or file
is known, and raised again as one of these; nothing else is shown to a user as an error.
"""


class AggregatorError(Exception):
    """An error that is shown to the user in one line."""

    exit_code = 1


class ConfigError(AggregatorError):
    """The configuration cannot be used.  ``problems`` has a line for each fault."""

    exit_code = 2

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type["ConfigError"], tuple[str, ...]]:
        """Return how to build it again (pickle)."""
        return type(self), self.problems


class SourceError(AggregatorError):
    """One source, or one document of it, failed; ``source`` is its id."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem

    def __reduce__(self) -> tuple[type["SourceError"], tuple[str, str]]:
        """Return how to build it again, since it also comes from worker processes (pickle)."""
        return type(self), (self.source, self.problem)


class FetchError(SourceError):
    """The bytes of a document could not be retrieved."""


class ParseError(SourceError):
    """The bytes of a document are not valid in the format that they claim to have."""


class StorageError(AggregatorError):
    """The store or the output folder failed; no source is at fault."""

    exit_code = 3


class StoreError(StorageError):
    """The SQLite file failed: locked, full, read-only, corrupt, or of another program."""


class StoreChangedError(StoreError):
    """The store was written while it was read, where no lock could be held; a new try may do."""


class OutputError(StorageError):
    """The folder of feeds failed: full, read-only, or not a folder."""


class ClusterError(AggregatorError):
    """The cluster of ``[scale]`` cannot be reached, was lost, or has a worker of another version.

    What was stored until then stays.
    """

    exit_code = 3
