"""Headers of digests as people write them: each is read, or reported with its line.

``HEADERS`` are ways to write a title and its source line.  Each is tried in all blocks of a digest
and in one of them, with agencies that are configured and with others.
"""

from itertools import product

import pytest

from aggregator.errors import ParseError
from aggregator.model import Parsed
from aggregator.parse.digest import MOST_DOUBTS, parse
from tests.support.project import document

TITLES = (
    "Harbour drill ends in heavy fog",
    "Forged notes seized in three ports",
    "Herring fleet comes home early",
    "Ministers agree on a common list",
)
NAMES = ("NATO", "Europol", "INTERPOL", "NATO")
KNOWN = frozenset(NAMES)
BODY = "It took until the morning. Nobody was hurt.\n\nThe second paragraph ends here."

EXACT = "{title}\n\nSource: {name}\n\n"

READ = [
    "{title}\n\nSOURCE: {name}\n\n",
    "{title}\n\nsource: {name}\n\n",
    "{title}\n\nsOuRcE: {name}\n\n",
    "{title}\n\nSource:{name}\n\n",
    "{title}\n\nSource :{name}\n\n",
    "{title}\n\nSource : {name}\n\n",
    "{title}\n\nSource\xa0: {name}\n\n",
    "{title}\n\nSource\u202f: {name}\n\n",
    "{title}\n\nSource   :   {name}\n\n",
    "{title}\n\n Source: {name}\n\n",
    "{title}\n\n\xa0Source: {name}\n\n",
    "{title}\n\n\u200bSource: {name}\n\n",
    "{title}\n\n\ufeffSource: {name}\n\n",
    "{title}\n\n\u2009Source: {name}\n\n",
    "{title}\n\nSource:\t{name}\n\n",
    "{title}\n\nSource\t: {name}\n\n",
    "{title}\n\nSource: {name}   \n\n",
    "{title}\n\nSource: {name}\t\n\n",
    "{title}\n\nSource: {name}\xa0\n\n",
    "{title}\n\nSource：{name}\n\n",
    "{title}\n\nSource﹕ {name}\n\n",
    "{title}\n\nSource∶ {name}\n\n",
    "{title}\n\n**Source:** {name}\n\n",
    "{title}\n\n**Source**: {name}\n\n",
    "{title}\n\n**Source: {name}**\n\n",
    "{title}\n\n*Source: {name}*\n\n",
    "{title}\n\n*Source:* {name}\n\n",
    "{title}\n\n__Source:__ {name}\n\n",
    "{title}\n\n_Source: {name}_\n\n",
    "{title}\n\n`Source: {name}`\n\n",
    "{title}\n\n### Source: {name}\n\n",
    "{title}\n\n> Source: {name}\n\n",
    "{title}\n\nSource: **{name}**\n\n",
    "{title}\n\nSource: “{name}”\n\n",
    'Title: {title}\n\nSource: "{name}"\n\n',
    "{title}\n\nSource: [{name}](https://example.org/)\n\n",
    "{title}\n\nSource: {name} (https://example.org/)\n\n",
    "{title}\n\nSource: {name} <https://example.org/>\n\n",
    "**{title}**\n\nSource: {name}\n\n",
    "*{title}*\n\nSource: {name}\n\n",
    "__{title}__\n\n**Source:** {name}\n\n",
    "# {title}\n\nSource: {name}\n\n",
    "## {title}\n\nSource: {name}\n\n",
    "### {title} ###\n\nSource: {name}\n\n",
    "## **{title}**\n\nSource: {name}\n\n",
    "{title}\n=====\n\nSource: {name}\n\n",
    "{title}\n-----\nSource: {name}\n\n",
    "-----\n{title}\n\nSource: {name}\n\n",
    "==========\n\n{title}\n\nSource: {name}\n\n",
    "* * *\n\n{title}\n\nSource: {name}\n\n",
    "> {title}\n>\n> Source: {name}\n>\n",
    " {title}\n\nSource: {name}\n\n",
    "\xa0{title}\n\nSource: {name}\n\n",
    "\u200b{title}\n\nSource: {name}\n\n",
    "\t{title}\n\nSource: {name}\n\n",
    "{title}  \n\nSource: {name}\n\n",
    "{title}\n\n\n\nSource: {name}\n\n",
    "{title}\n \nSource: {name}\n\t\n",
    "\f{title}\n\nSource: {name}\n\n",
    "{title}\n\f\nSource: {name}\n\n",
    "{title}\nSource: {name}\n\n",
    "{title}\n\nSource: {name}\n",
    "{title}\nSource: {name}\n",
    "{title}\nSOURCE: {name}\n",
    "{title}\n**Source:** {name}\n",
    "{title}\nSource: {name}\nDate: 2023-12-15\n",
    "{title}\n\nDate: 2023-12-15\nSource: {name}\n\n",
    "{title}\nDate: 2023-12-15\nSource: {name}\n\n",
    "{title}\n\nDate: 2023-12-15\n\nSource: {name}\n\n",
    "{title}\n\nLink: https://example.org/1\nSource: {name}\n\n",
    "{title}\n\n15 December 2023\n\nSource: {name}\n\n",
    "15 December 2023\n\n{title}\n\nSource: {name}\n\n",
    "15 December 2023\n{title}\n\nSource: {name}\n\n",
    "{title}\n\nSource: {name}\nDATE: 15 December 2023\n\n",
    "{title}\n\nSource: {name}\n**Date:** 15 December 2023\n\n",
    "{title}\n\nSource: {name}, 15 December 2023\n\n",
    "{title}\n\nSource: {name} (15 December 2023)\n\n",
    "{title}\n\nSource: {name} – 15 December 2023\n\n",
    "{title}\n\nSource: {name} | 2023-12-15\n\n",
    "{title}\n\nSource: {name}, 15.12.2023\n\n",
    "{title}\n\nSource: {name} / December 15, 2023\n\n",
    "{title}\n\nSources: {name}\n\n",
    "{title}\n\nSOURCES: {name}\n\n",
    "{title}\n\nSource - {name}\n\n",
    "{title}\n\nSource – {name}\n\n",
    "{title}\n\nSource — {name}\n\n",
    "{title}\n\nSource | {name}\n\n",
    "{title}\n\nSource = {name}\n\n",
    "{title}\n\nSource -> {name}\n\n",
    "{title}\n\nSource\t{name}\n\n",
    "{title}\n\nQuelle: {name}\n\n",
    "{title}\n\nQuellen: {name}\n\n",
    "{title}\n\nFonte: {name}\n\n",
    "{title}\n\nFuente: {name}\n\n",
    "{title}\n\nBron: {name}\n\n",
    "{title}\n\nŹródło: {name}\n\n",
    "{title}\n\nKälla: {name}\n\n",
    "{title}\n\nZdroj: {name}\n\n",
    "{title}\n\nForrás: {name}\n\n",
    "{title}\n\nSursa: {name}\n\n",
    "{title}\n\nLähde: {name}\n\n",
    "{title}\n\nKaynak: {name}\n\n",
    "{title}\n\nΠηγή: {name}\n\n",
    "{title}\n\nИсточник: {name}\n\n",
    "{title}\n\nДжерело: {name}\n\n",
    "{title}\n\nIssued by: {name}\n\n",
    "{title}\n\nPublished by: {name}\n\n",
    "{title}\n\n    Source: {name}\n\n",
    "{title}\n\n\tSource: {name}\n\n",
    "{title}\n\n- Source: {name}\n\n",
    "{title}\n\n• Source: {name}\n\n",
    "{title}\n\nSource: {name}\n-----\n",
    "Title: {title}\n\nSource: {name}\n\n",
    "Title: {title}\nSource: {name}\nDate: 2023-12-15\n\n",
    "Headline: {title}\n\nSource: {name}\n\n",
    "{number}. {title}\n\nSource: {name}\n\n",
    "{number}) {title}\n\nSource: {name}\n\n",
    "({number}) {title}\n\nSource: {name}\n\n",
    "[{number}] {title}\n\nSource: {name}\n\n",
    "• {title}\n\nSource: {name}\n\n",
    "- {title}\n\nSource: {name}\n\n",
    "* {title}\n\nSource: {name}\n\n",
    "– {title}\n\nSource: {name}\n\n",
    "► {title}\n\nSource: {name}\n\n",
    "→ {title}\n\nSource: {name}\n\n",
    "{number}/4 {title}\n\nSource: {name}\n\n",
    "No. {number}: {title}\n\nSource: {name}\n\n",
    "| {title} |\n\n| Source: {name} |\n\n",
    "<h2>{title}</h2>\n\nSource: {name}\n\n",
    "{title}\n\n<b>Source:</b> {name}\n\n",
    "{title}\n\n★ Source: {name}\n\n",
    "{title}\n\n—Source: {name}\n\n",
    "{title}\n\nBrussels, 15 December 2023\n\nSource: {name}\n\n",
    "{title}\n\nSource : {name} du 15 décembre 2023\n\n",
    "{title}\n\nSource: {name}; Date: 15 December 2023\n\n",
    "## {number}. {title}\n\nSource: {name}\n\n",
    "{number}. **{title}**\n\n**Source:** {name}\n\n",
]
"""Read as the same title and agency where all blocks are written so."""

