"""Import of subscriptions from OPML, export, and additions to the configuration."""

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.cli.subscriptions import ImportReport, export_opml, import_opml
from aggregator.config import ID, Config, Source, load
from aggregator.config.append import NewSource, append_sources, toml_string
from aggregator.errors import ConfigError
from aggregator.output.formats.opml import Outline, opml
from aggregator.parse.opml import parse
from tests.support.project import ROOT

AGENCIES = """
[[agencies]]
id = "nato"
name = "NATO"
aliases = ["OTAN"]
homepage = "https://www.nato.int/"

[[agencies]]
id = "europol"
name = "Europol"
"""


class Trial:
    """A folder with a configuration and lists to import."""

    def __init__(self, folder: Path, text: str = AGENCIES) -> None:
        self.folder = folder
        self.file = folder / "config.toml"
        self.file.write_bytes(text.encode())

    @property
    def config(self) -> Config:
        return load(self.file)

    @property
    def sources(self) -> dict[str, tuple[str, str | None]]:
        return {source.id: (source.location, source.agency) for source in self.config.sources}

    def list(self, content: str | bytes) -> Path:
        path = self.folder / "my.opml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def import_(self, *outlines: Outline) -> ImportReport:
        return import_opml(self.config, self.list(opml("Mine", outlines)))


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path)


def at(address: str, title: str = "", folder: str | None = None) -> Outline:
    return Outline(address=address, title=title, folder=folder)


def test_new_subscriptions_become_sources(trial: Trial) -> None:
    """Each gets a table at the end, under an id made from its title, the rest is unchanged."""
    before = trial.file.read_bytes()
    report = trial.import_(
        at("https://a.example/feed", "Port Authority: news"), at("https://www.b.example/feed")
    )
    assert report == ImportReport(added=("port-authority-news", "b.example"))
    assert trial.file.read_bytes() == before + (
        b'\n[[sources]]\nid = "port-authority-news"\n'
        b'title = "Port Authority: news"\nlocation = "https://a.example/feed"\n'
        b'\n[[sources]]\nid = "b.example"\nlocation = "https://www.b.example/feed"\n'
    )
    assert list(trial.sources) == ["port-authority-news", "b.example"]


def test_second_import_changes_nothing(trial: Trial) -> None:
    """The second time everything is known and the file is not touched."""
    outlines = [at("https://a.example/feed", "A"), at("https://b.example/feed", "B")]
    trial.import_(*outlines)
    before = trial.file.stat()
    assert trial.import_(*outlines) == ImportReport(known=2)
    assert trial.file.stat() == before


@pytest.mark.parametrize(
    "address",
    ["https://a.example", "HTTPS://A.EXAMPLE:443/", "https://a.example./#news", "http://a.example"],
)
def test_known_by_another_form_of_its_address(tmp_path: Path, address: str) -> None:
    """An address that means the same is the same subscription."""
    trial = Trial(tmp_path, '[[sources]]\nid = "a"\nlocation = "https://a.example/"\n')
    assert trial.import_(at(address)) == ImportReport(known=1)


def test_files_are_not_subscriptions(tmp_path: Path) -> None:
    """A source that is a path neither hides a subscription nor is exported."""
    trial = Trial(tmp_path, '[[sources]]\nid = "a"\nlocation = "digests/*.txt"\n')
    assert trial.import_(at("https://a.example/", "a")).known == 0
    assert b"digests" not in export_opml(trial.config)


def test_folders_and_titles_that_are_agencies(trial: Trial) -> None:
    """The innermost folder that is an agency's name counts, then the title; else there is none."""
    trial.list(
        """<opml version="2.0"><body>
        <outline text="europol"><outline text="OTAN (press)"><outline text="News">
          <outline text="In NATO" xmlUrl="https://a.example/1"/>
        </outline></outline>
          <outline text="NATO" xmlUrl="https://a.example/2"/>
        </outline>
        <outline text="Otan" xmlUrl="https://a.example/3"/>
        <outline text="Others"><outline text="Nobody" xmlUrl="https://a.example/4"/></outline>
        </body></opml>"""
    )
    import_opml(trial.config, trial.folder / "my.opml")
    assert trial.sources == {
        "in-nato": ("https://a.example/1", "nato"),
        "nato": ("https://a.example/2", "europol"),
        "otan": ("https://a.example/3", "nato"),
        "nobody": ("https://a.example/4", None),
    }


