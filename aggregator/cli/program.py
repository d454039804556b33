"""The command ``aggregator``: its group of commands, and how errors leave it.

Takes the arguments of the process, runs one command and exits with its code.  Errors go to stderr,
one line each, never as a traceback.  Only click is imported here and in the command modules; each
command imports what it needs when it is called, so that ``--help`` answers at once.
"""

import sys

import click

from aggregator import __version__
from aggregator.cli import change, ingest, keep, look, opml
from aggregator.cli.terminal import PROG, drop_output, fail, fail_with

USAGE = 2


def main() -> None:
    """Run the command and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # Do not fail because of a character that the terminal cannot show.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(_run())


def _run() -> int:
    try:
        result = cli.main(prog_name=PROG, standalone_mode=False)
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
        return fail_with(error)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    default="config.toml",
    show_default=True,
    help="The configuration; relative paths in it start from its folder.",
)
@click.version_option(__version__, prog_name=PROG)
@click.pass_context
def cli(context: click.Context, config_file: str) -> None:
    """Turn press releases into feeds."""
    context.obj = config_file


for _family in (ingest, look, change, keep, opml):
    for _command in _family.COMMANDS:
        cli.add_command(_command)