OTHER = [
    "{title}:\n\nSource: {name}\n\n",
    "{title}.\n\nSource: {name}\n\n",
    "{title};\n\nSource: {name}\n\n",
    "{title}!\n\nSource: {name}\n\n",
    "{title}…\n\nSource: {name}\n\n",
    "{title}\n{title} again\n\nSource: {name}\n\n",
    "{title}\n\nA subtitle of the release\n\nSource: {name}\n\n",
    "Source: {name}\n\n",
    "\n\nSource: {name}\n\n",
    "{title}\n\nSource: {name}; Eurojust\n\n",
    "{title}\n\nSource: {name} | Newsroom\n\n",
    "{title}\n\nSource: {name} 2023\n\n",
    "{title}\n\nSource: {name}, 2023\n\n",
    "{title}\n\nSource: {name}.\n\n",
    "{title}\n\nSource: {name}:\n\n",
    "{title}\n\nSource: {name}\nSource: Eurojust\n\n",
    "{title}\n\nSource: {name}\nContact: press@example.org\n\n",
    "{title}\n\nSource:\n{name}\n\n",
    "{title}\n\nSource:\n\n{name}\n\n",
    "{title}\n\nSource\n\n{name}\n\n",
    "{title}\n\nSource {name}\n\n",
    "{title}\n\nSource:\n\n",
    "{title}\n\n(Source: {name})\n\n",
    "{title}\n\n[Source: {name}]\n\n",
    "{title}\n\nAgency: {name}\n\n",
    "{title}\n\nSource:: {name}\n\n",
    "{title}\n\nSource.: {name}\n\n",
    "{title}\n\nSource; {name}\n\n",
    "{title}\n\nSource. {name}\n\n",
    "{title}\n\nSouce: {name}\n\n",
    "{title}\n\nSoruce: {name}\n\n",
    "{title}\n\nSource of the release: {name}\n\n",
    "{title}\n\nSource (agency): {name}\n\n",
    "{title}\n\nSource: © {name}\n\n",
    "{title}\n\nSource: the press office of {name}\n\n",
    "{title}\n\nS o u r c e : {name}\n\n",
    "{title}\n\n$ource: {name}\n\n",
    "{title} Source: {name}\n\n",
    "{title} (Source: {name})\n\n",
    "{title}\n\nFrom: {name}\n\n",
    "{title}\n\nBy: {name}\n\n",
    "{title}\n\nsrc: {name}\n\n",
    "{title}\n\nOrigin: {name}\n\n",
    "{title}\n\nÉmetteur : {name}\n\n",
    "{title}\n\n[Source] {name}\n\n",
    "{title}\n\n<Source: {name}>\n\n",
    "{title}\n\n\uff33\uff4f\uff55\uff52\uff43\uff45: {name}\n\n",
    "{title}\n\nSource(s): {name}\n\n",
    "{title}\n\nSource / Quelle: {name}\n\n",
    "Source: {name}\n\n{title}\n\n",
]
"""Read, or reported."""


