"""What comes with the program: its manual page, completions, and the files of ``deploy/``.

The unit, the container's recipe and the example for nginx are tried with the programs they are for,
where those are installed; each test that needs one says so where it is not.
"""

import http.client
import importlib.util
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import __version__
from aggregator.cli.program import cli
from aggregator.config import load
from aggregator.web import ServedSite
from aggregator.web.media import media_of
from tests.support.serving import Fixed, Server
from tests.web.test_callbacks import TOKEN, served
from tools import manual

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
COMMAND = "/opt/aggregator/.venv/bin/aggregator"


def needs(program: str) -> str:
    """Return the path of ``program``; skip the test if it is not installed."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**os.environ, **env}
    )


def accepts(words: list[str]) -> str:
    """Have click parse a command line without running it; return the name of its command."""
    if words[0] == "--config":
        words = words[2:]
    name, *rest = words
    cli.commands[name].make_context(name, rest)
    return name


# The package


def test_a_wheel_has_the_same_from_a_clone_and_from_an_archive_of_it(tmp_path: Path) -> None:
    """It has every file of the package, and what is installed beside it, to the byte."""
    build = (sys.executable, "-m", "hatchling", "build")
    done = run(*build, "-d", tmp_path)
    assert done.returncode == 0, done.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "other", filter="data")
    (folder,) = (tmp_path / "other").iterdir()
    done = subprocess.run(
        [*build, "-t", "wheel", "-d", tmp_path / "other"],
        cwd=folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ours, other = (_content(next(place.glob("*.whl"))) for place in (tmp_path, tmp_path / "other"))
    assert ours == other
    package = {
        str(path.relative_to(ROOT)): path.read_bytes()
        for path in (ROOT / "aggregator").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert ours.items() >= package.items()
    beside = {name.partition("/")[2] for name in ours if name not in package}
    assert beside >= {
        "METADATA", "RECORD", "entry_points.txt", "licenses/LICENSE",
        "data/share/man/man1/aggregator.1",
        "data/share/bash-completion/completions/aggregator",
        "data/share/zsh/site-functions/_aggregator",
        "data/share/fish/vendor_completions.d/aggregator.fish",
    }  # fmt: skip
    assert f"\nVersion: {__version__}\n".encode() in ours[f"{_info(ours)}/METADATA"]


def test_an_unpacked_wheel_runs_from_another_folder(tmp_path: Path) -> None:
    """Without the clone: a new folder, its first run, and a page with its style."""
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "site")
    (tmp_path / "elsewhere").mkdir()

    def aggregator(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "aggregator", *arguments],
            cwd=tmp_path / "elsewhere",
            env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    assert __version__ in aggregator("--version").stdout
    assert aggregator("init", "new").returncode == 0
    for seed in (ROOT / "seeds").glob("*.txt"):
        shutil.copy(seed, tmp_path / "elsewhere/new/seeds")
    done = aggregator("-c", "new/config.toml", "once")
    assert (done.returncode, done.stderr) == (0, "")
    feeds = tmp_path / "elsewhere/new/feeds"
    assert {"all.atom", "index.html", "style.css"} <= {path.name for path in feeds.iterdir()}


def _content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _info(wheel: Iterable[str]) -> str:
    return next(name.partition("/")[0] for name in wheel if ".dist-info/" in name)


# The manual page and the completions


@pytest.mark.parametrize("name", manual.files())
def test_a_file_made_from_the_commands_is_up_to_date(name: str) -> None:
    """The file on disk is what the commands make."""
    assert (ROOT / name).read_text(encoding="utf-8") == manual.files()[name], (
        "run `python -m tools.manual` in the root of the project"
    )


def test_the_manual_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It writes every file below the current folder; the second time none."""
    monkeypatch.chdir(tmp_path)
    assert manual.main() == 0
    assert capsys.readouterr().out.count(": written") == 4
    assert manual.main() == 0
    assert capsys.readouterr().out.count(": unchanged") == 4


def test_the_manual_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in place of a folder ends in one line and exit code 3."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").write_text("")
    assert manual.main() == 3
    assert capsys.readouterr().err.count("\n") == 1


