"""Which addresses may be connected to: those of the public internet only."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.exchange import ExchangeError
from aggregator.fetch.guard import dialable, is_public

PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0 126.255.255.255
    128.0.0.1 168.63.129.15 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255
    192.0.1.1 192.0.3.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255
    203.0.112.255 203.0.114.0 223.255.255.255
    2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450:4001::1 2620:fe::fe
    2001:db7:ffff::1 2001:db9::1 3ffe::1
""".split()

NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.1.2.3
    127.255.255.255 168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
    192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
    198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a00:1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
    64:ff9b::8.8.8.8 64:ff9b:1::a00:1 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378::1 2001:10::1
    2001:20::1 2001:1ff::1 2001:db8::1 2002::1 2002:7f00:1::1 2002:808:808::1 3fff::1 4000::1
    5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%1 febf::1 fec0::1 ff02::1 ff0e::1
""".split()

NO_ADDRESSES = ["", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "8.8.8.8 "]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    """Addresses of the internet, also those next to a special range."""
    assert is_public(address)
    assert dialable([address], allow_private=False) == [address]


@pytest.mark.parametrize("address", [*NOT_PUBLIC, *NO_ADDRESSES])
def test_other_addresses_are_refused(address: str) -> None:
    """Every range that does, or may, lead elsewhere; and what is not an address."""
    assert not is_public(address)
    with pytest.raises(ExchangeError, match=r"not a public address \(allow_private = true"):
        dialable([address], allow_private=False)
    assert dialable([address], allow_private=True) == [address]


def test_name_with_public_and_private_addresses() -> None:
    """The public ones remain, in order; a name without addresses is not refused."""
    mixed = ["10.0.0.1", "2606:4700::1111", "::1", "1.1.1.1"]
    assert dialable(mixed, allow_private=False) == ["2606:4700::1111", "1.1.1.1"]
    assert dialable([], allow_private=False) == []


@given(st.ip_addresses())
def test_never_more_than_python_allows(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """An address that Python does not consider global is not public."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not is_public(str(address))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "::{}", "64:ff9b::{}", "::ffff:0:{}"]))
def test_no_address_inside_another(address: ipaddress.IPv4Address, form: str) -> None:
    """An IPv4 address wrapped in IPv6 is refused."""
    assert not is_public(form.format(address))
