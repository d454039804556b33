"""The configuration: its defaults, and every way in which it can be wrong."""

import pickle
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tomli
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.config import Config, FetchSettings, Source, load
from aggregator.config.keys import place_of, read
from aggregator.config.settings import _source
from aggregator.config.values import duration
from aggregator.errors import ConfigError
from tests.support.project import CONFIG, ROOT

SOURCE = '[[sources]]\nid = "s"\nlocation = "*.txt"\n'
AGENCY = '[[agencies]]\nid = "nato"\nname = "NATO"\n'


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def refused(folder: Path, text: str | bytes) -> tuple[str, ...]:
    """Return the problems of a bad configuration, without the name of the file."""
    file = written(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    for problem in caught.value.problems:
        assert problem.startswith(f"{file}: ")
        assert "\n" not in problem
    return tuple(problem.removeprefix(f"{file}: ") for problem in caught.value.problems)


def test_defaults_of_an_empty_file(tmp_path: Path) -> None:
    """An empty file is a configuration without sources, with all defaults."""
    file = written(tmp_path, "")
    assert load(file) == Config(
        file=file,
        folder=tmp_path,
        title="Agency press releases",
        base_url="http://localhost:8080/",
        store=tmp_path / "aggregator.db",
        output=tmp_path / "feeds",
        entries_per_feed=50,
        listen=("127.0.0.1", 8080),
        max_document_size=20_000_000,
        document_timeout=120.0,
        fetch=FetchSettings(
            contact="",
            concurrency=16,
            delay=1.0,
            connect_timeout=10.0,
            timeout=30.0,
            parse_timeout=10.0,
            longest_interval=86_400,
            max_header_size=64_000,
            max_download=10_000_000,
            max_redirects=5,
            max_items=5000,
            max_item_size=1_000_000,
        ),
        sources=(),
        agencies=(),
        feeds=(),
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    """Every documented key is read."""
    config = load(
        written(
            tmp_path,
            'title = "T"\nbase_url = "https://example.org/press"\nstore = "/var/a.db"\n'
            'output = "out"\nentries_per_feed = 7\nlisten = "[::1]:9000"\n'
            'max_document_size = "3 kB"\ndocument_timeout = "90s"\n'
            + SOURCE
            + 'format = "digest"\ninterval = "1h30m"\nagency = "nato"\nallow_private = true\n'
            + 'timezone = "Europe/Brussels"\nday_first = true\n'
            + '[[sources]]\nid = "web"\nlocation = "https://example.org/feed"\n'
            + AGENCY
            + 'aliases = ["OTAN"]\nhomepage = "https://www.nato.int/"\n'
            + '[[feeds]]\nid = "u"\ntitle = "U"\nquery = "kyiv"\nagencies = ["nato"]\n',
        )
    )
    assert config.base_url == "https://example.org/press/"
    assert (config.store, config.output) == (Path("/var/a.db"), tmp_path / "out")
    assert (config.entries_per_feed, config.listen) == (7, ("::1", 9000))
    assert (config.max_document_size, config.document_timeout) == (3000, 90.0)
    digests, web = config.sources
    assert (digests.interval, digests.agency, digests.format) == (5400, "nato", "digest")
    assert (digests.is_remote, digests.allow_private) == (False, True)
    assert (str(digests.timezone), digests.day_first) == ("Europe/Brussels", True)
    assert (web.is_remote, web.format, web.interval) == (True, None, None)
    assert (web.shortest_interval, digests.shortest_interval) == (900, 5400)
    (agency,) = config.agencies
    assert (agency.id, agency.name, agency.aliases) == ("nato", "NATO", ("OTAN",))
    assert agency.configured
    (feed,) = config.feeds
    assert (feed.id, feed.query, feed.agencies) == ("u", "kyiv", ("nato",))


def test_shipped_configuration_loads() -> None:
    """The project's own configuration can be used unchanged."""
    config = load(ROOT / "config.toml")
    assert {agency.id for agency in config.agencies} >= {"nato", "europol", "interpol", "jcs"}
    assert [source.location for source in config.sources] == ["seeds/*.txt"]


def test_relative_paths_start_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current folder does not matter."""
    written(tmp_path, CONFIG)
    monkeypatch.chdir(tmp_path.parent)
    config = load(Path(tmp_path.name, "config.toml"))
    assert (config.folder, config.store) == (tmp_path, tmp_path / "aggregator.db")


@pytest.mark.parametrize("text", ["\ufeff" + CONFIG, CONFIG.replace("\n", "\r\n")])
def test_byte_order_mark_and_windows_line_ends(tmp_path: Path, text: str) -> None:
    """A byte order mark and CRLF line ends are accepted."""
    assert len(load(written(tmp_path, text)).agencies) == 4


def test_missing_file_is_reported(tmp_path: Path) -> None:
    """A missing file is named, with what to do."""
    with pytest.raises(ConfigError, match=r"config\.toml: does not exist.*--config"):
        load(tmp_path / "config.toml")


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    """A folder cannot be read as a configuration."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "title = ",
        "title",
        "[[sources]\n",
        "a = 1\na = 2\n",
        "x = " + "[" * 9000,
        "entries_per_feed = " + "1" * 5000,
        "a = 2023-13-45\n",
        "\0",
    ],
    ids=["no value", "no key", "bracket", "twice", "deep", "long number", "date", "NUL"],
)
def test_invalid_toml_is_reported(tmp_path: Path, text: str) -> None:
    """A file that is not TOML is reported as such."""
    (problem,) = refused(tmp_path, text)
    assert "TOML" in problem