def in_a_terminal() -> str:
    """The manual page as groff shows it, without marks."""
    done = run(needs("groff"), "-man", "-Tascii", "-P-cbou", "-rLL=200n", ROOT / manual.PAGE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_manual_names_every_command_and_option() -> None:
    """The rendered page has each command with each of its options."""
    shown = in_a_terminal()
    for name, command in cli.commands.items():
        (start,) = re.finditer(rf"^   {name}\b", shown, re.MULTILINE)
        entry = re.split(r"\n {0,3}\S", shown[start.end() :], maxsplit=1)[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert re.search(rf"^ +{parameter.opts[0]}\b", entry, re.MULTILINE)


def test_the_manual_is_sound() -> None:
    """Groff has no warning."""
    done = run(needs("groff"), "-man", "-Tutf8", "-ww", "-z", ROOT / manual.PAGE)
    assert (done.returncode, done.stderr) == (0, "")


ODD = click.Group(
    "odd",
    help="Do what is odd.",
    commands={
        "one": click.Command(
            "one",
            params=[
                click.Argument(["file"], nargs=-1),
                click.Argument(["other"], required=False),
                click.Option(["-v", "--verbose"], count=True),
                click.Option(["--secret"], hidden=True),
            ],
            help=".It begins with a dot, and ends\n\n\b\nas  it\n  stands\n\fnever shown",
        ),
        "two": click.Command("two", hidden=True),
    },
)


def test_manual_of_odd_commands() -> None:
    """Options without a help, what is hidden, and text that roff would obey."""
    page = manual.page(ODD)
    assert r".SS \fBone\fR [\fIFILE\fR\&...] [\fIOTHER\fR] [\fB\-\-verbose\fR]" in page
    assert "\n\\&.It begins with a dot, and ends\n" in page
    assert "\n.nf\nas it\nstands\n.fi\n.TP\n" in page
    assert "\\fB\\-v\\fR, \\fB\\-\\-verbose\\fR\n\\&\n" in page
    assert "never shown" not in page
    assert "secret" not in page
    assert "two" not in page


@given(st.text())
def test_any_text_is_escaped_for_roff(text: str) -> None:
    """No text becomes a request, and none is lost."""
    escaped = manual.escaped(text)
    assert escaped.isascii()
    plain = re.sub(r"\\\[u([0-9A-F]{4,6})\]", lambda found: chr(int(found[1], 16)), escaped)
    for sign, spelled in manual.SPECIAL.items():
        if sign != "\\":
            plain = plain.replace(spelled, sign)
    assert plain.replace(r"\e", "\\") == text


def test_bash_completes_commands(tmp_path: Path) -> None:
    """In bash, Tab offers the commands and options that begin so."""
    program = tmp_path / "aggregator"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m aggregator "$@"\n')
    program.chmod(0o755)
    script = f"""
        . {shlex.quote(str(DEPLOY / "completions/aggregator.bash"))}
        complete -p aggregator >/dev/null || exit 1
        complete_words() {{
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            _aggregator_completion aggregator; echo "${{COMPREPLY[@]}}"
        }}
        complete_words aggregator reg
        complete_words aggregator once --so
    """
    done = run(
        needs("bash"),
        "-c",
        script,
        PATH=f"{tmp_path}:{os.environ['PATH']}",
        PYTHONPATH=str(ROOT),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["regenerate", "--source"]


@pytest.mark.parametrize(("shell", "name"), [("zsh", "_aggregator"), ("fish", "aggregator.fish")])
def test_a_completion_is_good_in_its_shell(shell: str, name: str) -> None:
    """The shell reads the script without an error."""
    done = run(needs(shell), "--no-exec", DEPLOY / "completions" / name)
    assert (done.returncode, done.stderr) == (0, "")


# The unit for systemd


def unit() -> dict[str, list[str]]:
    """The settings of the unit, by name; those given twice have two values."""
    settings: dict[str, list[str]] = {}
    for line in (DEPLOY / "aggregator.service").read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            settings.setdefault(name, []).append(value)
    return settings


@pytest.fixture
def unit_of_here(tmp_path: Path) -> Path:
    """The unit, with a program that this machine has."""
    text = (DEPLOY / "aggregator.service").read_text(encoding="utf-8")
    assert COMMAND in text
    path = tmp_path / "aggregator.service"
    path.write_text(text.replace(COMMAND, sys.executable))
    return path


def test_systemd_takes_the_unit(unit_of_here: Path) -> None:
    """``systemd-analyze verify`` prints nothing."""
    done = run(needs("systemd-analyze"), "verify", "--man=no", unit_of_here)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_may_do_little(unit_of_here: Path) -> None:
    """Systemd's measure of exposure, from 0 to 10, is at most 1.5."""
    analyze = needs("systemd-analyze")
    done = run(analyze, "security", "--offline=yes", "--threshold=15", "--no-pager", unit_of_here)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot look at files")
    assert done.returncode == 0, done.stdout[-500:] + done.stderr


def test_the_unit_starts_the_daemon() -> None:
    """Its command line is one that the program takes, and it runs the daemon."""
    (line,) = unit()["ExecStart"]
    program, *words = shlex.split(line)
    assert program == COMMAND
    assert accepts(words) == "run"


def test_the_unit_gives_the_daemon_its_time() -> None:
    """The daemon promises to stop within 10 seconds; systemd kills nothing sooner."""
    settings = unit()
    (stop,) = settings["TimeoutStopSec"]
    assert int(stop.removesuffix("s")) > 10
    assert settings["KillMode"] == ["mixed"]
    assert settings["ExecReload"] == ["/bin/kill -HUP $MAINPID"]


# The container


def recipe() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, in order."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", "")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line]
    return [(word, " ".join(rest.split())) for word, rest in lines]


def last_stage() -> dict[str, str]:
    """Return the effective instructions of the image: the last of each kind in the last stage."""
    instructions = recipe()
    start = max(at for at, (word, _) in enumerate(instructions) if word == "FROM")
    return dict(instructions[start:])


def test_the_image_does_not_run_as_root() -> None:
    """The user is a number, so that a cluster that forbids root can check it."""
    user, _, group = last_stage()["USER"].partition(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_image_has_a_health_check(tmp_path: Path) -> None:
    """Its health check passes with a running server, and fails without one."""
    _, _, check = last_stage()["HEALTHCHECK"].partition(" CMD ")
    _, *words = json.loads(check)
    assert "http://127.0.0.1:8080/healthz" in words[-1]
    with Server(ServedSite(output=tmp_path, base_url="http://h/", state=Fixed())) as server:
        words[-1] = words[-1].replace(":8080/", f":{server.port}/")
        assert run(sys.executable, *words).returncode == 0
    assert run(sys.executable, *words).returncode != 0


def test_the_image_runs_the_daemon() -> None:
    """It starts a valid command line, with the port that it exposes."""
    image = last_stage()
    assert json.loads(image["ENTRYPOINT"]) == ["aggregator"]
    words = json.loads(image["CMD"])
    assert accepts(words) == "run"
    assert words[-1].endswith(f":{image['EXPOSE']}")


def test_all_that_the_image_is_made_of_is_there() -> None:
    """Each path it copies exists, and is not in the ignore list."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = [rule[1:] for rule in rules if rule.startswith("!")]
    copied = [
        source
        for word, rest in recipe()
        if word == "COPY" and not rest.startswith("--from=")
        for source in rest.split()[:-1]
    ]
    assert sorted(copied) == sorted(let_in)
    for source in copied:
        assert (ROOT / source).exists(), source


def test_packages_are_installed_by_hash() -> None:
    """Every package is installed by its hash."""
    installs = [rest for word, rest in recipe() if word == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    for line in installs:
        assert "--require-hashes" in line or "--no-deps --no-build-isolation ." in line


# nginx


ATOM = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">' + b"<!-- -->" * 200


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    """A folder like ``feeds/``."""
    folder = tmp_path / "feeds"
    (folder / "archive").mkdir(parents=True)
    for name in ("all.atom", "all.rss", "all.json", "feeds.opml", "archive/nato-2024-01.atom"):
        (folder / name).write_bytes(ATOM)
    for name in (".all.atom.x1", "_health.atom", "index.html", "style.css"):
        (folder / name).write_bytes(b"x" * 400)
    return folder


class Nginx:
    """nginx with the example configuration, but for where it listens and what it serves."""

    def __init__(self, folder: Path) -> None:
        self._address = str(folder / "s")

    def ask(
        self,
        host: str,
        path: str,
        headers: dict[str, str] | None = None,
        method: str = "GET",
        body: bytes | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers with names in lower case, and body as sent."""
        with closing(http.client.HTTPConnection(host, timeout=20)) as connection:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(20)
            connection.sock.connect(self._address)
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()


@contextmanager
def nginx(feeds: Path, port: int, *, stranger: bool = False) -> Iterator[Nginx]:
    """Run nginx in front of ``port``, and with ``feeds``; it takes us for this machine or not."""
    program = needs("nginx")
    example = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert "127.0.0.1:8080" in example
    assert "/var/lib/aggregator/feeds" in example
    # A short name, for addresses of this kind have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="ng") as name:
        folder = Path(name)
        example = example.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        example = example.replace("/var/lib/aggregator/feeds", str(feeds))
        example = example.replace("listen 80;", f"listen unix:{folder / 's'};")
        example = example.replace("listen [::]:80;", "")
        if not stranger:
            example = example.replace("allow ::1;", "allow unix:;")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
        # Its workers would be somebody else, who may not look into our folders.
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "conf").write_text(
            f"{user} daemon off; pid {folder / 'pid'}; error_log stderr;"
            f"events {{}} http {{ access_log off; {temporary}\n{example}\n}}"
        )
        command = [program, "-p", name, "-c", str(folder / "conf"), "-e", "stderr"]
        tested = run(*command, "-t")
        assert tested.returncode == 0, tested.stderr
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(folder / "s"))
            listening.listen(16)
            # It takes over a socket that already listens, so nobody has to wait until it does.
            process = subprocess.Popen(
                command,
                pass_fds=[listening.fileno()],
                env={**os.environ, "NGINX": f"{listening.fileno()};"},
                stderr=subprocess.PIPE,
            )
        try:
            yield Nginx(folder)
        finally:
            process.terminate()
            _, complaints = process.communicate(timeout=20)
        assert b"[emerg]" not in complaints, complaints.decode()