def written(form: str, number: int, names: tuple[str, ...] = NAMES) -> str:
    """Return a block whose header has this form."""
    header = form.format(title=TITLES[number], name=names[number], number=number + 1)
    return f"{header}{BODY}\n"


def read(content: str) -> Parsed:
    return parse(document(content), KNOWN.__contains__)


UNKNOWN = ("Coast Guard of the North", "Ministry of Fishing", "Port Authority", "Border Police")


def is_told(parsed: Parsed, blocks: list[str], number: int) -> bool:
    """Return whether a problem is about the lines of a block."""
    first = sum(block.count("\n") + 1 for block in blocks[:number]) + 1
    last = first + blocks[number].count("\n")
    return any(p.lines[0] <= last and p.lines[1] >= first for p in parsed.problems)


@pytest.mark.parametrize("form", READ)
def test_all_headers_in_one_form(form: str) -> None:
    """A form that all headers of a document have is read without a word."""
    for line_end in ("\n", "\r\n"):
        content = "\n".join(written(form, n) for n in range(4))
        parsed = read(content.replace("\n", line_end))
        assert [(i.title, i.agency) for i in parsed.items] == list(zip(TITLES, NAMES, strict=True))
        assert parsed.problems == ()
        assert all(item.body == BODY for item in parsed.items)