def test_other_encoding_is_reported(tmp_path: Path) -> None:
    """A file in another encoding is reported as such."""
    assert refused(tmp_path, 'title = "café"'.encode("cp1252")) == ("is not UTF-8 text (byte 12)",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel = 'x'\n", "unknown key 'titel'; did you mean 'title'?"),
        ("qqq = 1\n", "unknown key 'qqq'"),
        (SOURCE + "intervall = '5m'\n", "(s): unknown key 'intervall'; did you mean 'interval'?"),
        (AGENCY + "alias = ['x']\n", "(nato): unknown key 'alias'; did you mean 'aliases'?"),
        ("[[feeds]]\nid = 'f'\nqueri = 'x'\n", "(f): unknown key 'queri'"),
        ("[source]\nid = 's'\n", "unknown key 'source'"),
    ],
)
def test_unknown_key_with_suggestion(tmp_path: Path, text: str, said: str) -> None:
    """An unknown key is named with its place, and a similar known key."""
    (problem,) = refused(tmp_path, text)
    assert said in problem


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("title = 3\n", "title"),
        ("entries_per_feed = 'many'\n", "entries_per_feed"),
        ("entries_per_feed = true\n", "entries_per_feed"),
        ("[sources]\nid = 's'\n", "sources"),
        ("sources = 'x'\n", "sources"),
        ("sources = [3]\n", "[[sources]] number 1"),
        ("[[sources]]\nlocation = 'x'\n", "id"),
        ("[[sources]]\nid = 's'\n", "location"),
        ("[[sources]]\nid = 3\nlocation = 'x'\n", "[[sources]] number 1"),
        (SOURCE + "format = 'pdf'\n", "format"),
        (SOURCE + "allow_private = 'yes'\n", "allow_private"),
        (SOURCE + "timezone = 'Europe/Brussel'\n", "timezone"),
        (SOURCE + "timezone = '../zone'\n", "timezone"),
        (SOURCE + "timezone = 1\n", "timezone"),
        (SOURCE + "day_first = 'yes'\n", "day_first"),
        (SOURCE + "interval = 15\n", "interval"),
        (AGENCY + "aliases = 'x'\n", "aliases"),
        (AGENCY + "aliases = ['x', 3]\n", "aliases"),
        (AGENCY + "homepage = 2023-12-15\n", "homepage"),
    ],
)
def test_value_of_the_wrong_type(tmp_path: Path, text: str, key: str) -> None:
    """A value of the wrong type, or a missing one, is reported with its key."""
    (problem,) = refused(tmp_path, text)
    assert key in problem


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("title = ' '\n", "title"),
        ("base_url = 'localhost:8080'\n", "base_url"),
        ("base_url = 'ftp://example.org/'\n", "base_url"),
        ("base_url = 'http://'\n", "base_url"),
        ("base_url = 'http://example.org/?a=b'\n", "base_url"),
        ("base_url = 'http://example.org/#a'\n", "base_url"),
        ("base_url = 'http://example.org/a&b/'\n", "base_url"),
        ("base_url = 'http://example.org:99999/'\n", "base_url"),
        ("store = ''\n", "store"),
        ('store = "a\\u0000b"\n', "store"),
        ("output = ' '\n", "output"),
        ("store = '~nobody-of-that-name/a.db'\n", "store"),
        ("output = '~nobody-of-that-name/feeds'\n", "output"),
        ("entries_per_feed = 0\n", "entries_per_feed"),
        ("entries_per_feed = -1\n", "entries_per_feed"),
        ("entries_per_feed = 1000000\n", "entries_per_feed"),
        ("listen = '8080'\n", "listen"),
        ("listen = 'localhost:'\n", "listen"),
        ("listen = 'localhost:http'\n", "listen"),
        ("listen = ':8080'\n", "listen"),
        (f"listen = 'localhost:{'1' * 5000}'\n", "listen"),
        ('listen = "local\\nhost:80"\n', "listen"),
        (f"entries_per_feed = 0x{'f' * 5000}\n", "entries_per_feed"),
        (f"store = '{'x' * 300}'\n", "store"),
        (f"output = 'a/{'é' * 128}/b'\n", "output"),
        ('store = "a\\nb"\n', "store"),
        ("title = '\u200b'\n", "title"),
        ("max_document_size = '٢MB'\n", "max_document_size"),
        (SOURCE + "interval = '367d'\n", "interval"),
        (SOURCE + "agency = 'NUL.x'\n", "agency"),
        (AGENCY.replace("NATO", "\u2060"), "name"),
        (AGENCY + "aliases = ['\u200b']\n", "aliases"),
        ("listen = 'localhost:65536'\n", "listen"),
        ("max_document_size = '20'\n", "max_document_size"),
        ("max_document_size = '0MB'\n", "max_document_size"),
        (SOURCE.replace("*.txt", " "), "location"),
        (SOURCE.replace("*.txt", "ftp://example.org/x"), "location"),
        (SOURCE.replace("*.txt", "https://"), "location"),
        (SOURCE + "agency = '../x'\n", "agency"),
        (SOURCE + "agency = 'all'\n", "agency"),
        (SOURCE + "agency = 'con'\n", "agency"),
        (AGENCY + "homepage = 'nato.int'\n", "homepage"),
        (AGENCY.replace("NATO", " "), "name"),
        ("[[feeds]]\nid = 'f'\ntitle = ''\n", "title"),
    ],
)
def test_unusable_value_is_reported(tmp_path: Path, text: str, key: str) -> None:
    """An unusable value is reported with its key."""
    (problem,) = refused(tmp_path, text)
    assert f"{key}: " in problem