NAMES = ("all.atom", "all.rss", "all.json", "feeds.opml", "index.html", "style.css")


def test_nginx_serves_the_files_as_the_daemon_does(feeds: Path) -> None:
    """Media types, policies and CORS headers are the same, file by file."""
    with nginx(feeds, 9) as server:
        for name in (*NAMES, "archive/nato-2024-01.atom"):
            status, headers, _ = server.ask("static.example.org", f"/{name}")
            media = media_of(name)
            expected = {key.decode(): value.decode() for key, value in media.headers}
            assert (status, headers["content-type"]) == (200, media.type.decode()), name
            for key in (
                "content-security-policy",
                "x-content-type-options",
                "referrer-policy",
                "access-control-allow-origin",
            ):
                assert headers.get(key) == expected.get(key), (name, key)


def test_nginx_answers_conditional_requests(feeds: Path) -> None:
    """A file has an entity tag, plain and compressed, and a match is answered with 304."""
    with nginx(feeds, 9) as server:
        for encoding in ("identity", "gzip"):
            asks = {"Accept-Encoding": encoding}
            _, headers, body = server.ask("static.example.org", "/all.atom", asks)
            assert (headers.get("content-encoding") == "gzip") is (encoding == "gzip")
            assert (body == ATOM) is (encoding == "identity")
            known = {**asks, "If-None-Match": headers["etag"]}
            assert server.ask("static.example.org", "/all.atom", known)[0] == 304
            assert server.ask("static.example.org", "/all.atom", asks, "HEAD")[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/.all.atom.x1", 404),
        ("GET", "/_health.atom", 404),
        ("GET", "/archive/", 404),
        ("GET", "/archive", 404),
        ("GET", "/../config.toml", 400),
        ("GET", "/nothing.atom", 404),
        ("POST", "/all.atom", 403),
        ("GET", "/", 200),
    ],
)
def test_nginx_keeps_to_the_files(feeds: Path, method: str, path: str, status: int) -> None:
    """It serves no temporary files, no files of the operator, no lists and no other folders."""
    with nginx(feeds, 9) as server:
        assert server.ask("static.example.org", path, method=method)[0] == status


