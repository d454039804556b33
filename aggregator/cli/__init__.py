"""The command ``aggregator``."""

from aggregator.cli.program import main

__all__ = ["main"]