@pytest.mark.parametrize(
    "text",
    [
        'title = "Press\\u0001releases"\n',
        'title = "Press\\ufffereleases"\n',
        'base_url = "http://example.org/\\uffff"\n',
        AGENCY.replace('"NATO"', '"NA\\u0001TO"'),
        AGENCY + 'homepage = "https://www.nato.int/\\uffff"\n',
    ],
)
def test_characters_that_no_feed_can_contain(tmp_path: Path, text: str) -> None:
    """Characters that XML forbids are refused or removed before they reach a feed."""
    try:
        config = load(written(tmp_path, text))
    except ConfigError:
        return
    words = [config.title, config.base_url]
    words += [agency.name for agency in config.agencies]
    words += [agency.homepage or "" for agency in config.agencies]
    assert not any(forbidden in word for word in words for forbidden in "\x01\ufffe\uffff")


def test_titles_and_names_are_tidy(tmp_path: Path) -> None:
    """White space and invisible characters of titles and names are tidied."""
    text = 'title = " Press\\u202e\\n releases "\n' + AGENCY.replace("NATO", "NA\\u0001TO\\u00a0")
    config = load(written(tmp_path, text + "[[feeds]]\nid = 'f'\ntitle = ' U\xa0K '\n"))
    assert (config.title, config.agencies[0].name) == ("Press releases", "NATO")
    assert config.feeds[0].title == "U K"