def test_nginx_passes_responses_unchanged(feeds: Path) -> None:
    """Tags, compression, 304 and pages pass unchanged."""
    site = ServedSite(output=feeds, base_url="http://feeds.example.org/", state=Fixed())
    with Server(site) as daemon, nginx(feeds, daemon.port) as server:
        packed = {"Accept-Encoding": "gzip"}
        status, headers, _ = server.ask("feeds.example.org", "/all.atom", packed)
        assert (status, headers["content-encoding"]) == (200, "gzip")
        assert not headers["etag"].startswith("W/")
        known = {**packed, "If-None-Match": headers["etag"]}
        assert server.ask("feeds.example.org", "/all.atom", known)[0] == 304
        assert server.ask("feeds.example.org", "/healthz")[0] == 200
        assert server.ask("feeds.example.org", "/search?q=ministers")[0] == 200
        assert server.ask("feeds.example.org", "/metrics")[0] == 200


def test_nginx_shows_strangers_nothing_of_the_operator(feeds: Path) -> None:
    """From elsewhere, the operator's addresses are refused; similar names are not."""
    site = ServedSite(output=feeds, base_url="http://feeds.example.org/", state=Fixed())
    (feeds / "status-quo.atom").write_bytes(ATOM)
    with Server(site) as daemon, nginx(feeds, daemon.port, stranger=True) as server:
        for path in ("/metrics", "/readyz", "/status", "/_health.atom"):
            assert server.ask("feeds.example.org", path)[0] == 403
        assert server.ask("feeds.example.org", "/status-quo.atom")[0] == 200