def test_titles_that_are_alike(tmp_path: Path) -> None:
    """The first gets the plain id; others get one made from their address."""
    trial = Trial(tmp_path, '[[sources]]\nid = "News"\nlocation = "https://a.example/0"\n')
    added = trial.import_(*(at(f"https://a.example/{n}", "News!") for n in range(1, 4))).added
    assert len(set(added)) == 3
    assert all(id_.startswith("news-") for id_ in added)
    other = Trial(tmp_path / "..", '[[sources]]\nid = "news"\nlocation = "https://b.example/"\n')
    assert other.import_(at("https://a.example/3", "News")).added == (added[2],)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Évènements — à l’ONU", "evenements-a-lonu"),
        ("Новости", "a.example"),
        ("..", "a.example"),
        ("con", "con"),
        ("https://user:sesame@a.example/", "a.example"),
        ("v1.2_x-Y", "v1.2_x-y"),
        ("News", "news"),
        ("x " * 100, "-".join("x" * 30)),
    ],
)
def test_ids_from_titles(trial: Trial, title: str, expected: str) -> None:
    """An id is made of plain letters and digits, of the title if it has some, else of the host."""
    assert trial.import_(at("https://a.example/", title)).added == (expected,)


def test_credentials_are_kept_and_not_shown(trial: Trial) -> None:
    """The password of an address is in the source's location and nowhere else."""
    address = "https://somebody:sesame@a.example/"
    report = trial.import_(at(address, address), at("ftp://somebody:sesame@b.example/", address))
    assert "sesame" not in repr(report)
    assert report.warning is not None
    assert "password in the address of a.example, which other users" in report.warning
    trial.file.chmod(0o600)
    report = trial.import_(at(address.replace("a.ex", "c.ex"), "c"), at("https://d.example/", "d"))
    assert report.warning is not None
    assert "address of c, which only you read" in report.warning
    assert "sesame" not in repr(report)
    assert trial.file.read_bytes().count(b"sesame") == 2
    assert trial.sources["a.example"] == (address, None)
    exported = export_opml(trial.config)
    assert b"sesame" not in exported
    assert b"somebody" not in exported
    assert b'"https://a.example/"' in exported
    assert import_opml(trial.config, trial.list(exported)) == ImportReport(known=3)


def test_problems_name_file_and_line(trial: Trial) -> None:
    """Each is one line, and skips only its own outline; many are cut short."""
    bad = [at(f"file:///{n}", f"Bad {n}") for n in range(150)]
    report = trial.import_(at("https://a.example/", "Good"), *bad)
    assert report.added == ("good",)
    assert report.problems[0].startswith(f"{trial.folder / 'my.opml'}: line 8: 'Bad 0'")
    assert len(report.problems) == 101
    assert report.problems[-1] == f"{trial.folder / 'my.opml'}: and 50 more such lines"


@pytest.mark.parametrize("content", [b"", b"<html/>", b"\0\0", b"<opml>" * 2 + b"<!ENTITY"])
def test_file_that_is_not_opml(trial: Trial, content: bytes) -> None:
    """It is refused with the file's name, and the configuration is unchanged."""
    before = trial.file.read_bytes()
    with pytest.raises(ConfigError, match=r"my\.opml: "):
        import_opml(trial.config, trial.list(content))
    assert trial.file.read_bytes() == before


def test_a_list_that_cannot_be_read(trial: Trial) -> None:
    """A missing file, or a folder, is reported in one line."""
    for file in (trial.folder / "none.opml", trial.folder):
        with pytest.raises(ConfigError, match="cannot be read"):
            import_opml(trial.config, file)


