"""Aggregators that read each other over loopback, each in a folder of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.config import load
from aggregator.ingest.run import ingest
from aggregator.model import SourceReport
from aggregator.output.regenerate import regenerate
from aggregator.store import open_store
from tests.support.loopback import Loopback, Reply
from tests.support.project import Project, make_project

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
"""Two days after the digests of a project were made."""

MEDIA_TYPES = {
    "json": "application/feed+json",
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """A source that is another node: its name, the file that is read, the rest of its table."""

    node: str
    file: str = "all.json"
    more: str = "aggregator = true"


@dataclass(slots=True)
class Node:
    """One Aggregator, at ``http://NAME.example/``."""

    name: str
    project: Project
    federation: "Federation"

    def run(self, now: datetime = NOW) -> list[SourceReport]:
        """Do what ``once`` does, at ``now``, and serve the feeds."""
        config = load(self.project.config)
        with open_store(config.store) as store:
            reports = ingest(config, store, now=now)
            regenerate(config, store)
        self.federation.serve(self)
        return reports

    def entries(self, feed: str = "all") -> dict[str, dict[str, Any]]:
        """Return the items of a JSON Feed by id, with ``BASE`` in the place of its address."""
        path = self.project.output / f"{feed}.json"
        if not path.exists():
            return {}
        text = path.read_text(encoding="utf-8").replace(f"http://{self.name}.example/", "BASE/")
        return {item["id"]: item for item in json.loads(text)["items"]}


@dataclass(slots=True)
class Federation:
    """Nodes in a folder, whose feeds a loopback server has."""

    folder: Path
    server: Loopback
    nodes: dict[str, Node] = field(default_factory=dict)

    def node(
        self,
        name: str,
        *upstreams: Upstream,
        digests: Mapping[str, str | bytes] | None = None,
        agencies: str = "",
        head: str = "",
    ) -> Node:
        """Add a node that reads digests and other nodes, in this order."""
        config = [
            f'base_url = "http://{name}.example/"\nentries_per_feed = 500\nworkers = 1\n{head}'
            '[fetch]\ndelay = "0s"\n'
        ]
        if digests:
            config.append('[[sources]]\nid = "digests"\nlocation = "digests/*.txt"\n')
        for upstream in upstreams:
            address = self.server.url(f"/{upstream.node}/{upstream.file}")
            config.append(
                f'[[sources]]\nid = "{upstream.node}"\nlocation = "{address}"\n'
                f"allow_private = true\n{upstream.more}\n"
            )
        config.append(agencies)
        project = make_project(self.folder / name, digests, config="".join(config))
        made = self.nodes[name] = Node(name, project, self)
        return made

    def serve(self, node: Node) -> None:
        """Serve all feeds of a node as they are now."""
        for path in node.project.output.rglob("*"):
            if (kind := MEDIA_TYPES.get(path.suffix[1:])) is not None:
                name = path.relative_to(node.project.output).as_posix()
                self.put(f"/{node.name}/{name}", path.read_bytes(), kind)

    def put(self, path: str, body: bytes, kind: str) -> str:
        """Serve ``body`` at ``path``; return its address."""
        return self.server.at(path, Reply(body=body, headers={"Content-Type": kind}))

    def put_items(self, name: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Serve these items as the combined JSON Feed of a node called ``name``."""
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "All",
            "items": list(items),
            "_aggregator": {"id": "urn:uuid:00000000-0000-4000-8000-000000000000"},
        }
        self.put(f"/{name}/all.json", json.dumps(feed).encode(), MEDIA_TYPES["json"])