def test_nginx_lets_hubs_deliver(tmp_path: Path) -> None:
    """A delivery of megabytes reaches the daemon below one path, and nowhere else."""
    with served(tmp_path, most=10_000_000) as trial, nginx(tmp_path, trial.server.port) as server:
        body = b"x" * 9_000_000
        status, _, _ = server.ask("feeds.example.org", f"/websub/{TOKEN}", {}, "POST", body)
        assert (status, trial.box.got[0].body) == (202, body)
        assert server.ask("feeds.example.org", "/all.atom", {}, "POST", body)[0] == 413


# The page that leads through it


def test_commands_of_the_service_page_exist() -> None:
    """Each command line of the program on it is valid."""
    text = (ROOT / "docs/service.md").read_text(encoding="utf-8").replace("\\\n", "")
    found = re.findall(r"(?:-u aggregator|exec aggregator) aggregator ([^\n`]*)", text)
    assert len(found) > 5
    for line in found:
        accepts(shlex.split(line))


def test_paths_of_the_service_page_exist() -> None:
    """Each file of the project that it copies, installs or links to exists."""
    for page in (ROOT / "docs/service.md", DEPLOY / "README.md"):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert (page.parent / target).exists(), target
        named = re.findall(r"(?<![\w/])(?:deploy|docs|requirements)/[\w./-]+\w", text)
        for name in named:
            assert (ROOT / name).exists(), name


def test_the_configuration_of_the_service_page_is_good(tmp_path: Path) -> None:
    """It loads, and names only paths where the unit lets the daemon write."""
    text = (ROOT / "docs/service.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- config -->\n```toml\n")
    block, _, _ = rest.partition("```")
    path = tmp_path / "config.toml"
    path.write_text(block)
    load(path)
    settings = tomllib.loads(block)
    (home,) = unit()["StateDirectory"]
    for place in (settings["store"], settings["output"], settings["backup"]["folder"]):
        assert fnmatch(place, f"/var/lib/{home}/*")


