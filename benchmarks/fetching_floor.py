"""The least that fetching and parsing feeds can cost with the client and a parser alone.

    python benchmarks/fetching_floor.py PARSER ADDRESSES STATE --concurrency 20

One `httpx.AsyncClient` as it comes, and `feedparser`, or only an `lxml` tree whose entries are
counted. Nothing is stored but, in the file STATE, each feed's `ETag` and `Last-Modified`, which the
next run sends. Prints JSON: `feeds`, `entries` parsed, and `failed`.
"""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx

Validators = dict[str, str]  # as the headers to send
SENT_AS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


async def fetch(
    addresses: list[str], state: dict[str, Validators], parse: Callable[[bytes], int], tasks: int
) -> dict[str, int]:
    """Asks for every feed once, `tasks` at a time, and keeps in `state` what the next run needs."""
    told = {"feeds": 0, "entries": 0, "failed": 0}
    waiting = iter(addresses)  # one for all tasks, so that each takes the next
    # The environment may name a proxy, which loopback is not behind.
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        work = (_take(client, waiting, state, parse, told) for _ in range(tasks))
        await asyncio.gather(*work)
    return told


async def _take(
    client: httpx.AsyncClient,
    waiting: Iterator[str],
    state: dict[str, Validators],
    parse: Callable[[bytes], int],
    told: dict[str, int],
) -> None:
    for address in waiting:
        told["feeds"] += 1
        response = await client.get(address, headers=state.get(address))
        if response.status_code == 200:
            state[address] = {
                sent: response.headers[name]
                for name, sent in SENT_AS.items()
                if name in response.headers
            }
            told["entries"] += parse(response.content)
        elif response.status_code != 304:
            told["failed"] += 1


def _parser(name: str) -> Callable[[bytes], int]:
    """Return a function that counts a document's entries; import only what it needs."""
    if name == "feedparser":
        import feedparser

        return lambda body: len(feedparser.parse(BytesIO(body)).entries)
    from lxml import etree

    def count(body: bytes) -> int:
        tree = etree.fromstring(body)
        return sum(1 for _ in tree.iter("item", "{http://www.w3.org/2005/Atom}entry"))

    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch and parse feeds, and store nothing.")
    parser.add_argument("parser", choices=("feedparser", "lxml"))
    parser.add_argument("addresses", type=Path, help="a file, one address a line")
    parser.add_argument("state", type=Path, help="made if it is not there")
    parser.add_argument("--concurrency", type=int, default=20)
    options = parser.parse_args()
    addresses = options.addresses.read_text(encoding="utf-8").split()
    state = json.loads(options.state.read_bytes()) if options.state.exists() else {}
    told = asyncio.run(fetch(addresses, state, _parser(options.parser), options.concurrency))
    options.state.write_text(json.dumps(state), encoding="utf-8")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
