"""The command ``aggregator``."""

from aggregator.cli.commands import main

__all__ = ["main"]