# The files for Compose and for a workflow


def yaml_of(name: str) -> Any:
    if importlib.util.find_spec("yaml") is None:
        pytest.skip("datasette, which brings PyYAML, is not installed")
    import yaml

    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def test_compose_runs_the_image_as_the_page_says() -> None:
    """It builds our Dockerfile from the root of the project, and takes the same permissions."""
    service = yaml_of("compose.yaml")["services"]["aggregator"]
    context = (DEPLOY / service["build"]["context"]).resolve()
    assert context == ROOT
    assert (context / service["build"]["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    (volume,) = service["volumes"]
    folder, place = volume.split(":")
    assert (DEPLOY / folder).resolve() == ROOT / "data"
    assert f"WORKDIR {place}\n" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    page = (ROOT / "docs/service.md").read_text(encoding="utf-8")
    started = page[page.index("docker run --detach") :].split("```")[0]
    assert f"--stop-timeout {service['stop_grace_period'].removesuffix('s')} " in started
    assert f"--publish {service['ports'][0]} " in started
    for name, option in (("read_only", "--read-only"), ("init", "--init")):
        assert service[name] is True
        assert option in started
    assert [f"--cap-drop {name}" in started for name in service["cap_drop"]] == [True]


def test_two_fresh_runs_of_the_workflow_publish_the_same(tmp_path: Path) -> None:
    """From two clones made at different times, the steps of the workflow make the same files."""
    steps = yaml_of("publish.yaml")["jobs"]["publish"]["steps"]
    script = "\n".join(
        step["run"] for step in steps if "pip install" not in step.get("run", "pip install")
    )
    assert "aggregator once" in script
    origin = tmp_path / "origin"
    shutil.copytree(ROOT / "seeds", origin / "seeds")
    (origin / "config.toml").write_bytes((ROOT / "config.toml").read_bytes())
    there = {
        **{
            f"GIT_{who}_{what}": "a@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
        "GIT_COMMITTER_DATE": "2024-06-05T12:00:00Z",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
    }
    git: list[str | Path] = [needs("git"), "-C", origin]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "First"]):
        assert run(*git, *command, **there).returncode == 0
    made: list[dict[Path, bytes]] = []
    for name in ("one", "other"):
        assert run("git", "clone", "-q", origin, tmp_path / name, **there).returncode == 0
        for path in (tmp_path / name / "seeds").iterdir():
            os.utime(path, (1_700_000_000 + len(made) * 86_400,) * 2)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path / name,
            env={**os.environ, **there},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        public = tmp_path / name / "public"
        made.append(
            {
                path.relative_to(public): path.read_bytes()
                for path in public.rglob("*")
                if path.is_file()
            }
        )
    assert made[0] == made[1]
    assert Path("all.atom") in made[0]
    assert not [path for path in made[0] if path.name.startswith(("_", "."))]


def test_every_installed_file_is_removed_again() -> None:
    """Each path that the steps of the set-up make is named in those that remove the program."""
    page = (ROOT / "docs/service.md").read_text(encoding="utf-8")
    made = page[page.index("## Set it up") : page.index("## Operate it")]
    gone = page[page.index("## Uninstall") :].split("\n## ")[0]
    removed = [word for word in gone.split() if word.startswith("/")]
    paths = {
        word.rstrip("/")
        for line in re.findall(r"^sudo (?:install|ln|git clone|useradd) .*", made, re.MULTILINE)
        for word in line.split()
        if word.startswith("/") and word != "/usr/sbin/nologin"
    }
    paths |= set(re.findall(r"`(/usr/local/share/[^`]+?)/?`", made))
    assert len(paths) > 6
    for path in paths:
        place = path + "/aggregator.service" if path == "/etc/systemd/system" else path
        assert any(
            place == word.rstrip("/")
            or place.startswith(f"{word.rstrip('/')}/")
            or word.startswith(f"{place}/")
            for word in removed
        ), path
