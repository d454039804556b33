"""Write the manual page and the shell completions from the commands.

``python -m tools.manual`` writes ``docs/aggregator.1``, in the macros of man(7), and the scripts in
``deploy/completions/``, below the current folder.  The same commands make the same bytes: there is
no date in them, and nothing of the machine.
"""

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from aggregator import __version__
from aggregator.cli.program import cli
from aggregator.cli.terminal import PROG, fail_with, print_lines
from aggregator.errors import OutputError
from aggregator.output.files import prepare, publish

PAGE = "docs/aggregator.1"

_SHELLS: dict[str, type[ShellComplete]] = {
    # Each shell finds the script by this name in the folder that it searches.
    "_aggregator": ZshComplete,
    "aggregator.bash": BashComplete,
    "aggregator.fish": FishComplete,
}

_ABOUT = """
Aggregator reads press releases from plain-text digests, from files or the web, and from RSS, Atom
and JSON feeds. It keeps every release once in a SQLite file, and writes feeds: one for each
agency, one of them all, and one for each saved search.

A configuration file names what is read, and where it goes. Relative paths in it start from
its folder. `aggregator check` shows what it resolves to.
"""

_EXIT_STATUS = (
    ("0", "Done."),
    ("1", "Done, but at least one source failed, or something was found wrong; the rest was done."),
    ("2", "Bad usage or configuration."),
    ("3", "The store or the folder of feeds failed."),
)

_SIGNALS = (
    ("SIGTERM, SIGINT", "`run` finishes the document in hand and stops, within 10 seconds."),
    (
        "SIGHUP",
        "`run` reads its configuration again; a wrong one is reported, and not used.",
    ),
)

_ENVIRONMENT = (
    ("AGGREGATOR_DEBUG", "If set, an internal error shows where it happened, as with `-v`."),
    ("AGGREGATOR_QUIET", "If set, the daemon logs only warnings and errors, as with `-q`."),
    (
        "NOTIFY_SOCKET, WATCHDOG_USEC",
        "Set by systemd. `run` reports its state and that it is alive; see sd_notify(3).",
    ),
)

_FILES = (
    ("config.toml", "The configuration, unless `--config` names another file."),
    ("aggregator.db", "The store, a SQLite file; `store` in the configuration names another."),
    ("feeds/", "What is written, to be served or read; `output` names another folder."),
)

_EXAMPLES = (
    ("aggregator once", "Read every source now, and rewrite the feeds that changed."),
    ("aggregator entries --agency nato --since 2023-12-01", "List what NATO published since then."),
    ("aggregator backup /var/backups/aggregator.db", "Copy the store, even while `run` runs."),
)

_LINE = 90  # characters of a line of source


def main() -> int:
    """Write the files below the current folder; return the exit code."""
    try:
        for name, text in files().items():
            path = Path(name)
            prepare(path.parent)
            print_lines([f"{name}: {'written' if publish(path, text.encode()) else 'unchanged'}"])
    except OutputError as error:
        return fail_with(error)
    return 0


def files() -> dict[str, str]:
    """Return the text of each file, by its path from the root of the project."""
    scripts = {f"deploy/completions/{name}": _completion(shell) for name, shell in _SHELLS.items()}
    return {PAGE: page(cli), **scripts}


def _completion(shell: type[ShellComplete]) -> str:
    """Return the script of a shell; it asks the program for suggestions.

    Not from ``source()``, which for bash depends on the bash of this machine.
    """
    script = shell(cli, {}, PROG, f"_{PROG.upper()}_COMPLETE")
    return script.source_template % script.source_vars()


def page(program: click.Group) -> str:
    """Return the manual page of ``program`` in the macros of man(7), in ASCII."""
    lines = [
        r".\" Made by `python -m tools.manual` from the commands; do not edit.",
        f'.TH {PROG.upper()} 1 "" "{PROG} {escaped(__version__)}" "User Commands"',
        *_section("NAME", [f"{PROG} \\- {escaped(_first_of(program).rstrip('.').lower())}"]),
        *_section("SYNOPSIS", [_usage(PROG, program)]),
        *_section("DESCRIPTION", _paragraphs(_ABOUT)),
        *_section("OPTIONS", [*_options(program), *_help_option(program)]),
        *_section("COMMANDS", _commands(program)),
        *_section("EXIT STATUS", _list(_EXIT_STATUS)),
        *_section("SIGNALS", _list(_SIGNALS)),
        *_section("ENVIRONMENT", _list(_ENVIRONMENT)),
        *_section("FILES", _list(_FILES)),
        *_section("EXAMPLES", _list(_EXAMPLES)),
        *_section("SEE ALSO", [".BR systemd.service (5),", ".BR sqlite3 (1)"]),
    ]
    return "\n".join(lines) + "\n"


