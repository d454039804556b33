"""The command ``aggregator``: its group of commands, and how errors leave it.

Takes the arguments of the process, runs one command and exits with its code.  Errors go to stderr,
one line each, never as a traceback.  Only click is imported here and in the command modules; each
command imports what it needs when it is called, so that ``--help`` answers at once.
"""

import os
import sys

import click

from aggregator import __version__
from aggregator.cli import begin, change, ingest, keep, look, opml
from aggregator.cli.options import Common, common_options
from aggregator.cli.terminal import PROG, drop_output, fail, fail_with

USAGE = 2


def main() -> None:
    """Run the command and exit with its code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the caller has closed it, as `>&-` does
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))
        # Do not fail because of a character that the terminal cannot show.
        getattr(sys, name).reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _run() -> int:
    given = Common()
    try:
        result = cli.main(prog_name=PROG, standalone_mode=False, obj=given)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return USAGE
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else PROG
        return fail(f"{error.format_message()} (see '{where} --help')", USAGE)
    except click.ClickException as error:
        return fail(error.format_message(), USAGE)
    except (click.Abort, KeyboardInterrupt):
        return fail("stopped", 130)
    except BrokenPipeError:
        drop_output()  # the reader of our output has closed the pipe
        return 0
    except Exception as error:
        return fail_with(error, show_place=given.verbose)


class _Group(click.Group):
    """A group that lists its commands in the order in which they were added, that of their use."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name=PROG)
def cli() -> None:
    """Turn press releases into feeds."""


cli.params[:0] = common_options()
for _family in (begin, ingest, look, change, keep, opml):
    for _command in _family.COMMANDS:
        _command.params += common_options()
        cli.add_command(_command)
