"""Reading addresses from outside, and which of them a server may go to (negative tests 1, 2, 5 and 6)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest

from core.errors import AddressRefused
from core.web_address import Reach, read_networks, read_ports, read_web_address

PUBLIC = Reach()


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "concat:a|b",
        "subfile:,,start,1,end,2,,:/etc/passwd",
        "data:image/png;base64,AAAA",
        "pipe:0",
        "lavfi://testsrc",
        "exec://x/y",
        "gopher://host/1",
        "ftp://host/x.jpg",
        "HTTP//host",
        "//host/x.jpg",
        "",
    ],
)
def test_only_web_schemes_are_read(text: str) -> None:
    with pytest.raises(AddressRefused):
        read_web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://good.example\\@127.0.0.1/",
        "http://a@b@c/",
        "http://user:password@host/x.jpg",
        "http://host\t/x.jpg",
        "http://host/x\r\nHost: other",
        "http://ho st/x.jpg",
        "http://host/x y.jpg",
        "http://host\0/x.jpg",
        "http:///x.jpg",
        "http://host:99999/",
        "http://host:0/",
        "http://host:80:90/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://%31%32%37.0.0.1/",
        "http://host..example/",
        "http://-host/",
        "http://host/" + "a" * 5000,
    ],
)
def test_an_address_that_two_parsers_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        read_web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *("http://0xA9FEA9FE/", "http://2852039166/", "http://127.1/", "http://0x7f.0.0.1/", "http://0177.0.0.1/"),
        *("http://127.0.0.1.5/", "http://1.2.3.256/", "http://cafe.0x/"),
    ],
)
def test_numbers_that_only_old_libraries_take_for_addresses_are_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        read_web_address(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("HTTP://Host.Example:80/A.jpg#part", "http://host.example/A.jpg"),
        ("https://host.example.:443?size=2", "https://host.example/?size=2"),
        ("https://host.example:8443/ä.jpg", "https://host.example:8443/%C3%A4.jpg"),
        ("http://bücher.example/%20.jpg", "http://xn--bcher-kva.example/%20.jpg"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://\uff11\uff12\uff17.0.0.1/", "http://127.0.0.1/"),
        ("http://localhost./", "http://localhost/"),
    ],
)
def test_an_address_has_one_canonical_form(text: str, canonical: str) -> None:
    assert read_web_address(text).url == canonical
    assert read_web_address(canonical).url == canonical


def test_what_is_shown_of_an_address_has_no_query() -> None:
    assert read_web_address("https://host/a/b.jpg?X-Goog-Signature=secret").shown == "host/a/b.jpg"


def test_the_origin_names_a_port_only_where_it_is_not_the_usual_one() -> None:
    assert read_web_address("https://host:443/x").origin == "https://host"
    assert read_web_address("http://[::1]:8080/x").origin == "http://[::1]:8080"


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
        ),
        *("::1", "::", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"),
    ],
)
def test_private_networks_are_refused_until_they_are_listed(address: str) -> None:
    with pytest.raises(AddressRefused, match="private network"):
        PUBLIC.check_address(address)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "100.100.100.200", "fe80::1"],
)
def test_a_clouds_own_secrets_are_never_fetched_whatever_is_listed(address: str) -> None:
    everything = Reach(networks=(ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")))
    with pytest.raises(AddressRefused, match="never"):
        everything.check_address(address)


def test_public_and_listed_addresses_pass() -> None:
    PUBLIC.check_address("93.184.215.14")
    PUBLIC.check_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    listed = Reach(networks=read_networks("192.168.0.0/16, fd12::/32"))
    listed.check_address("192.168.7.9")
    listed.check_address("::ffff:192.168.7.9")
    listed.check_address("fd12::1")


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
def test_ports_of_other_services_are_refused_even_in_a_listed_network(port: int) -> None:
    with pytest.raises(AddressRefused, match="port"):
        Reach(networks=read_networks("192.168.0.0/16")).check_port(port)


@pytest.mark.parametrize(("read", "text"), [(read_networks, "192.168.0.1/16"), (read_ports, "0"), (read_ports, "x")])
def test_malformed_lists_are_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read(text)
