"""The guard around every fetch, each case against a real server (negative tests 2 to 4, 6, 10 and 11)."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence

import pytest

from core.errors import AddressRefused, FetchFailed
from core.web_address import Reach, read_networks
from storage.fetching import Fetcher
from tests.storage.web_peer import Peer, closed_port, drips, gives, raw, sends_on, web_peer

LOOPBACK = "127.0.0.0/8"


def fetcher(
    *peers: Peer,
    networks: str = LOOPBACK,
    max_bytes: int = 1_000_000,
    time_s: float = 5.0,
    resolve: Callable[[str, int], Sequence[str]] | None = None,
) -> Fetcher:
    reach = Reach(read_networks(networks), frozenset({80, 443, *(peer.port for peer in peers)}))
    return Fetcher(reach, max_bytes, time_s, resolve)


def test_a_picture_is_fetched_with_its_headers() -> None:
    with web_peer({"/a.jpg": gives(b"picture", ETag='"7"')}) as peer:
        found = fetcher(peer).fetch(f"{peer.origin}/a.jpg?size=2#part")
        assert found.content == b"picture"
        assert found.headers["etag"] == '"7"'
        [(path, headers)] = peer.asked
    assert path == "/a.jpg?size=2"
    assert headers["Host"] == f"127.0.0.1:{peer.port}"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0"]
)
def test_this_machine_is_not_fetched_from_unless_it_is_listed(host: str) -> None:
    with web_peer({"/a.jpg": gives(b"picture")}) as peer:
        with pytest.raises((AddressRefused, FetchFailed)):
            fetcher(peer, networks="").fetch(f"http://{host}:{peer.port}/a.jpg")
        assert not peer.asked


def test_a_redirect_inwards_is_refused_at_the_hop() -> None:
    with web_peer({"/secret": gives(b"secret")}, host="127.0.0.2") as inner:
        with web_peer({"/a.jpg": sends_on(f"{inner.origin}/secret")}) as outer:
            guarded = fetcher(outer, inner, networks="127.0.0.1/32")
            with pytest.raises(AddressRefused, match="private network"):
                guarded.fetch(f"{outer.origin}/a.jpg")
            assert outer.paths == ["/a.jpg"]
        assert not inner.asked


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://x/", "http://a@127.0.0.1/", "//169.254.169.254/", "http://127.1/"]
)
def test_a_redirect_to_what_could_not_be_asked_for_is_refused(target: str) -> None:
    with web_peer({"/a.jpg": sends_on(target)}) as peer, pytest.raises(AddressRefused):
        fetcher(peer).fetch(f"{peer.origin}/a.jpg")


def test_five_redirects_are_followed_and_no_more() -> None:
    chain = {f"/{number}": sends_on(f"/{number + 1}", status=307) for number in range(10)}
    with web_peer({**chain, "/5": gives(b"picture")}) as peer:
        assert fetcher(peer).fetch(f"{peer.origin}/0").content == b"picture"
    with web_peer(chain) as peer:
        with pytest.raises(FetchFailed, match="without end"):
            fetcher(peer).fetch(f"{peer.origin}/0")
        assert len(peer.asked) == 6


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    answers = iter([["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    with web_peer({"/a.jpg": gives(b"inside")}) as inside:
        guarded = fetcher(inside, networks="127.0.0.2/32", time_s=2, resolve=rebinding)
        with pytest.raises(FetchFailed):  # nobody listens at 127.0.0.2
            guarded.fetch(f"http://changing.example:{inside.port}/a.jpg")
        assert not inside.asked
    assert asked == ["changing.example"]


def test_a_pinned_connection_still_names_the_host_that_was_asked_for() -> None:
    with web_peer({"/a.jpg": gives(b"picture")}) as peer:
        guarded = fetcher(peer, resolve=lambda *_: ["127.0.0.1"])
        assert guarded.fetch(f"http://camera.example:{peer.port}/a.jpg").content == b"picture"
        assert peer.asked[0][1]["Host"] == f"camera.example:{peer.port}"


def test_a_name_with_one_address_inside_is_refused_whole() -> None:
    with web_peer({"/a.jpg": gives(b"picture")}) as peer:
        guarded = fetcher(peer, networks="127.0.0.1/32", resolve=lambda *_: ["127.0.0.1", "10.0.0.1"])
        with pytest.raises(AddressRefused):
            guarded.fetch(f"http://two.example:{peer.port}/a.jpg")
        assert not peer.asked


def test_a_port_that_is_not_listed_is_not_knocked_at() -> None:
    with web_peer({"/a.jpg": gives(b"picture")}) as peer:
        with pytest.raises(AddressRefused, match="port"):
            fetcher().fetch(f"{peer.origin}/a.jpg")
        assert not peer.asked


@pytest.mark.parametrize("length", ["1000000000", "-1", None])
def test_more_than_the_limit_is_not_taken_whatever_was_announced(length: str | None) -> None:
    def endless(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        if length is not None:
            handler.send_header("Content-Length", length)  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        while not peer.ended.is_set():
            handler.wfile.write(bytes(65_536))  # type: ignore[attr-defined]

    with web_peer({"/big": endless}) as peer:
        tracemalloc.start()
        with pytest.raises(FetchFailed, match="larger than 1 MB"):
            fetcher(peer, max_bytes=1_000_000).fetch(f"{peer.origin}/big")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 8_000_000


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.0 200 OK\r\n", b"X"),
        (b"HTTP/1.0 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 999\r\n\r\n", b"x"),
        (b"", b""),
    ],
)
def test_a_server_that_drips_is_left_at_the_deadline(first: bytes, drop: bytes) -> None:
    with web_peer({"/slow": drips(first, drop, lambda: peer.ended)}) as peer:
        began = time.monotonic()
        with pytest.raises(FetchFailed):
            fetcher(peer, time_s=0.4).fetch(f"{peer.origin}/slow")
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.0 200 OK\r\n" + b"X" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\nxxxx",
        b"",
    ],
)
def test_a_reply_that_is_broken_is_a_sentence(said: bytes) -> None:
    with web_peer({"/bad": raw(said)}) as peer, pytest.raises(FetchFailed) as refused:
        fetcher(peer).fetch(f"{peer.origin}/bad?token=hidden")
    assert "127.0.0.1" in refused.value.sentence
    assert "hidden" not in f"{refused.value}{refused.value.hint}"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503, 204, 304])
def test_a_status_is_told_in_words(status: int) -> None:
    with web_peer({"/x": gives(b"", status=status)}) as peer, pytest.raises(FetchFailed, match=rf"\({status}\)"):
        fetcher(peer).fetch(f"{peer.origin}/x")


def test_nobody_there_and_an_unknown_name_are_told_apart() -> None:
    port = closed_port()
    reach = Reach(read_networks(LOOPBACK), frozenset({port}))
    with pytest.raises(FetchFailed, match="can't be reached"):
        Fetcher(reach, 1000).fetch(f"http://127.0.0.1:{port}/x")
    with pytest.raises(FetchFailed, match="No server goes by the name"):
        Fetcher(reach, 1000).fetch(f"http://nobody.invalid:{port}/x")


def test_plain_http_on_a_tls_port_is_a_sentence() -> None:
    with web_peer({"/x": gives(b"")}) as peer, pytest.raises(FetchFailed, match=r"TLS|reached"):
        fetcher(peer).fetch(f"https://127.0.0.1:{peer.port}/x")


def test_an_address_is_checked_without_being_asked() -> None:
    with web_peer({"/x": gives(b"")}) as peer:
        assert fetcher(peer).check(f"{peer.origin}/x").path == "/x"
        assert not peer.asked


def test_a_name_that_is_never_looked_up_ends_at_the_deadline() -> None:
    silence, ended = threading.Event(), threading.Event()

    def silent(_host: str, _port: int) -> Sequence[str]:
        silence.wait(10)
        ended.set()
        return ["127.0.0.1"]

    guarded = fetcher(time_s=0.2, resolve=silent)
    began = time.monotonic()
    for use in (guarded.fetch, guarded.check):
        with pytest.raises(FetchFailed, match=r"nobody says where slow\.example is"):
            use("http://slow.example/a.jpg?key=secret")
    assert time.monotonic() - began < 5
    silence.set()
    assert ended.wait(10)


def test_a_name_that_cant_be_looked_up_is_told_as_such() -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(FetchFailed, match=r"No server goes by the name nowhere\.example"):
        fetcher(resolve=unknown).fetch("http://nowhere.example/a.jpg")
