"""The publisher of WebSub: feeds name the hub, and the hub is told when they change."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from aggregator.config import Config, load
from aggregator.errors import ConfigError
from aggregator.fetch.client import post_all
from aggregator.fetch.exchange import Form, FormResponse, Limits
from aggregator.fetch.guard import is_local, unreachable_base
from aggregator.ingest.run import ingest
from aggregator.output.regenerate import regenerate
from aggregator.store import open_store, pings
from aggregator.store.pings import backlog
from aggregator.websub import publisher
from tests.support.hub import Hub
from tests.support.loopback import Connection, Loopback, Request
from tests.support.project import CONFIG, FIRST, ONE, Project, make_project
from tests.support.serving import Asker, Fixed, site

NOW = datetime(2024, 6, 2, 12, tzinfo=UTC)
HUB = "http://127.0.0.1:9/hub"
_ATOM = "{http://www.w3.org/2005/Atom}"


def told_by(hub: str = HUB) -> str:
    """Return a configuration with a hub, and without the feeds of built-in categories."""
    return f'builtin_categories = false\n{CONFIG}\n[websub]\nhub = "{hub}"\n'


class Trial:
    """A project, its store, and a hub that answers as a test says."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.asked: list[Form] = []
        self.answers: list[FormResponse] = []
        self.answer: tuple[int | None, str | None] = (204, None)
        self.retry_after: int | None = None

    @property
    def config(self) -> Config:
        return load(self.project.config)

    def run(self) -> None:
        """Ingest, and write the feeds."""
        with open_store(self.project.store) as store:
            ingest(self.config, store, now=NOW)
            regenerate(self.config, store)

    def post(self, forms: Sequence[Form]) -> list[FormResponse]:
        self.asked += forms
        status, error = self.answer
        return [
            FormResponse(form=form, status=status, error=error, retry_after=self.retry_after)
            for form in forms
        ]

    def tell(self, now: datetime = NOW) -> list[str]:
        """Notify the hub of due topics; return the topics that it was notified of."""
        self.asked.clear()
        with open_store(self.project.store) as store:
            publisher.notify_hub(self.config, store, self.post, now=lambda: now)
        return sorted(form.fields["hub.topic"].rpartition("/")[2] for form in self.asked)

    def until(self) -> datetime | None:
        with open_store(self.project.store) as store:
            return pings.next_due(store)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A project with a hub whose feeds were written once, and which knows them."""
    made = Trial(make_project(tmp_path / "p", {"a.txt": FIRST}, config=told_by()))
    made.run()
    assert len(made.tell()) == 15
    return made


def formats(*names: str) -> list[str]:
    """Return the files of these feeds."""
    return sorted(f"{name}.{ending}" for name in names for ending in ("atom", "rss", "json"))


# What is said.


def test_every_format_names_the_hub(trial: Trial) -> None:
    """Subscription documents link to the hub and to themselves; archives do not."""
    files = trial.project.files()
    for name in ("all", "nato"):
        atom = etree.fromstring(files[f"{name}.atom"])
        rss = etree.fromstring(files[f"{name}.rss"])[0]
        for links, ending in ((atom, "atom"), (rss, "rss")):
            found = {link.get("rel"): link.get("href") for link in links.findall(f"{_ATOM}link")}
            assert found["hub"] == HUB
            assert found["self"] == f"http://localhost:8080/{name}.{ending}"
        feed = json.loads(files[f"{name}.json"])
        assert feed["hubs"] == [{"type": "WebSub", "url": HUB}]
    archives = [body for name, body in files.items() if name.startswith("archive/")]
    assert archives
    assert not any(HUB.encode() in body for body in archives)


def test_without_a_hub_nothing_is_said(tmp_path: Path) -> None:
    """Feeds name no hub, and nothing is noted for it."""
    made = Trial(make_project(tmp_path / "p", {"a.txt": FIRST}))
    made.run()
    assert not any(b"hub" in body for body in made.project.feeds().values())
    assert made.project.rows("SELECT * FROM pings") == []
    assert made.tell() == []


def test_a_hub_is_configured_later(tmp_path: Path) -> None:
    """Adding a hub rewrites all feeds and notifies it of them; removing it rewrites them."""
    made = Trial(make_project(tmp_path / "p", {"a.txt": FIRST}))
    made.run()
    before = made.project.files()
    made.project.write("config.toml", told_by())
    made.run()
    assert made.project.files() != before
    assert len(made.tell()) == 15
    made.project.write("config.toml", CONFIG)
    made.run()
    assert made.project.files() == before


def test_feeds_get_another_address(trial: Trial) -> None:
    """The hub is notified of the new addresses, and no longer of the old ones."""
    trial.project.write("digests/b.txt", ONE, later=600)
    trial.run()
    text = trial.project.config.read_text()
    trial.project.write("config.toml", text.replace("localhost:8080", "news.example"))
    trial.run()
    trial.tell()
    topics = {form.fields["hub.topic"] for form in trial.asked}
    assert len(topics) == 15
    assert all(topic.startswith("http://news.example/") for topic in topics)
    assert trial.project.rows("SELECT count(*) FROM pings") == [(15,)]


def test_header_names_hub_and_topic(tmp_path: Path) -> None:
    """Feeds are served with both links, also to HEAD and 304; other files are not."""
    folder = tmp_path / "feeds"
    (folder / "archive").mkdir(parents=True)
    for name in ("all.atom", "a b.rss", "all.json", "_health.atom", "archive/all-1.atom", "x.opml"):
        (folder / name).write_bytes(b"<feed/>")
    ask = Asker(site(folder, Fixed(), hub=HUB))
    expected = '<http://127.0.0.1:9/hub>; rel="hub", <http://localhost:8080/{}>; rel="self"'
    for name, target in (("all.atom",) * 2, ("all.json",) * 2, ("a%20b.rss",) * 2):
        got = ask(f"/{target}")
        assert got.headers["link"] == expected.format(name)
        assert ask(f"/{target}", method="HEAD").headers["link"] == got.headers["link"]
        same = ask(f"/{target}", {"If-None-Match": got.headers["etag"]})
        assert (same.status, same.headers["link"]) == (304, got.headers["link"])
    for target in ("_health.atom", "archive/all-1.atom", "x.opml"):
        assert "link" not in ask(f"/{target}").headers
    ask.close()
    bare = Asker(site(folder, Fixed()))
    assert "link" not in bare("/all.atom").headers
    bare.close()


# What is told.


def test_only_what_changed_is_told(trial: Trial) -> None:
    """For a new release the hub is notified of its agency's feed and of the combined one."""
    assert trial.tell() == []
    trial.run()
    assert trial.tell() == []
    trial.project.write("digests/b.txt", ONE, later=600)
    trial.run()
    assert trial.tell() == formats("all", "nato")
    form = trial.asked[0]
    assert form.address == HUB
    assert form.fields["hub.mode"] == "publish"
    assert form.fields["hub.url"] == form.fields["hub.topic"]
    assert trial.tell() == []