def test_a_list_through_a_pipe(trial: Trial) -> None:
    """A list need not be a regular file: a shell may pass a pipe."""
    reader, writer = os.pipe()
    os.write(writer, opml("Mine", [at("https://a.example/", "A")]))
    os.close(writer)
    try:
        assert import_opml(trial.config, Path(f"/dev/fd/{reader}")).added == ("a",)
    finally:
        os.close(reader)


def test_export_lists_remote_sources(tmp_path: Path) -> None:
    """Sources on the network are exported by id, in a folder for each agency, with its homepage."""
    trial = Trial(
        tmp_path,
        'title = "All the news"\n'
        + AGENCIES
        + "".join(
            f'[[sources]]\nid = "{id_}"\nlocation = "https://a.example/{id_}"\n{agency}'
            for id_, agency in [
                ("one", 'agency = "NATO"\n'),
                ("two", ""),
                ("three", 'agency = "coast-guard"\n'),
            ]
        ),
    )
    exported = export_opml(trial.config)
    assert b"<title>All the news</title>" in exported
    assert [(found.title, found.folders, found.home) for found in parse(exported, "x")[0]] == [
        ("two", (), None),
        ("one", ("NATO",), "https://www.nato.int/"),
        ("three", ("coast-guard",), None),
    ]
    assert exported == export_opml(trial.config)


def like(sources: tuple[Source, ...]) -> set[tuple[str, str, str | None]]:
    return {(source.id, source.location, source.agency) for source in sources}


IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True)
PATHS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x2FF), max_size=30)


@given(
    ids=st.lists(IDS, max_size=6, unique_by=str.casefold),
    paths=st.lists(PATHS, min_size=6, max_size=6),
    agencies=st.lists(st.sampled_from(["nato", "europol", None]), min_size=6, max_size=6),
)
@example(ids=["A.b_c-D", "con", "0"], paths=['"', "?a=1&b=<>\\", "é#"] * 2, agencies=[None] * 6)
def test_export_then_import_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    ids: list[str],
    paths: list[str],
    agencies: list[str | None],
) -> None:
    """Exported from one configuration and imported into an empty one, sources are the same.

    Without agencies in the empty one, the sources have none; else each keeps its agency, unless
    a source without an agency has the name of one for its id.
    """
    first = Trial(tmp_path_factory.mktemp("first"))
    outlines = [
        at(f"https://{n}.example/{path}", id_)
        for n, (id_, path) in enumerate(zip(ids, paths, strict=False))
    ]
    first.import_(*outlines)
    sources = [
        NewSource(
            id=id_,
            location=location,
            agency=agency if id_.casefold() not in ("nato", "europol", "otan") else "nato",
        )
        for (id_, (location, _)), agency in zip(first.sources.items(), agencies, strict=False)
    ]
    second = Trial(tmp_path_factory.mktemp("second"))
    append_sources(second.config, sources)
    exported = export_opml(second.config)
    third = Trial(tmp_path_factory.mktemp("third"))
    assert import_opml(third.config, third.list(exported)).problems == ()
    assert like(third.config.sources) == like(second.config.sources)
    bare = Trial(tmp_path_factory.mktemp("bare"), "")
    import_opml(bare.config, bare.list(exported))
    assert {row[:2] for row in like(bare.config.sources)} == {
        row[:2] for row in like(second.config.sources)
    }


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT)
@example('"\\\x00\x1f\x7f\t\n\r"""')
@example("\x85\u2028\ufeff")
def test_any_text_as_toml(text: str) -> None:
    """A text written to TOML is read back the same, on one line."""
    written = toml_string(text)
    assert tomllib.loads(f"x = {written}\ny = 1") == {"x": text, "y": 1}
    assert not set("\n\r") & set(written)


@given(title=TEXT, folder=TEXT)
@example(title="]\n[[sources]]\nid = 'x'", folder="# \x85")
@example(title="\x01\u202e\ufffe", folder="")
def test_any_title_makes_a_source(
    tmp_path_factory: pytest.TempPathFactory, title: str, folder: str
) -> None:
    """For any title, one source is added and the file loads."""
    trial = Trial(tmp_path_factory.mktemp("trial"))
    (added,) = trial.import_(at("https://a.example/", title, folder)).added
    assert ID.fullmatch(added)
    assert [source.location for source in trial.config.sources] == ["https://a.example/"]