@pytest.mark.parametrize(
    "text",
    [
        SOURCE.replace('"s"', '"a\\nb"') + "agency = '../x'\n",
        SOURCE + 'format = "a\\nb"\n',
        '"a\\nb" = 1\n',
        '[[feeds]]\nid = "a\\nb"\nx = 1\n',
        'base_url = "http://\\u001b℀.example/"\n',
    ],
)
def test_every_problem_is_one_printable_line(tmp_path: Path, text: str) -> None:
    """A value cannot break the line of a message, nor hide any of it."""
    assert all(problem.isprintable() for problem in refused(tmp_path, text))


@pytest.mark.parametrize(
    "id_", ["", "a b", "../x", "a/b", ".hidden", "é", "x" * 101, "-a", "a\\u000a"]
)
@pytest.mark.parametrize("table", ["sources", "agencies", "feeds"])
def test_ids_that_are_not_file_names(tmp_path: Path, table: str, id_: str) -> None:
    """An id may contain only what every file system accepts."""
    text = f'[[{table}]]\nid = "{id_}"\n' + ("location = 'x'\n" if table == "sources" else "")
    assert any(f"[[{table}]] number 1" in p and "id: " in p for p in refused(tmp_path, text))


@pytest.mark.parametrize("id_", ["all", "ALL", "index", "feeds", "archive", "con", "NUL", "aux.x"])
@pytest.mark.parametrize("table", ["agencies", "feeds"])
def test_reserved_ids_are_refused(tmp_path: Path, table: str, id_: str) -> None:
    """No agency and no saved search can have the name of another file or of a device."""
    (problem,) = refused(tmp_path, f"[[{table}]]\nid = '{id_}'\n")
    assert f"id: '{id_}'" in problem


@pytest.mark.parametrize(
    "text",
    [
        SOURCE + SOURCE,
        AGENCY + "[[agencies]]\nid = 'nato'\n",
        AGENCY + "[[agencies]]\nid = 'NATO'\n",
        "[[feeds]]\nid = 'f'\n[[feeds]]\nid = 'F'\n",
    ],
)
def test_repeated_id_is_refused(tmp_path: Path, text: str) -> None:
    """An id is unique in its table, ignoring case."""
    assert any("number 2" in p and "is already" in p for p in refused(tmp_path, text))


@pytest.mark.parametrize("name", ["NATO", "nato", "N A", "NATO (news)"])
def test_name_of_two_agencies_is_refused(tmp_path: Path, name: str) -> None:
    """A name or alias can mean one agency only."""
    text = AGENCY + "aliases = ['N A']\n" + f"[[agencies]]\nid = 'other'\naliases = ['{name}']\n"
    (problem,) = refused(tmp_path, text)
    assert "[[agencies]] number 2 (other)" in problem
    assert "already that of nato" in problem


@pytest.mark.parametrize("owner", [AGENCY, SOURCE + "agency = 'nato'\n"])
def test_saved_search_with_the_id_of_an_agency(tmp_path: Path, owner: str) -> None:
    """Two feeds cannot share a file."""
    (problem,) = refused(tmp_path, owner + "[[feeds]]\nid = 'NATO'\n")
    assert "share a file" in problem


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    """One reading reports all problems of a file."""
    problems = refused(tmp_path, "title = ''\nlisten = 'x'\n" + SOURCE + "interval = 'soon'\n")
    assert [problem.split(": ")[0] for problem in problems] == [
        "title",
        "listen",
        "[[sources]] number 1 (s)",
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("15m", 900),
        ("6h", 21600),
        ("1d", 86400),
        ("1h30m", 5400),
        ("1d12h", 129600),
        ("366d", 31622400),
    ],
)
def test_valid_intervals_in_seconds(text: str, seconds: int) -> None:
    """An interval is a number with a unit, once or more."""
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "15", "m", "0s", "0h0m", "-5m", "1.5h", "5 m", "5M", "5min", "soon", "1w", "٥m", "٥m\n"],
)
def test_invalid_intervals_are_refused(tmp_path: Path, text: str) -> None:
    """Any other text is refused with the key and an example."""
    with pytest.raises(ValueError, match="must be like"):
        duration(text)
    (problem,) = refused(tmp_path, SOURCE + f"interval = {text!r}\n".replace("'", '"'))
    assert "(s): interval: must be like '15m'" in problem


