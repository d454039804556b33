"""The reference of the configuration agrees with the declaration of its keys."""

import re

import pytest

from aggregator.config import load
from tests.support.project import ROOT
from tools.configuration import DOCUMENT, reference


def test_reference_lists_every_key_as_declared() -> None:
    """The tables of ``docs/configuration.md`` are those that the tool writes."""
    document = DOCUMENT.read_text(encoding="utf-8")
    assert reference(document) == document, (
        "run `python -m tools.configuration` in the root of the project"
    )


def test_tables_are_written_in_their_places() -> None:
    """A table that is out of date is replaced; the text around it stays."""
    document = DOCUMENT.read_text(encoding="utf-8")
    assert reference(document.replace("| `title` |", "| `titel` |")) == document


def test_a_table_without_a_place_is_reported() -> None:
    """A new table of the configuration cannot be missing in the reference."""
    document = DOCUMENT.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape("[fetch]")):
        reference(document.replace("<!-- keys of [fetch] -->\n", ""))


def test_examples_of_the_reference_load(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each example of ``docs/configuration.md`` is a valid configuration."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        file = tmp_path_factory.mktemp("example") / "config.toml"
        file.write_text(example, encoding="utf-8")
        assert load(file)