def _first_of(command: click.Command) -> str:
    return (command.help or "").partition("\n\n")[0]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [f".SH {title}", *lines]


def _commands(program: click.Group) -> Iterator[str]:
    for name, command in sorted(program.commands.items()):
        if not command.hidden:
            yield f".SS {_usage(name, command)}"
            yield from _paragraphs(command.help or "")
            yield from _options(command)


def _usage(name: str, command: click.Command) -> str:
    """Return one line: the name in bold, options in brackets, values slanted."""
    parts = [_bold(name)]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            if not parameter.hidden and not parameter.is_eager:
                more = r"\&..." if parameter.multiple else ""
                parts.append(f"[{_spelled(parameter, parameter.opts[-1:])}]{more}")
        else:
            many = r"\&..." if parameter.nargs < 0 else ""
            value = _slanted(_metavar(parameter)) + many
            parts.append(value if parameter.required else f"[{value}]")
    if isinstance(command, click.Group):
        parts += [_slanted("COMMAND"), r"[\&...]"]
    return " ".join(parts)


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            yield ".TP"
            yield _spelled(parameter, parameter.opts)
            yield _prose(f"{parameter.help or ''} {_default(parameter)}") or r"\&"


def _help_option(program: click.Group) -> list[str]:
    names = program.context_settings.get("help_option_names", ["--help"])
    says = "Show the options of the program, or of the command before it."
    return [".TP", ", ".join(map(_bold, names)), _prose(says)]


def _spelled(option: click.Option, names: Iterable[str]) -> str:
    """``-x, --example VALUE``."""
    value = "" if option.is_flag or option.count else f" {_slanted(_metavar(option))}"
    return ", ".join(map(_bold, names)) + value


def _metavar(parameter: click.Parameter) -> str:
    return parameter.metavar or (parameter.name or "value").upper()


def _default(option: click.Option) -> str:
    return f"Default: `{option.default}`." if option.show_default is True else ""


def _list(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", _bold(term), _prose(text))


def _paragraphs(text: str) -> Iterator[str]:
    r"""Return the paragraphs of a help text: ``\f`` ends it, ``\b`` keeps lines as they are."""
    for number, paragraph in enumerate(text.partition("\f")[0].strip().split("\n\n")):
        if number:
            yield ".PP"
        if paragraph.startswith("\b"):
            yield from (".nf", *map(_prose, paragraph.splitlines()[1:]), ".fi")
        else:
            yield _prose(paragraph)


def _prose(text: str) -> str:
    """Return running text, with text in backticks in bold."""
    filled = textwrap.fill(
        " ".join(text.split()), _LINE, break_long_words=False, break_on_hyphens=False
    )
    marked = re.sub(
        r"`+([^`]+)`+|[^`]+|`",
        lambda found: _bold(found[1]) if found[1] else escaped(found[0]),
        filled,
    )
    # A line that begins with a dot would be a request.
    return "\n".join(rf"\&{line}" if line.startswith(".") else line for line in marked.split("\n"))


def _bold(text: str) -> str:
    return rf"\fB{escaped(text)}\fR"


def _slanted(text: str) -> str:
    return rf"\fI{escaped(text)}\fR"


SPECIAL = {
    "\\": r"\e",
    "-": r"\-",  # a plain one may be shown as a hyphen, which no shell reads as an option
    "'": r"\(aq",
    '"': r"\(dq",
    "`": r"\(ga",
    "^": r"\(ha",
    "~": r"\(ti",
}
"""Characters that roff replaces by others, and their escapes (groff_char(7))."""


def escaped(text: str) -> str:
    """Return ``text`` escaped so that roff shows it as it is, in ASCII."""
    return "".join(SPECIAL.get(sign) or _ascii(sign) for sign in text)


def _ascii(sign: str) -> str:
    return sign if sign.isascii() else rf"\[u{ord(sign):04X}]"


if __name__ == "__main__":
    sys.exit(main())