def test_folders_and_categories_become_tags(trial: Trial) -> None:
    """Every folder that is no agency's, and every category, once; titles stay as they are."""
    trial.list(
        """<opml version="2.0"><body>
        <outline text="World, news"><outline text="NATO"><outline text="Desk">
          <outline text="The Harbour" category="/Sea/Ports, desk,ships" xmlUrl="https://a.example/"/>
        </outline></outline></outline>
        <outline text="Sport"><outline text="Harbour" xmlUrl="https://a.example/"/></outline>
        </body></opml>"""
    )
    import_opml(trial.config, trial.folder / "my.opml")
    (source,) = trial.config.sources
    assert (source.id, source.title, source.agency) == ("the-harbour", "The Harbour", "nato")
    assert source.tags == ("Desk", "World news", "Sport", "Sea/Ports", "ships")


def test_tags_and_titles_are_exported_and_imported(trial: Trial) -> None:
    """A list exported from one configuration makes the same titles and tags in another."""
    append_sources(
        trial.config,
        [
            NewSource(
                id="a", title="The A", tags=("Desk", "sea & land"), location="https://a.example/"
            ),
            NewSource(id="b", tags=("Desk",), location="https://b.example/", agency="nato"),
            NewSource(id="c", location="https://c.example/"),
            NewSource(id="d", tags=("Ports",), location="https://d.example/"),
        ],
    )
    exported = export_opml(trial.config)
    other = Trial(trial.folder / "..")
    assert import_opml(other.config, other.list(exported)).problems == ()
    made = {source.location: source for source in other.config.sources}
    for source in trial.config.sources:
        copy = made[source.location]
        assert (copy.title, copy.tags, copy.agency) == (source.title, source.tags, source.agency)


def test_a_list_of_deep_folders_loses_nothing(trial: Trial) -> None:
    """10,000 feeds below folders nested 500 deep are read; the innermost twenty are tags."""
    folders = "".join(f'<outline text="F{depth}">' for depth in range(500))
    feeds = "".join(f'<outline text="x{n}" xmlUrl="https://x{n}.example/"/>' for n in range(10_000))
    content = f'<opml version="2.0"><body>{folders}{feeds}{"</outline>" * 500}</body></opml>'
    found, problems = parse(content.encode(), "deep.opml")
    assert (len(found), problems) == (10_000, [])
    assert found[0].folders == tuple(f"F{depth}" for depth in range(499, 479, -1))

    too_deep = content.replace(folders, folders * 5).replace(
        "</outline>" * 500, "</outline>" * 2500
    )
    report = import_opml(trial.config, trial.list(too_deep))
    assert report.added == ()
    (problem,) = report.problems
    assert "line 1: is not well-formed, and was read as far as possible" in problem
    assert "2048" in problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "\ufeff# a byte order mark\n",
        'title = "no final newline"',
        'title = "x"\n\n[[feeds]]\nid = "f"   # kept\n\t\n',
        'title = """\r\n[[sources]]\r\n"""',
        'title = "x"\r\n# CRLF\r\n[[feeds]]\r\nid = "f"\r\n',
        (ROOT / "config.toml").read_text(encoding="utf-8"),
    ],
)
def test_existing_bytes_are_kept(tmp_path: Path, text: str) -> None:
    """Every byte of the file is kept, and its kind of line end."""
    trial = Trial(tmp_path, text)
    before = trial.file.read_bytes()
    sources = trial.sources
    trial.import_(at("https://a.example/", "a"))
    after = trial.file.read_bytes()
    assert after.startswith(before)
    assert trial.sources == sources | {"a": ("https://a.example/", None)}
    lines = after.decode("utf-8-sig").splitlines()
    assert lines[-4:-2] == ["", "[[sources]]"] or not before
    assert after[len(before) :].count(b"\r\n") in (0, after[len(before) :].count(b"\n"))
    assert (b"\r\n" in after[len(before) :]) == (b"\r\n" in before)


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    """The mode of the configuration is kept, and a link to it stays a link."""
    (tmp_path / "real").mkdir()
    trial = Trial(tmp_path / "real")
    trial.file.chmod(0o640)
    link = tmp_path / "config.toml"
    link.symlink_to(trial.file)
    append_sources(load(link), [NewSource(id="a", location="https://a.example/")])
    assert link.is_symlink()
    assert list(trial.sources) == ["a"]
    assert stat.S_IMODE(trial.file.stat().st_mode) == 0o640
    assert [path.name for path in trial.folder.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("text", ["sources = []\n", 'sources = [{id = "b", location = "b"}]\n'])
def test_sources_written_as_a_list(tmp_path: Path, text: str) -> None:
    """A file that tables cannot be appended to is unchanged, and the reason reported."""
    trial = Trial(tmp_path, text)
    with pytest.raises(ConfigError, match=r"nothing was added.*\[\[sources\]\]"):
        trial.import_(at("https://a.example/", "A"))
    assert trial.file.read_bytes() == text.encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "my.opml"]