@given(st.from_regex(r"(\d{1,6}[smhd]){1,4}", fullmatch=True))
@example("999999d" * 4)
def test_an_interval_ends_within_the_calendar(text: str) -> None:
    """A valid interval ends at a time that ``datetime`` can represent."""
    with suppress(ValueError):
        seconds = duration(text)
        assert datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


@given(st.dictionaries(st.sampled_from(["title", "listen", "store"]), st.text(max_size=20)))
def test_any_value_is_accepted_or_refused(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    """Whatever a value is, only ``ConfigError`` is raised."""
    lines = [
        f'{key} = "{"".join(f"{chr(92)}U{ord(c):08x}" for c in value)}"'
        for key, value in values.items()
    ]
    with suppress(ConfigError):
        load(written(tmp_path_factory.getbasetemp(), "\n".join(lines)))


# The table [fetch]


def test_every_key_of_fetch_is_read(tmp_path: Path) -> None:
    """Durations are in seconds, sizes in bytes."""
    text = (
        '[fetch]\ncontact = "feeds@example.org"\nconcurrency = 4\ndelay = "250ms"\n'
        'connect_timeout = "2s"\ntimeout = "1m"\nparse_timeout = "5s"\n'
        'longest_interval = "12h"\nmax_header_size = "8kB"\nmax_download = "1MB"\n'
        'max_redirects = 0\nmax_items = 10\nmax_item_size = "10kB"\n'
    )
    assert load(written(tmp_path, text)).fetch == FetchSettings(
        contact="feeds@example.org",
        concurrency=4,
        delay=0.25,
        connect_timeout=2.0,
        timeout=60.0,
        parse_timeout=5.0,
        longest_interval=43_200,
        max_header_size=8000,
        max_download=1_000_000,
        max_redirects=0,
        max_items=10,
        max_item_size=10_000,
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('contact = "a\\nb"', "contact: must be an address"),
        ("concurrency = 0", "concurrency: must be from 1 to 1000"),
        ("concurrency = true", "concurrency: must be a whole number"),
        ('delay = "fast"', "delay: must be like '1s'"),
        ('delay = "2h"', "delay: must be like '1s'"),
        ('timeout = "0s"', "timeout: must be like '30s'"),
        ('longest_interval = "soon"', "longest_interval: must be like '15m'"),
        ("max_redirects = 100", "max_redirects: must be from 0 to 20"),
        ('max_download = "0MB"', "max_download: must be like '10MB'"),
        ("timeuot = 3", "unknown key 'timeuot'; did you mean 'timeout'?"),
    ],
)
def test_problem_of_fetch_names_its_table(tmp_path: Path, line: str, said: str) -> None:
    """Each problem names its table."""
    (problem,) = refused(tmp_path, f"[fetch]\n{line}\n")
    assert problem.startswith(f"[fetch]: {said}")


@pytest.mark.parametrize(
    "location", ["http:/example.org/feed", "https:example.org", "feed://example.org/feed"]
)
def test_misspelt_address_is_not_a_file(tmp_path: Path, location: str) -> None:
    """A misspelt address is not taken for the name of a file."""
    problems = refused(tmp_path, f'[[sources]]\nid = "a"\nlocation = "{location}"\n')
    assert "location: " in problems[0]


def test_password_is_not_in_the_message(tmp_path: Path) -> None:
    """The message about a bad address does not contain its credentials."""
    text = '[[sources]]\nid = "a"\nlocation = "https://user:secret@exa mple/feed"\n'
    (problem,) = refused(tmp_path, text)
    assert "secret" not in problem
    assert "location: is not an address" in problem


def test_a_bad_rule_is_one_problem(tmp_path: Path) -> None:
    """A category whose only rule is invalid is not also reported to have none."""
    problems = refused(tmp_path, '[[categories]]\nterm = "boats"\ntitle = ["/(/"]\n')
    assert len(problems) == 1
    assert "title: " in problems[0]