def test_run_is_killed_between_writing_and_noting(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run finds the files unchanged, and the hub is notified of them anyway."""
    trial.project.write("digests/b.txt", ONE, later=600)

    def killed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aggregator.output.files.flush", killed)
    with pytest.raises(KeyboardInterrupt):
        trial.run()
    assert trial.tell() == []
    monkeypatch.undo()
    stamps = {name: s for name, s in trial.project.stamps().items() if name.endswith(".atom")}
    trial.run()
    after = trial.project.stamps()
    assert all(after[name] == stamp for name, stamp in stamps.items())
    assert trial.tell() == formats("all", "nato")


def test_hub_is_down_and_comes_back(trial: Trial) -> None:
    """It is tried again after 10 seconds, later each time, at most an hour; then it is told."""
    trial.project.write("digests/b.txt", ONE, later=600)
    trial.run()
    trial.answer = (503, None)
    now, waits = NOW, []
    for _ in range(12):
        assert trial.tell(now) == formats("all", "nato")
        assert trial.tell(now) == []
        due = trial.until()
        assert due is not None
        waits.append(round((due - now).total_seconds()))
        now = due
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]
    trial.answer = (204, None)
    assert trial.tell(now) == formats("all", "nato")
    assert trial.until() is None


def test_hub_stays_down(trial: Trial) -> None:
    """After a day it is given up; news starts from the beginning."""
    trial.project.write("digests/b.txt", ONE, later=600)
    trial.run()
    trial.answer = (None, "the server refused the connection")
    trial.tell(NOW)
    trial.tell(NOW + timedelta(hours=25))
    assert trial.until() is None
    with open_store(trial.project.store) as store:
        said = backlog(store)
    assert (said.waiting, said.given_up) == (0, 6)
    assert said.error == f"{HUB}: the server refused the connection; given up"
    trial.answer = (204, None)
    trial.project.write("digests/c.txt", ONE.replace("Lighthouse", "Chapel"), later=900)
    trial.run()
    assert trial.tell() == formats("all", "nato")
    with open_store(trial.project.store) as store:
        assert backlog(store).given_up == 0


def test_hub_that_does_not_answer_is_asked_once_only(trial: Trial) -> None:
    """Of many feeds, only one batch waits for its timeout."""
    trial.project.write("config.toml", told_by("http://127.0.0.1:9/other"))
    trial.run()
    trial.answer = (None, "no answer within 5 s")
    assert len(trial.tell()) == publisher.BATCH
    assert trial.tell() == []
    with open_store(trial.project.store) as store:
        assert backlog(store).waiting == 15


@pytest.mark.parametrize(
    ("status", "is_final"), [(404, True), (400, True), (429, False), (408, False)]
)
def test_hub_refuses_for_good(trial: Trial, status: int, is_final: bool) -> None:
    """A refused topic is not sent again; one that the hub wants later, is."""
    trial.project.write("digests/b.txt", ONE, later=600)
    trial.run()
    trial.answer, trial.retry_after = (status, None), 1234
    trial.tell()
    expected = None if is_final else NOW + timedelta(seconds=1234)
    assert trial.until() == expected


def test_feed_changes_while_the_hub_is_told(trial: Trial) -> None:
    """The change that happened meanwhile is told too."""
    trial.project.write("digests/b.txt", ONE, later=600)
    trial.run()
    trial.asked.clear()

    def post(forms: Sequence[Form]) -> list[FormResponse]:
        if not trial.asked:
            trial.project.write("digests/c.txt", ONE.replace("Lighthouse", "Chapel"), later=900)
            trial.run()
        return trial.post(forms)

    with open_store(trial.project.store) as store:
        told, _ = publisher.notify_hub(trial.config, store, post, now=lambda: NOW)
    assert told == 12


def test_wait_is_counted_from_the_response_of_the_hub(trial: Trial) -> None:
    """Not from the start of a round, which may take minutes."""
    now = [NOW]
    trial.project.write("digests/b.txt", ONE, later=600)
    trial.run()
    trial.answer, trial.retry_after = (429, None), 1234

    def post(forms: Sequence[Form]) -> list[FormResponse]:
        now[0] += timedelta(minutes=5)
        return trial.post(forms)

    with open_store(trial.project.store) as store:
        publisher.notify_hub(trial.config, store, post, now=lambda: now[0])
        due = pings.next_due(store)
    assert due is not None
    assert due >= NOW + timedelta(minutes=5, seconds=1234)


# How it is sent.


def send(form: Form) -> FormResponse:
    (posted,) = post_all(
        [form], limits=Limits(), user_agent="Trial", now=lambda: NOW, concurrency=1
    )
    return posted


def test_form_arrives_as_it_is() -> None:
    """Fields are encoded as forms are, whatever they contain."""
    topic = "http://localhost:8080/ä b&c=d.atom?x=1&y=%20"
    with Hub() as hub:
        form = Form(address=hub.url, fields={"hub.mode": "x", "t": topic}, allow_private=True)
        assert send(form).status == 202
        assert hub.forms == [{"hub.mode": "x", "t": topic}]
        (request,) = hub.server.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_private_hub_is_not_asked_unless_allowed() -> None:
    """A hub that anybody may name must not be a service of this machine."""
    with Hub() as hub:
        posted = send(Form(address=hub.url, fields={"hub.mode": "x"}))
        assert hub.server.requests == []
    assert posted.status is None
    assert "not a public address" in (posted.error or "")


@pytest.mark.parametrize("status", [307, 308])
def test_redirect_keeps_the_form(status: int) -> None:
    """A hub may send to another one (section 5.1), which gets the same fields."""
    with Hub() as hub:
        hub.leads_to = (status, hub.second_url)
        posted = send(Form(address=hub.url, fields={"hub.mode": "x"}, allow_private=True))
        assert (posted.status, hub.forms) == (202, [{"hub.mode": "x"}])


@pytest.mark.parametrize("status", [301, 302, 303])
def test_other_redirects_are_not_followed(status: int) -> None:
    """They would change the request."""
    with Hub() as hub:
        hub.leads_to = (status, hub.second_url)
        posted = send(Form(address=hub.url, fields={"hub.mode": "x"}, allow_private=True))
        assert (posted.is_accepted, hub.forms) == (False, [])


def test_redirects_without_end() -> None:
    """A hub that redirects in a circle is given up."""
    with Hub() as hub:
        hub.leads_to = (307, hub.url)
        posted = send(Form(address=hub.url, fields={"hub.mode": "x"}, allow_private=True))
    assert "redirects in a circle" in posted.problem


async def _endless(_request: Request, connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await connection.send(b"x" * 65_536)


def test_hub_sends_an_endless_answer() -> None:
    """Reading stops at a bound."""
    with Loopback() as server:
        url = server.at("/hub", _endless)
        posted = send(Form(address=url, fields={"hub.mode": "x"}, allow_private=True))
    assert not posted.is_accepted
    assert "max_download" in posted.problem


# The command line.


def test_once_tells_the_hub(tmp_path: Path) -> None:
    """``once`` tells it after the feeds are written, and only what changed."""
    with Hub() as hub:
        project = make_project(tmp_path / "p", {"a.txt": FIRST}, config=told_by(hub.url))
        hub.distributes = False
        assert project.run("once").code == 0
        assert len(hub.received("publish")) == 15
        ran = project.run("once")
        assert (ran.code, ran.err, len(hub.received("publish"))) == (0, "", 15)


def test_once_while_the_hub_is_down(tmp_path: Path) -> None:
    """It is one line and no failure, and the next run tells the hub."""
    with Hub() as hub:
        project = make_project(tmp_path / "p", {"a.txt": FIRST}, config=told_by(hub.url))
        hub.distributes, hub.status = False, 500
        ran = project.run("once")
        assert ran.code == 0
        (line,) = ran.complaints
        assert line.startswith("aggregator: the hub was not notified of all feeds")
        assert "500" in line
        assert (project.output / "all.atom").exists()


def test_check_tells_of_the_hub(tmp_path: Path) -> None:
    """The output of ``check`` says that a public hub cannot fetch feeds from here."""
    project = make_project(tmp_path / "p", config=told_by("https://hub.example/"))
    out = project.run("check").out
    assert "websub: https://hub.example/ is notified of news" in out
    assert (
        "websub: warning: [websub]: hub: it cannot fetch feeds from http://localhost:8080/" in out
    )


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ('hub = "ftp://example.org/"', "[websub]: hub: must start with"),
        ('hub = "https://me:secret@example.org/"', "[websub]: hub: contains a user or a password"),
        ('hub = "https://example.org/#x"', "[websub]: hub: must not contain #"),
        ('callback = "https://example.org"', "[websub]: callback: needs a path of its own"),
        ('callback = "https://example.org/x?y"', "[websub]: callback: must not contain ?"),
        (
            'callback = "http://localhost:8080/entries"',
            "[websub]: callback: needs a path of its own",
        ),
        ('callback = "https://example.org/archive/x/"', "[websub]: callback: needs a path of its"),
        ('callback = "https://example.org/a/../b/"', "[websub]: callback: must not contain ."),
        (
            'callback = "https://example.org/é/"',
            "[websub]: callback: must be in ASCII",
        ),
        ('hub = "https://hüb.example/"', "[websub]: hub: must be in ASCII"),
        ("callback = 1", "[websub]: callback: must be a string"),
        ('hubs = "x"', "[websub]: unknown key 'hubs'; did you mean 'hub'?"),
    ],
)
def test_bad_settings_name_the_key(tmp_path: Path, value: str, problem: str) -> None:
    """Each is a line with the table and the key, and without a password."""
    project = make_project(tmp_path / "p", config=f"{CONFIG}\n[websub]\n{value}\n")
    with pytest.raises(ConfigError) as raised:
        load(project.config)
    assert any(problem in line for line in raised.value.problems), raised.value.problems
    assert "secret" not in str(raised.value)


def test_feeds_that_a_header_cannot_name(tmp_path: Path) -> None:
    """With a hub, the addresses of feeds are in headers, which are ASCII (RFC 8288)."""
    config = 'base_url = "https://example.org/é/"\n'
    load(make_project(tmp_path / "p", config=config).config)
    told = f'{config}[websub]\nhub = "https://hub.example/"\n'
    with pytest.raises(ConfigError, match="hub: needs a base_url in ASCII"):
        load(make_project(tmp_path / "q", config=told).config)


@pytest.mark.parametrize(
    ("callback", "is_fit"),
    [
        ("https://example.org/feeds/", False),
        ("https://example.org/feeds", False),
        ("https://example.org/feeds/entries/", False),
        ("https://example.org/feeds/category/x/", False),
        ("https://example.org/feeds/search/", False),
        ("https://example.org/feeds/websub/", True),
        ("https://example.org/websub/", True),
        ("https://other.example/hubs", True),
    ],
)
def test_a_callback_hides_no_page(tmp_path: Path, callback: str, is_fit: bool) -> None:
    """Only hubs are answered below a callback, so it must not be where the output is served."""
    config = CONFIG.replace("http://localhost:8080/", "https://example.org/feeds/")
    project = make_project(tmp_path / "p", config=f'{config}\n[websub]\ncallback = "{callback}"\n')
    if is_fit:
        assert load(project.config).websub.callback is not None
        return
    with pytest.raises(ConfigError, match="callback: needs a path of its own, since feeds"):
        load(project.config)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://localhost:1/", True),
        ("http://127.0.0.1/", True),
        ("http://10.1.2.3/", True),
        ("http://[::1]/", True),
        ("http://box.local/", True),
        ("https://example.org/", False),
        ("https://8.8.8.8/", False),
    ],
)
def test_hub_on_a_local_address(address: str, expected: bool) -> None:
    """An address of this machine or network is recognised."""
    assert is_local(address) is expected


def test_private_hub_beside_private_feeds_is_no_reason_to_warn(trial: Trial) -> None:
    """Both are on one network."""
    config = trial.config
    assert unreachable_base(config.base_url, config.websub.hub) is None