@pytest.mark.parametrize("form", READ)
def test_one_header_in_another_form(form: str) -> None:
    """A form that one header has is read for an agency that is configured."""
    content = "\n".join(written(form if n == 2 else EXACT, n) for n in range(4))
    parsed = read(content)
    assert len(parsed.items) == 4
    assert [i.agency for i in parsed.items] == list(NAMES)
    assert all(title in item.title for title, item in zip(TITLES, parsed.items, strict=True))
    assert all(problem.rejected is False for problem in parsed.problems)


@pytest.mark.parametrize("form", READ + OTHER)
def test_nothing_is_swallowed_in_silence(form: str) -> None:
    """A header in any form is read, or a problem names its lines."""
    for names, odd in product((NAMES, UNKNOWN), ({1}, {0, 1, 2, 3}, {0}, {3})):
        blocks = [written(form if n in odd else EXACT, n, names) for n in range(4)]
        try:
            parsed = read("\n".join(blocks))
        except ParseError:
            assert len(odd) == 4, (names, odd)
            continue
        for number in range(4):
            found = [item for item in parsed.items if TITLES[number] in item.title]
            is_read = any(names[number] in item.agency for item in found)
            assert is_read or is_told(parsed, blocks, number), (names, odd, number)


@pytest.mark.parametrize("line", ["By {name}", "via {name}", "von {name}", "from {name}"])
def test_a_configured_agency_without_a_label_is_reported(line: str) -> None:
    assert_reported(f"{{title}}\n\n{line}\n\n")


def test_a_header_below_a_title_without_letters_is_reported() -> None:
    assert_reported("2024\n\nSource: {name}\n\n")


def assert_reported(form: str) -> None:
    blocks = [EXACT.format(title=TITLES[0], name=NAMES[0]) + BODY]
    blocks.append(form.format(title=TITLES[1], name=NAMES[1]) + BODY)
    blocks.append(EXACT.format(title=TITLES[2], name=NAMES[2]) + BODY)
    parsed = parse(document("\n\n".join(blocks)), KNOWN.__contains__)
    assert len(parsed.items) == 2
    assert [problem.lines for problem in parsed.problems] == [(11, 11)]


def test_many_doubts_are_counted() -> None:
    """A document full of doubtful lines has one problem for those above a limit."""
    lines = "\n\n".join(
        f"Victims by year\n\nSource: Eurostat, {2000 + n}" for n in range(MOST_DOUBTS + 5)
    )
    parsed = read(f"{written(EXACT, 0)}\n{lines}\n")
    assert len(parsed.problems) == MOST_DOUBTS + 1
    assert "5 more lines" in parsed.problems[-1].reason
