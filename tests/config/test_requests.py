"""The keys of a source that change its requests: values, refusals, and that none is shown."""

from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.config.append import NewSource, append_sources
from aggregator.status.configuration import check_lines
from aggregator.store import open_empty
from tests.config.test_config import refused, written

SOURCE = '[[sources]]\nid = "s"\nlocation = "https://a.example/feed"\n'


def test_values_of_the_environment_are_used_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``check`` and the texts of objects have names only."""
    monkeypatch.setenv("TOKEN", "Bearer abc123")
    monkeypatch.setenv("PROXY", "http://u:abc123@proxy.example:3128")
    text = SOURCE + (
        'headers = { Authorization = "env:TOKEN", X-Key = "abc123" }\ncookie = "abc123"\n'
        'user_agent = "abc123"\nproxy = "env:PROXY"\n'
    )
    config = load(written(tmp_path, text))
    settings = config.sources[0].request
    assert settings is not None
    assert settings.headers == (
        ("Authorization", "Bearer abc123"), ("X-Key", "abc123"), ("Cookie", "abc123"),
    )  # fmt: skip
    assert (settings.user_agent, settings.proxy) == ("abc123", "http://u:abc123@proxy.example:3128")
    with open_empty() as store:
        lines = "\n".join(check_lines(config, store))
    assert "with header Authorization, header X-Key, cookie, user_agent, proxy" in lines
    assert "abc123" not in lines + repr(config) + repr(settings)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('headers = { Authorization = "env:UNSET_1" }',
         "headers: Authorization: the environment variable UNSET_1 is not set"),
        ('cookie = "env:UNSET_1"', "cookie: the environment variable UNSET_1 is not set"),
        ('cookie = "env:EMPTY"', "cookie: the environment variable EMPTY is empty"),
        ('cookie = "env:LINES"', "cookie: the environment variable LINES must be printable"),
        ('cookie = "env:"', "cookie: must be the name of an environment variable"),
        ('headers = { X = "hush\\r\\nY: z" }', "headers: X: must be printable ASCII on one line"),
        ('user_agent = "hushé"', "user_agent: must be printable ASCII"),
        ('headers = { X = 1234567 }', "headers: X: must be a string"),
        ('headers = "hush"', "headers: must be a table"),
        ('headers = { "X Y" = "hush" }', "headers: 'X Y': is not the name of a header"),
        ('headers = { x = "hush", X = "hush" }', "headers: 'X': is there twice"),
        ('headers = { cookie = "hush" }', "headers: 'cookie': use the key cookie"),
        ('headers = { User-Agent = "hush" }', "headers: 'User-Agent': use the key user_agent"),
        *(
            (f'headers = {{ {name} = "hush" }}', f"headers: '{name}': is set by the program")
            for name in ("Host", "content-length", "Transfer-Encoding", "Connection",
                         "If-None-Match", "If-Modified-Since", "Range", "TE", "Upgrade",
                         "Accept-Encoding", "Proxy-Authorization", "A-IM", "Expect")
        ),
        ('proxy = "hush"', "proxy: must be like http://HOST:PORT"),
        ('proxy = "http://u:hush@h:99999"', "proxy: must be like http://HOST:PORT"),
        ('proxy = "ftp://u:hush@h:21"', "proxy: must be like http://HOST:PORT"),
        ('proxy = "socks5://u:hush@h:1080"', "proxy: socks5 needs the package socksio"),
        ('ca_file = "none.pem"', "none.pem: cannot be read: No such file or directory"),
        ('ca_file = "config.toml"', "config.toml: has no certificates in PEM"),
    ],
)  # fmt: skip
def test_refused_settings_of_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, words: str
) -> None:
    """The line names source, key and variable, and quotes no value."""
    monkeypatch.setattr("aggregator.config.requests.find_spec", lambda _name: None)
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("LINES", "hush\nX: y")
    (problem,) = refused(tmp_path, SOURCE + line)
    assert problem.startswith("[[sources]] number 1 (s): ")
    assert words in problem
    assert "hush" not in problem
    assert "1234567" not in problem


def test_settings_of_requests_for_a_file(tmp_path: Path) -> None:
    """A path has no requests; and there is one Authorization only."""
    (problem,) = refused(tmp_path, '[[sources]]\nid = "s"\nlocation = "*.txt"\ncookie = "a=b"\n')
    assert problem.endswith("cookie: needs a location that is an http or https address")
    text = SOURCE.replace("a.example", "u:p@a.example") + 'headers = { authorization = "x" }\n'
    (problem,) = refused(tmp_path, text)
    assert problem.endswith("Authorization and a password in location exclude each other")


def test_ca_file_beside_the_configuration_when_sources_are_added(tmp_path: Path) -> None:
    """It is relative to the configuration, also while the new one is tried."""
    import certifi

    (tmp_path / "ca.pem").write_bytes(Path(certifi.where()).read_bytes())
    config = load(written(tmp_path, SOURCE + 'ca_file = "ca.pem"\n'))
    assert config.sources[0].ca_file == tmp_path / "ca.pem"
    append_sources(config, [NewSource(id="t", location="https://b.example/feed")])
    assert [source.id for source in load(config.file).sources] == ["s", "t"]
