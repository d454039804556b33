"""The ``[[webhooks]]`` tables: where new and changed entries are sent.

The address may be a secret as much as the key that signs, since many services have a token in it:
both may be ``env:NAME``, and no message quotes them (docs/decisions/webhooks.md).
"""

# ruff: noqa: RUF009  # key returns a field, as dataclasses.field does

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.config import requests, values
from aggregator.config.keys import REQUIRED, key
from aggregator.model import RequestSettings
from aggregator.normalise.addresses import userinfo
from aggregator.normalise.links import url_problem

ALL = "all"
"""The name of the feed of all agencies."""

_ENCODED = "whsec_"
"""The start of a key in base64 (Standard Webhooks 1.0.0, section "Signature scheme")."""

_NOT_OF_IDS = re.compile(r"[^A-Za-z0-9._-]+")


def _address(value: object) -> requests.Secret:
    found = requests.secret(value)
    if url_problem(found):
        raise ValueError("must be an http or https address")
    if userinfo(found):
        raise ValueError('contains a user or a password: use headers = { Authorization = "…" }')
    if "#" in found:
        raise ValueError("must not contain #")
    return found


def _secret(value: object) -> requests.Secret:
    found = requests.secret(value)
    if not signing_key(found):
        raise ValueError(f"must be base64 after {_ENCODED}, or another text")
    return found


def signing_key(secret: str) -> bytes:
    """Return the key of a secret: its text, or what is in base64 after ``whsec_``.

    Empty if that cannot be decoded.
    """
    if not secret.startswith(_ENCODED):
        return secret.encode("ascii")
    try:
        return base64.b64decode(secret.removeprefix(_ENCODED), validate=True)
    except binascii.Error:
        return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A ``[[webhooks]]`` table: where new and changed entries are sent."""

    id: str | None = key(values.identifier, None, shown="the host in `url`")
    """its name in `status` and messages"""
    url: requests.Secret = key(_address, REQUIRED)
    """an http or https address that takes a JSON Feed by `POST`; it is not shown, and here and in
    the next keys `"env:NAME"` is the value of an environment variable"""
    secret: requests.Secret | None = key(_secret, None, shown="none: unsigned")
    """what requests are signed with ([how to verify](service.md#webhooks)): `"whsec_…"` with base64
    behind it, or any text"""
    feeds: tuple[str, ...] = key(values.list_of(values.identifier), [ALL], shown='`["all"]`')
    """ids of agencies and of saved searches whose entries are sent"""
    headers: tuple[tuple[str, requests.Secret], ...] = key(requests.headers, {}, shown="none")
    """more headers of its requests, such as `{ Authorization = "env:HOOK_TOKEN" }`"""
    allow_private: bool = key(values.flag, False)
    """`true` lets it be at a private or loopback address"""

    @property
    def name(self) -> str:
        """Its id, or one made of the host and the port in its address."""
        return self.id or _NOT_OF_IDS.sub("-", urlsplit(self.url).netloc).strip("-") or "webhook"

    @property
    def is_of_all(self) -> bool:
        """Whether it gets the entries of all agencies."""
        return not self.feeds or ALL in self.feeds

    @property
    def made_of(self) -> str:
        """A hash of its address and its feeds: with others it is another webhook."""
        parts = "\n".join([self.url, *sorted(set(self.feeds))])
        return hashlib.sha256(parts.encode("ascii")).hexdigest()[:32]

    @property
    def request(self) -> RequestSettings:
        """What its requests have besides."""
        return RequestSettings(location=self.url, headers=self.headers)
