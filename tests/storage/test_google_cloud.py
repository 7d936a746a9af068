"""Google Cloud Storage against an emulator, a paging stub and an independent check of signatures."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from core.clock import ManualClock
from core.errors import PictureUnreadable, SourceUnavailable
from core.picture import Picture
from storage.bucket import BucketSource, Listing
from storage.google_cloud import Access, CloudBucket

EMAIL = "sightline@project.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def key_file(key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    path = tmp_path_factory.mktemp("key") / "key.json"
    told = {"type": "service_account", "client_email": EMAIL, "private_key": pem, "private_key_id": "1"}
    path.write_text(json.dumps(told | {"token_uri": "http://127.0.0.1:9/token", "project_id": "project"}))
    return path


def is_signed(url: str, key: rsa.RSAPublicKey, host: str | None = None) -> bool:
    """Google's V4 scheme, worked out anew from its description: the canonical request, then the string to sign."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    signature = bytes.fromhex(query.pop("X-Goog-Signature"))
    canonical_query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
    headers = f"host:{host or parts.netloc}\n"
    request = "\n".join(["GET", parts.path, canonical_query, headers, "host", "UNSIGNED-PAYLOAD"])
    scope = query["X-Goog-Credential"].partition("/")[2]
    text = "\n".join(["GOOG4-RSA-SHA256", query["X-Goog-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    try:
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


@contextmanager
def stub(objects: list[dict[str, Any]], page: int = 1000, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A server that lists ``objects`` by pages, as Google does; gives its address and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "/o?" in self.path:  # the library also asks after the bucket, beside the work
                asked.append(self.path)
            query = dict(parse_qsl(urlsplit(self.path).query))
            begin = int(query.get("pageToken", 0))
            chosen = [one for one in objects if one["name"].startswith(query.get("prefix", ""))]
            start, end = query.get("startOffset", ""), query.get("endOffset", "")
            chosen = [one for one in chosen if start <= one["name"] and (not end or one["name"] < end)]
            told: dict[str, Any] = {"items": chosen[begin : begin + page]}
            if begin + page < len(chosen):
                told["nextPageToken"] = str(begin + page)
            content = json.dumps(told if status == 200 else {"error": {"code": status, "message": "no"}}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "size": "10", "generation": "7", "updated": "2026-03-14T04:00:00Z", **more}


def source(endpoint: str, prefix: str = "", clock: ManualClock | None = None) -> BucketSource:
    bucket = CloudBucket("city", Access(endpoint=endpoint))
    listing = Listing(bucket, prefix, clock or ManualClock(datetime(2026, 3, 14, tzinfo=UTC)))
    return BucketSource(listing, ZoneInfo("UTC"), lambda _: None, 1000, folders_are_cameras=True)


def listed(made: BucketSource) -> list[Picture]:
    return [picture for page in made.pages() for picture in page]


def test_a_signature_is_made_offline_and_holds_for_its_object_host_and_time(
    key: rsa.RSAPrivateKey, key_file: Path
) -> None:
    """Parity S2.19. Emulators accept anything, so the signature is checked by the scheme's own description."""
    bucket = CloudBucket("city", Access(key_file=key_file, url_minutes=60))
    url = bucket.url("gate/a picture+1.jpg")
    public = key.public_key()
    assert url.startswith("https://storage.googleapis.com/city/gate/a%20picture%2B1.jpg?")
    assert dict(parse_qsl(urlsplit(url).query))["X-Goog-Expires"] == "3600"
    assert is_signed(url, public)
    assert not is_signed(url.replace("gate", "yard"), public)
    assert not is_signed(url.replace("Expires=3600", "Expires=604800"), public)
    assert not is_signed(url, public, host="other.example")
    other = CloudBucket("city", Access(key_file=key_file, endpoint="http://127.0.0.1:9"))
    assert is_signed(other.url("a.jpg"), public)


def test_pages_come_lazily_with_only_the_fields_that_are_needed() -> None:
    with stub([told(f"gate/{n:05}.jpg") for n in range(5000)]) as (endpoint, asked):
        pages = source(endpoint).pages()
        first = next(pages)
        assert len(first) == 16
        assert len(asked) == 1
        assert "nextPageToken" in asked[0]
        assert "metadata" not in asked[0]
        assert 16 + sum(len(page) for page in pages) == 5000
        assert len(asked) == 5


def test_equal_content_has_one_identity_without_a_byte_being_read() -> None:
    objects = [
        told("gate/1.jpg", md5Hash="abc", crc32c="x"),
        told("yard/2.jpg", md5Hash="abc", crc32c="x"),
        told("yard/3.jpg", crc32c="x"),
        told("yard/4.jpg"),
        told("yard/notes.txt"),
    ]
    with stub(objects) as (endpoint, asked):
        one, two, three, four = listed(source(endpoint))
        assert len(asked) == 1
    assert one.identity == two.identity
    assert [picture.identity.kind for picture in (two, three, four) if picture.identity] == [
        "md5",
        "crc32c",
        "generation",
    ]
    assert (one.camera, two.camera, one.size_bytes) == ("gate", "yard", 10)
    assert one.taken_at == datetime(2026, 3, 14, 4, tzinfo=UTC)


def test_a_listing_is_kept_for_five_minutes_by_bucket_and_prefix(clock: ManualClock) -> None:
    """Parity S2.18, whose earlier cache ignored the prefix."""
    with stub([told("gate/1.jpg"), told("yard/2.jpg")]) as (endpoint, asked):
        gate, yard = source(endpoint, "gate/", clock), source(endpoint, "yard/", clock)
        assert [picture.name for picture in listed(gate) + listed(gate)] == ["gate/1.jpg"] * 2
        assert [picture.name for picture in listed(yard)] == ["yard/2.jpg"]
        assert len(asked) == 2
        clock.advance(301)
        listed(gate)
        assert len(asked) == 3


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(404, "There is no bucket city"), (401, "not public, and there are no Google credentials"), (403, "not public")],
)
def test_what_goes_wrong_without_credentials_is_a_sentence(status: int, sentence: str) -> None:
    with stub([], status=status) as (endpoint, _), pytest.raises(SourceUnavailable, match=sentence):
        listed(source(endpoint))


def test_what_can_be_no_buckets_name_is_a_sentence() -> None:
    for name in ("Town!", "_city", "-"):
        bucket = CloudBucket(name, Access(endpoint="http://127.0.0.1:9"))
        with pytest.raises(SourceUnavailable, match="can't be a bucket's name"):
            next(bucket.objects())
        with pytest.raises(SourceUnavailable, match="can't be a bucket's name"):
            bucket.read("a.jpg", 10)


def test_an_empty_prefix_and_a_missing_key_file_are_sentences(tmp_path: Path) -> None:
    with stub([told("gate/1.jpg")]) as (endpoint, _), pytest.raises(SourceUnavailable, match="no picture under “x/”"):
        listed(source(endpoint, "x/"))
    broken = tmp_path / "key.json"
    broken.write_text("{}")
    for path in (broken, tmp_path / "none.json"):
        with pytest.raises(SourceUnavailable, match="service account's key file") as refused:
            CloudBucket("city", Access(key_file=path)).url("a.jpg")
        assert str(tmp_path) not in str(refused.value)


def test_credentials_that_may_not_list_or_sign_are_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from google.oauth2.credentials import Credentials

    person = Credentials(token="t", expiry=datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1))  # type: ignore[no-untyped-call]
    monkeypatch.setattr(CloudBucket, "_credentials", lambda _: person)
    with stub([], status=403) as (endpoint, _):
        bucket = CloudBucket("city", Access(endpoint=endpoint))
        with pytest.raises(SourceUnavailable, match="can't sign"):
            bucket.require_signing()
        with pytest.raises(SourceUnavailable, match="may not list"):
            list(bucket.objects())


@dataclass
class Notary:
    """Stands in for Google's signBlob on loopback: signs with a key of its own, or does what it is told to instead."""

    key: rsa.RSAPrivateKey
    orders: list[int | bytes] = field(default_factory=list)  # a status, or a body; -1 hangs up late
    asked: list[tuple[str, str]] = field(default_factory=list)
    late: threading.Event = field(default_factory=threading.Event)

    def reply(self, path: str, token: str, body: bytes) -> tuple[int, bytes]:
        self.asked.append((path, token))
        order = self.orders[0] if self.orders else 200
        if order == -1:
            self.late.wait(10)
            return 200, b""
        if isinstance(order, bytes):
            return 200, order
        if order != 200:
            return order, b'{"error": {"code": 0, "message": "secret words", "status": "PERMISSION_DENIED"}}'
        message = base64.b64decode(json.loads(body)["payload"])
        signed = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return 200, json.dumps({"keyId": "1", "signedBlob": base64.b64encode(signed).decode()}).encode()


@pytest.fixture
def notary(key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notary]:
    """In place of Google, for a machine's own credentials without a private key."""
    made = Notary(key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = made.reply(self.path, self.headers["Authorization"], body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setattr("storage.google_cloud.SIGNING_HOST", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setattr("storage.google_cloud._PATIENCE_S", 0.3)
    monkeypatch.setattr(CloudBucket, "_credentials", lambda _: machine_credentials())
    yield made
    made.late.set()
    server.shutdown()
    thread.join()
    server.server_close()


def machine_credentials() -> Any:
    """As those of Cloud Run or Compute Engine once the metadata server gave a token: an account's, without a key."""
    from google.oauth2.credentials import Credentials

    class Machine(Credentials):
        service_account_email = EMAIL

    return Machine(token="ya29.token", expiry=datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1))  # type: ignore[no-untyped-call]


def test_google_signs_for_a_machine_without_a_key_and_is_asked_once_whether_it_would(
    notary: Notary, key: rsa.RSAPrivateKey
) -> None:
    bucket = CloudBucket("city", Access())
    bucket.require_signing()
    bucket.require_signing()
    assert len(notary.asked) == 1
    url = bucket.url("gate/a picture.jpg")
    assert is_signed(url, key.public_key())
    assert not is_signed(url.replace("gate", "yard"), key.public_key())
    path, token = notary.asked[-1]
    assert (path, token) == (f"/v1/projects/-/serviceAccounts/{EMAIL}:signBlob", "Bearer ya29.token")
    assert EMAIL in dict(parse_qsl(urlsplit(url).query))["X-Goog-Credential"]


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (403, "may not sign the pictures' URLs"),
        (404, "does not accept these credentials"),
        (401, "does not accept these credentials"),
        (429, "asked to sign more often than it allows"),
        (503, "can't be reached now to sign"),
        (-1, "can't be reached now to sign"),
        (b"<html>", "can't be reached now to sign"),
        (b'{"signedBlob": 7}', "can't be reached now to sign"),
        (b"[1]", "can't be reached now to sign"),
    ],
)
def test_where_google_does_not_sign_each_reason_is_a_sentence(
    notary: Notary, order: int | bytes, sentence: str
) -> None:
    notary.orders.append(order)
    bucket = CloudBucket("city", Access())
    for use in (bucket.require_signing, lambda: bucket.url("a.jpg")):
        with pytest.raises(SourceUnavailable, match=sentence) as refused:
            use()
        assert "secret words" not in f"{refused.value} {refused.value.hint}"


def test_a_signature_that_was_refused_for_a_moment_is_asked_for_again(
    notary: Notary, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.google_cloud._PATIENCE_S", 10.0)
    notary.orders.append(503)
    bucket = CloudBucket("city", Access())
    threading.Timer(0.2, notary.orders.clear).start()
    assert is_signed(bucket.url("a.jpg"), key.public_key())
    assert len(notary.asked) >= 2


def test_who_may_sign_and_not_list_is_told_so(notary: Notary) -> None:
    with stub([], status=403) as (endpoint, _):
        made = source(endpoint)
        with pytest.raises(SourceUnavailable, match="may not list the bucket"):
            listed(made)
        with pytest.raises(SourceUnavailable, match="may not list the bucket"):
            made.count(lambda _: None, lambda: False)
    assert len(notary.asked) == 1


def test_a_missing_package_is_one_sentence_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in ("google.cloud", "google.auth", "google.auth.credentials", "google.api_core"):
        monkeypatch.setitem(sys.modules, name, None)
    bucket = CloudBucket("city", Access())
    for use in (bucket.require_signing, lambda: list(bucket.objects()), lambda: bucket.url("a.jpg")):
        with pytest.raises(SourceUnavailable) as refused:
            use()
        assert "pip install google-cloud-storage" in refused.value.hint


def test_a_large_bucket_is_counted_in_ranges_and_a_short_list_is_kept() -> None:
    odd = ["a.jpg", "é/1.jpg", "市場/東.jpg", "😀/x.jpg", "notes.txt", "z z&?#.png", "%2e.webp"]
    names = sorted({*odd, *(f"cam-{number % 9}/{number:05}.jpg" for number in range(3000))})
    with stub([told(name) for name in names], page=100) as (endpoint, asked):
        made, so_far = source(endpoint), list[int]()
        made.count(so_far.append, lambda: False)
        assert so_far == sorted(so_far)
        assert so_far[-1] == len(names) - 1  # the notes are no picture
        assert any("startOffset" in one for one in asked)
        requests = len(asked)
        assert [picture.name for picture in listed(made)] == [name for name in names if name != "notes.txt"]
        made.count(so_far.append, lambda: False)
        assert (so_far[-1], len(asked)) == (len(names) - 1, requests)


def test_a_count_that_nobody_wants_any_more_ends_and_keeps_nothing() -> None:
    with stub([told(f"{number:05}.jpg") for number in range(3000)], page=10) as (endpoint, asked):
        made, so_far = source(endpoint), list[int]()
        made.count(so_far.append, lambda: len(so_far) >= 5)
        assert 5 <= len(so_far) < 20
        assert len(listed(made)) == 3000
        assert len(asked) > 300


def test_a_bucket_without_pictures_is_counted_as_a_sentence() -> None:
    with stub([told("notes.txt")]) as (endpoint, _), pytest.raises(SourceUnavailable, match="holds no picture"):
        source(endpoint).count(lambda _: None, lambda: False)
    with stub([], status=403) as (endpoint, _), pytest.raises(SourceUnavailable, match="not public"):
        source(endpoint).count(lambda _: None, lambda: False)


def test_the_emulator_counts_as_it_lists(emulator: str, tmp_path: Path) -> None:
    """It lists everything whatever range it is asked for, and says it in one page."""
    file = tmp_path / "1.jpg"
    file.write_bytes(b"picture")
    bucket = CloudBucket("city", Access(endpoint=emulator))
    names = [f"count/{sign}/{number}.jpg" for sign in ("a", "é", "市") for number in range(4)]
    for name in names:
        bucket.upload(file, name)
    assert sorted(one.name for page, _ in bucket.ranged("count/") for one in page) == sorted(names)
    so_far: list[int] = []
    source(emulator, "count/").count(so_far.append, lambda: False)
    assert so_far[-1] == len(names) == len(listed(source(emulator, "count/")))


def test_pictures_go_up_are_listed_and_come_back_whole(emulator: str, tmp_path: Path) -> None:
    file = tmp_path / "1.jpg"
    file.write_bytes(b"picture")
    bucket = CloudBucket("city", Access(endpoint=emulator))
    bucket.upload(file, "gate/1.jpg")
    made = source(emulator, "gate/")
    [picture] = listed(made)
    assert (picture.name, picture.size_bytes) == ("gate/1.jpg", 7)
    assert made.read(picture) == b"picture"
    url = made.url(picture)
    assert url == f"{emulator}/city/gate/1.jpg"
    with pytest.raises(PictureUnreadable, match="no longer"):
        made.read(replace(picture, name="gate/none.jpg"))
    bucket.delete("gate/1.jpg")
    with pytest.raises(PictureUnreadable, match="larger"):
        made.read(replace(picture, size_bytes=2000))