def test_values_of_several_tables_are_checked_at_once(tmp_path: Path) -> None:
    """Wrong types, bad values, missing keys and collisions are reported in one go."""
    text = (
        'title = 3\ncolour = 1\n[fetch]\ntimeout = "soon"\n[websub]\ncallback = 1\n'
        + SOURCE
        + SOURCE
        + '[[sources]]\nid = "t"\n'
        + "[[agencies]]\nid = 'nato'\naliases = 'x'\n"
        + "[[feeds]]\nid = 'f'\nsources = ['nowhere']\ntags = ['desk']\n"
    )
    assert refused(tmp_path, text) == (
        "unknown key 'colour'",
        "title: must be a string, not 3",
        "[fetch]: timeout: must be like '30s' or '2m', and at most '1h', not 'soon'",
        "[websub]: callback: must be a string, not 1",
        "[[sources]] number 3 (t): location: is missing",
        "[[agencies]] number 1 (nato): aliases: must be a list of strings, not 'x'",
        "[[sources]] number 2 (s): id: 's' is already that of number 1",
        "[[feeds]] number 1 (f): sources: there is no source 'nowhere'",
        "[[feeds]] number 1 (f): tags: no source has the tag 'desk'",
    )


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("https://example.org/index.html", "https://example.org/"),
        ("https://example.org/press/index.html", "https://example.org/press/"),
        ("https://example.org/press/all.atom", "https://example.org/press/"),
        ("https://example.org/press.v2", "https://example.org/press.v2/"),
        ("https://index.html/", "https://index.html/"),
    ],
)
def test_base_url_of_a_page(tmp_path: Path, address: str, folder: str) -> None:
    """The address of a file is taken for that of its folder."""
    assert load(written(tmp_path, f'base_url = "{address}"\n' + SOURCE)).base_url == folder


# many sources


def test_sources_are_found_by_their_ids(tmp_path: Path) -> None:
    """The mapping is that of the list, also of a configuration that was changed."""
    more = SOURCE + SOURCE.replace('"s"', '"t"')
    config = load(written(tmp_path, more))
    assert config.by_id == {source.id: source for source in config.sources}
    assert replace(config, sources=config.sources[1:]).by_id.keys() == {"t"}


def test_configuration_in_another_process_is_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key of a source arrives, whether all, some or none of them have it."""
    monkeypatch.setenv("TOKEN", "abc")
    sources = [
        '[[sources]]\nid = "a"\nlocation = "*.txt"\n',
        '[[sources]]\nid = "b"\nlocation = "https://b.example/"\nheaders = { X = "env:TOKEN" }\n'
        'timezone = "Europe/Brussels"\nday_first = false\ninterval = "2h30m"\n',
        '[[sources]]\nid = "c"\nlocation = "d/*"\ninclude = ["x"]\nkeep_days = 3\ntitle = "C"\n',
    ]
    for text in ("", *sources, "".join(sources), AGENCY + sources[0]):
        config = load(written(tmp_path, text))
        there = pickle.loads(pickle.dumps(config))
        assert there == config
        assert there.by_id == config.by_id
        assert "abc" not in repr(there)


_ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from(["a", "b", "ä", ""]),
            "location": st.sampled_from(["x", "http://a.example:80/x", "http://a:99999/", " "]),
            "interval": st.sampled_from(["1h", "2h", "soon"]),
            "keep_days": st.sampled_from(["3", "0"]),
            "headers": st.sampled_from(["{ X = 'y' }", "{ Host = 'y' }"]),
            "unknown": st.just("1"),
        },
    ),
    max_size=4,
)


@given(_ROWS)
def test_valid_rows_do_not_hide_what_is_wrong_with_others(rows: list[dict[str, str]]) -> None:
    """Read quickly or with care, tables have the same values and the same problems."""
    quoted = ("id", "location", "interval")
    text = "\n".join(
        "[[sources]]\n"
        + "\n".join(f"{k} = {f'{v!r}' if k in quoted else v}" for k, v in row.items())
        for row in rows
    )
    tables: list[dict[str, object]] = tomli.loads(text).get("sources", [])
    problems: list[str] = []
    quick = read(Config, {"sources": list(tables)}, "", problems, file=Path(), folder=Path())
    careful: list[str] = []
    sources = []
    for number, row in enumerate(tables, 1):
        place = place_of("sources", number, row.get("id"))
        before = len(careful)
        found = read(Source, row, f"{place}: ", careful)
        try:
            _source(found)
        except ValueError as error:
            if len(careful) == before:
                careful.append(f"{place}: {error}")
        sources.append(found)
    assert quick.sources == tuple(sources)
    assert problems == careful