def test_an_id_that_is_taken(trial: Trial) -> None:
    """A table that would make the file invalid is not added."""
    new = NewSource(id="a", location="https://a.example/")
    with pytest.raises(ConfigError, match="already that of number 1"):
        append_sources(trial.config, [new, new])
    assert trial.sources == {}


def test_a_location_that_the_configuration_refuses(trial: Trial) -> None:
    """The error message holds no password."""
    new = NewSource(id="a", location="https://somebody:sesame@a.example/ x")
    with pytest.raises(ConfigError, match="is not an address") as caught:
        append_sources(trial.config, [new])
    assert "sesame" not in str(caught.value)
    assert trial.sources == {}


def test_the_file_was_changed_meanwhile(trial: Trial) -> None:
    """A file that changed since it was loaded is refused."""
    config = trial.config
    changed = AGENCIES + '[[sources]]\nid = "b"\nlocation = "b.txt"\n'
    trial.file.write_text(changed)
    with pytest.raises(ConfigError, match="was changed in the meantime"):
        append_sources(config, [NewSource(id="a", location="https://a.example/")])
    assert trial.file.read_text() == changed


def test_the_file_is_changed_at_the_last_moment(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change made while the new text is checked is not lost."""

    def slow_load(file: Path, folder: Path) -> Config:
        trial.file.write_text("# something new\n")
        return load(file, folder)

    monkeypatch.setattr("aggregator.config.append.load", slow_load)
    with pytest.raises(ConfigError, match="was changed in the meantime"):
        append_sources(trial.config, [NewSource(id="a", location="https://a.example/")])
    assert trial.file.read_text() == "# something new\n"


def test_the_configuration_is_missing(trial: Trial) -> None:
    """A configuration that was deleted is not created again."""
    config = trial.config
    trial.file.unlink()
    with pytest.raises(ConfigError, match=r"config\.toml: cannot be written"):
        append_sources(config, [NewSource(id="a", location="https://a.example/")])
    assert not trial.file.exists()


def test_a_folder_that_takes_no_files(ordinary_user: Path) -> None:
    """The file is unchanged, and the error says that it cannot be written."""
    trial = Trial(ordinary_user)
    ordinary_user.chmod(0o500)
    with pytest.raises(ConfigError, match="cannot be written"):
        append_sources(trial.config, [NewSource(id="a", location="https://a.example/")])
    assert trial.sources == {}


def test_addresses_in_a_list_are_uris() -> None:
    """Readers' libraries reject IRIs; the home page is in canonical form."""
    address, home = "https://isles.example/ä.atom", "HTTPS://Bücher.example"
    body = opml("Mine", [Outline(address=address, title="Isles", home=home)])
    assert b'xmlUrl="https://isles.example/%C3%A4.atom"' in body
    assert b'htmlUrl="https://xn--bcher-kva.example/"' in body
