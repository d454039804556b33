"""The first commands of a new user, and the options that every command takes."""

import io
import json
import tomllib
from pathlib import Path

import pytest

from aggregator.cli.program import cli
from tests.support.project import CONFIG, ONE, Project, assert_clear_error, two_digests

EVERY = sorted(set(cli.commands) - {"run", "serve"})
ARGUMENTS = {
    "add": ["https://feeds.example/"],
    "test": ["file"],
    "forget": ["x"],
    "search": ["fog"],
    "show": ["x"],
    "split": ["x", "1"],
    "merge": ["x", "y"],
}


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """A folder with nothing in it."""
    return Project(tmp_path)


def test_init_makes_a_folder_in_which_the_program_runs(empty: Project) -> None:
    """After ``init`` and one digest, ``once`` writes feeds; there is no sample."""
    ran = empty.run("init", "press desk")
    assert (ran.code, ran.err) == (0, "")
    assert "aggregator -c 'press desk/config.toml' once" in ran.out
    seeds = empty.folder / "press desk" / "seeds"
    assert list(seeds.iterdir()) == []
    (seeds / "one.txt").write_text(ONE, encoding="utf-8")
    ran = empty.run("-c", "press desk/config.toml", "once", "--json")
    assert (ran.code, json.loads(ran.out)["sources"][0]["new"]) == (0, 1)
    assert (empty.folder / "press desk" / "feeds" / "all.atom").exists()


def test_init_explains_keys_that_exist(empty: Project) -> None:
    """The examples in the new file, without their ``#``, are a valid configuration."""
    empty.run("init")
    lines = empty.config.read_text(encoding="utf-8").splitlines()
    examples = [
        line.removeprefix("# ")
        for line in lines
        if not line.startswith("#") or " = " in line or "[[" in line or line == "# [fetch]"
    ]
    empty.configure("\n".join(examples))
    assert {"fetch", "agencies", "feeds"} <= tomllib.loads("\n".join(examples)).keys()
    ran = empty.run("check")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("there", ["config.toml", "seeds"])
def test_init_overwrites_nothing(empty: Project, there: str) -> None:
    """A file that has the name of one that ``init`` makes stays as it is."""
    empty.write(there, "kept")
    assert_clear_error(empty.run("init"), 2, there)
    assert (empty.folder / there).read_text() == "kept"


def test_init_names_its_file_itself(empty: Project) -> None:
    """With ``--config``, which would seem to name it, nothing is made."""
    assert_clear_error(empty.run("-c", "other.toml", "init"), 2, "--config")
    assert list(empty.folder.iterdir()) == []


def test_init_twice(empty: Project) -> None:
    """A second ``init`` changes nothing."""
    empty.run("init")
    empty.configure(CONFIG)
    assert_clear_error(empty.run("init"), 2, "config.toml")
    assert empty.config.read_text(encoding="utf-8") == CONFIG


@pytest.mark.parametrize("command", [name for name in EVERY if name != "init"])
def test_without_a_configuration_every_command_names_init(
    empty: Project, command: str, tmp_path: Path
) -> None:
    """The one line of the error says which command makes a configuration."""
    file = tmp_path / "file"
    file.write_text("<opml><body/></opml>")
    arguments = ARGUMENTS.get(command, [str(file)] if command in ("import", "backup") else [])
    assert_clear_error(empty.run(command, *arguments), 2, "config.toml", "aggregator init")


def on_standard_input(content: bytes, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), "utf-8"))


def test_a_list_on_standard_input(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """``import -`` reads it; its problems are of standard input, with the line."""
    empty.run("init")
    listed = (
        b'<opml version="2.0"><body>\n<outline text="A" xmlUrl="https://a.example/feed"/>\n'
        b'<outline text="B" xmlUrl="file:///etc/passwd"/></body></opml>'
    )
    on_standard_input(listed, monkeypatch)
    ran = empty.run("import", "-")
    assert ran.out == "a: added\n1 source added, 0 known already\nNext: aggregator once\n"
    assert_clear_error(ran, 1, "standard input: line 3: 'B'")
    in_two_folders = (
        b'<opml><body><outline text="X"><outline text="C" xmlUrl="https://c.example/"/></outline>\n'
        b'<outline text="Y"><outline text="C" xmlUrl="https://c.example/"/></outline></body></opml>'
    )
    on_standard_input(in_two_folders, monkeypatch)
    assert_clear_error(empty.run("import", "-"), 0, "standard input: line 2: 'C'", "taken once")
    on_standard_input(b"no list", monkeypatch)
    assert_clear_error(empty.run("import", "-"), 2, "standard input: ")


def test_a_list_on_standard_input_without_a_configuration(
    empty: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can be asked; the error says which command makes a configuration."""
    on_standard_input(b"<opml/>", monkeypatch)
    assert_clear_error(empty.run("import", "-"), 2, "aggregator init")
    assert not empty.config.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "{}", "check"],
        ["--config", "{}", "check"],
        ["check", "-c", "{}"],
        ["check", "--config={}"],
        ["-c", "nowhere.toml", "check", "-c", "{}"],
    ],
)
def test_configuration_is_named_before_or_behind(tmp_path: Path, arguments: list[str]) -> None:
    """``--config`` counts on both sides of the command; the last one wins."""
    project = two_digests(tmp_path / "there")
    ran = Project(tmp_path).run(*(part.format(project.config) for part in arguments))
    assert (ran.code, ran.err) == (0, "")
    assert str(project.config) in ran.out


@pytest.mark.parametrize("arguments", [["-q", "once"], ["once", "--quiet"], ["regenerate", "-q"]])
def test_quiet_reports_only_what_went_wrong(tmp_path: Path, arguments: list[str]) -> None:
    """A run that succeeds prints nothing; a problem is still one line on stderr."""
    project = two_digests(tmp_path / "there")
    ran = project.run(*arguments)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    project.configure(CONFIG.replace("digests/*.txt", "nowhere/*.txt"))
    assert_clear_error(project.run("once", "-q"), 1, "digests", "nowhere")


def test_quiet_prints_what_was_asked_for(ran: Project) -> None:
    """The result that a command is for is printed all the same."""
    assert ran.run("entries", "-q").out
    assert json.loads(ran.run("once", "-q", "--json").out)


def test_verbose_reports_every_problem(tmp_path: Path) -> None:
    """Without it, one source has at most twenty lines, and the last says how to see the others."""
    project = two_digests(tmp_path / "there")
    for number in range(30):
        (project.folder / "digests" / f"bad{number}.txt").write_bytes(b"\x00\x01\x02")
    few = project.run("once").complaints
    assert len(few) == 21
    assert "--verbose" in few[-1]
    for number in range(30):
        (project.folder / "digests" / f"bad{number}.txt").write_bytes(b"\x00\x01\x03")
    assert len(project.run("once", "-v").complaints) == 30
