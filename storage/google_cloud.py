"""Google Cloud Storage, the one file that speaks to it: list, sign, read, write. What a bucket means to questions is
:mod:`storage.bucket`'s business.

Whatever goes wrong is one sentence that says what to do; the library's own words name requests, not remedies.
"""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from core.errors import PictureUnreadable, SourceUnavailable

if TYPE_CHECKING:
    from google.cloud.storage import Bucket, Client

HOST = "https://storage.googleapis.com"
SIGNING_HOST = "https://iamcredentials.googleapis.com"
_FIELDS = "items(name,size,md5Hash,crc32c,generation,updated),nextPageToken"
_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write", "https://www.googleapis.com/auth/iam")
_PATIENCE_S = 15.0
_FIRST_PAGE = 64
_PAGE = 1000  # the most that Google gives at once
_INSTALL = "Install it with: pip install google-cloud-storage"


@dataclass(frozen=True, slots=True)
class Access:
    """How buckets are reached. Without a key file the machine's own credentials are used; where there are none, only
    public buckets can be read. ``endpoint`` is an emulator's; ``url_minutes`` is how long a signed URL holds."""

    project: str = ""
    key_file: Path | None = None
    endpoint: str = ""
    url_minutes: int = 60


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing tells of it. ``md5`` and ``crc32c`` are base 64; composite objects have no md5."""

    name: str
    size_bytes: int
    md5: str | None
    crc32c: str | None
    generation: str
    updated: datetime | None


class CloudBucket:
    """One bucket; nothing is imported or asked before the first use. Safe to use from several threads."""

    def __init__(self, name: str, access: Access) -> None:
        self.name = name
        self._access = access
        self._lock = threading.Lock()
        self._has_signed = False

    @property
    def origin(self) -> str:
        """Scheme, host and port of its objects' URLs."""
        endpoint = self._access.endpoint.rstrip("/")
        return (endpoint if "://" in endpoint else f"http://{endpoint}") if endpoint else HOST

    def objects(self, prefix: str = "", start: str = "", end: str = "") -> Iterator[Sequence[StoredObject]]:
        """Pages of the objects under ``prefix`` by name, from ``start`` and before ``end``. Raises
        :class:`SourceUnavailable`."""
        for page, _ in self._pages(prefix, start, end, (_FIRST_PAGE, _PAGE)):  # a small one is understood at once
            yield page

    def ranged(self, prefix: str = "", start: str = "", end: str = "") -> Iterator[tuple[Sequence[StoredObject], bool]]:
        """The same in pages as large as they come, each with whether more follow."""
        return self._pages(prefix, start, end, (_PAGE,))

    def _pages(
        self, prefix: str, start: str, end: str, sizes: Sequence[int]
    ) -> Iterator[tuple[Sequence[StoredObject], bool]]:
        """Pages of these ``sizes``; the last one stays."""
        token = None
        with self._told("list"):
            for size in sizes:
                listing = self._client.list_blobs(
                    self._bucket,
                    prefix=prefix or None,
                    start_offset=start or None,
                    end_offset=end or None,
                    fields=_FIELDS,
                    page_size=size,
                    page_token=token,
                    timeout=_PATIENCE_S,
                    retry=self._retry,
                )
                for page in listing.pages:
                    token = listing.next_page_token
                    yield [_stored(blob) for blob in page], token is not None
                    if size != sizes[-1] or token is None:
                        break
                if token is None:
                    return

    def require_signing(self) -> None:
        """Raise :class:`SourceUnavailable` where no URL can be made for others. Where Google signs, it is asked once
        whether it would: else each picture would be unreadable for the same reason."""
        with self._told("sign"):
            credentials = self._client._credentials  # the library shows them nowhere else
            from google.auth.credentials import Signing

            if not self._is_public and not isinstance(credentials, Signing) and not _acts_for(credentials):
                raise SourceUnavailable(
                    "These Google credentials can't sign the pictures' URLs: they are no service account's.",
                    "Set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file.",
                )
            if not self._is_public and self._access.key_file is None and not self._has_signed:
                self._signer.sign_bytes(b"Sightline asks whether it may sign.")
                self._has_signed = True

    def url(self, name: str) -> str:
        """A URL of an object that anybody may fetch until it expires. With a key file, made here and without a network;
        with a machine's own credentials, Google is asked to sign."""
        if self._is_public:
            return f"{self.origin}/{self.name}/{quote(name, safe='/~')}"
        with self._told("sign"):
            signed = self._bucket.blob(name).generate_signed_url(
                version="v4",
                expiration=timedelta(minutes=self._access.url_minutes),
                method="GET",
                api_access_endpoint=self.origin,
                credentials=self._signer,
            )
            return str(signed)

    def read(self, name: str, max_bytes: int) -> bytes:
        """An object's bytes, in memory only. Raises :class:`PictureUnreadable`."""
        from google.api_core.exceptions import NotFound

        with self._told("read"):
            blob = self._bucket.blob(name)
            try:  # one byte more than is taken tells that there is more
                content = bytes(blob.download_as_bytes(end=max_bytes, timeout=_PATIENCE_S, retry=self._retry))
            except NotFound as error:
                raise PictureUnreadable("The picture is no longer in the bucket.") from error
        if len(content) > max_bytes:
            raise PictureUnreadable(f"The picture is larger than {max_bytes / 1e6:g} MB.", "MAX_PICTURE_BYTES sets it.")
        return content

    def upload(self, path: Path, name: str) -> None:
        """Put a file there under ``name``, checked by its checksum on arrival."""
        with self._told("write"):
            self._bucket.blob(name).upload_from_filename(str(path), timeout=60, checksum="crc32c", retry=self._retry)

    def delete(self, name: str) -> None:
        """Remove an object."""
        with self._told("write"):
            self._bucket.blob(name).delete(timeout=_PATIENCE_S, retry=self._retry)

    @cached_property
    def _client(self) -> Client:
        with self._lock:
            try:
                from google.cloud import storage
            except ImportError as error:
                raise SourceUnavailable("Google's storage package is not installed.", _INSTALL) from error
            options = {"api_endpoint": self.origin} if self._access.endpoint else None
            return storage.Client(
                project=self._access.project or "sightline", credentials=self._credentials(), client_options=options
            )

    def _credentials(self) -> Any:
        import google.auth
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import DefaultCredentialsError
        from google.oauth2.service_account import Credentials

        key_file = self._access.key_file
        if key_file is not None:
            try:
                return Credentials.from_service_account_file(str(key_file), scopes=_SCOPES)  # type: ignore[no-untyped-call]
            except (OSError, ValueError) as error:
                raise SourceUnavailable(
                    f"{key_file.name} can't be read as a service account's key file.",
                    "GOOGLE_APPLICATION_CREDENTIALS names the JSON file that Google's console gave.",
                ) from error
        if self._access.endpoint:
            return AnonymousCredentials()  # type: ignore[no-untyped-call]
        try:
            return google.auth.default(scopes=_SCOPES)[0]
        except DefaultCredentialsError:  # a public bucket needs none
            return AnonymousCredentials()  # type: ignore[no-untyped-call]

    @cached_property
    def _bucket(self) -> Bucket:
        client = self._client
        try:
            return client.bucket(self.name)
        except ValueError as error:
            raise SourceUnavailable(
                f"“{self.name}” can't be a bucket's name.", "Such names are of small letters, digits, - and _."
            ) from error

    @cached_property
    def _retry(self) -> Any:
        from google.cloud.storage.retry import DEFAULT_RETRY

        return DEFAULT_RETRY.with_timeout(_PATIENCE_S)

    @property
    def _is_public(self) -> bool:
        credentials = self._client._credentials  # first: it says what to install
        from google.auth.credentials import AnonymousCredentials

        return isinstance(credentials, AnonymousCredentials)

    @cached_property
    def _signer(self) -> Any:
        """Credentials that sign: those that can by themselves, else Google for the account that they stand for."""
        from google.auth.credentials import Signing
        from google.auth.transport.requests import Request

        credentials = self._client._credentials
        if isinstance(credentials, Signing):
            return credentials
        if not credentials.valid:  # only then the machine's own tell whose they are
            credentials.refresh(Request())
        return google_signer(credentials, _PATIENCE_S)

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """What goes wrong in the library, in our words."""
        try:
            yield
        except (SourceUnavailable, PictureUnreadable):
            raise
        except Exception as error:
            told = _in_words(error, self.name, doing, public=self._is_public)
            if told is None:
                raise
            raise told from error


def _acts_for(credentials: Any) -> bool:
    """Whether a machine's credentials stand for a service account."""
    return bool(getattr(credentials, "service_account_email", ""))


def google_signer(credentials: Any, patience_s: float) -> Any:
    """Credentials whose signatures are made by Google for the service account of ``credentials``, one request each. The
    library's own way waits for two minutes, and calls everything that goes wrong the same."""
    from google.api_core.exceptions import BadGateway, from_http_status
    from google.auth.credentials import Signing
    from google.auth.transport.requests import AuthorizedSession
    from google.cloud.storage.retry import DEFAULT_RETRY

    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    email = credentials.service_account_email

    class GoogleSigner(Signing):
        signer_email = email
        signer = None

        def sign_bytes(self, message: bytes) -> bytes:
            return bytes(DEFAULT_RETRY.with_timeout(patience_s)(self._asked)(message))

        def _asked(self, message: bytes) -> bytes:
            url = f"{SIGNING_HOST}/v1/projects/-/serviceAccounts/{quote(email, safe='@')}:signBlob"
            reply = session.post(url, json={"payload": b64encode(message).decode()}, timeout=patience_s)
            if reply.status_code != 200:
                raise from_http_status(reply.status_code, "signBlob")  # type: ignore[no-untyped-call]
            try:
                return b64decode(reply.json()["signedBlob"], validate=True)
            except (ValueError, KeyError, TypeError) as error:
                raise BadGateway("signBlob") from error  # type: ignore[no-untyped-call]

    return GoogleSigner()


def _in_words(error: Exception, bucket: str, doing: str, *, public: bool) -> SourceUnavailable | None:
    from google.api_core import exceptions
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests import RequestException

    if isinstance(error, exceptions.RetryError) and isinstance(error.cause, Exception):
        error = error.cause
    if isinstance(error, exceptions.NotFound) and doing != "sign":
        return SourceUnavailable(f"There is no bucket {bucket}.", "Check the bucket's name; it has no gs:// in front.")
    # The library says in words alone that Google refused to sign.
    forbidden = isinstance(error, exceptions.Forbidden) or (doing == "sign" and "PERMISSION_DENIED" in str(error))
    refused = forbidden or isinstance(error, exceptions.Unauthorized | exceptions.NotFound)
    refused = refused or (isinstance(error, GoogleAuthError) and not isinstance(error, TransportError))
    if public and refused:
        return SourceUnavailable(
            f"The bucket {bucket} is not public, and there are no Google credentials here.",
            "Set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file, or run: gcloud auth "
            "application-default login",
        )
    if forbidden:
        return SourceUnavailable(*_FORBIDDEN[doing])
    if refused:
        return SourceUnavailable("Google does not accept these credentials.", "Make a new key for the service account.")
    if doing == "sign" and isinstance(error, exceptions.TooManyRequests):
        return SourceUnavailable(
            "Google is asked to sign more often than it allows.",
            "Lower MAX_WORKERS, or use the service account's key file: then URLs are signed here.",
        )
    if isinstance(error, exceptions.BadRequest):
        return SourceUnavailable("Google does not understand the request.", "Check the names of bucket and prefix.")
    if isinstance(error, exceptions.GoogleAPIError | GoogleAuthError | RequestException | ConnectionError):
        unreachable = "Google Cloud Storage can't be reached now."
        if doing == "sign":
            unreachable = "Google can't be reached now to sign the pictures' URLs."
        return SourceUnavailable(unreachable, "Check the network, and try again.")
    return None


_FORBIDDEN = {
    "list": (
        "These credentials may not list the bucket.",
        "Give the service account the role Storage Object Viewer (storage.objects.list, storage.objects.get).",
    ),
    "read": (
        "These credentials may not read the bucket's pictures.",
        "Give the service account the role Storage Object Viewer (storage.objects.get).",
    ),
    "sign": (
        "These credentials may not sign the pictures' URLs.",
        "Give the service account the role Service Account Token Creator on itself, or use its key file.",
    ),
    "write": (
        "These credentials may not write to the bucket.",
        "Give the service account the role Storage Object User (storage.objects.create, storage.objects.delete).",
    ),
}


def crc32c_of(path: Path) -> str:
    """A file's checksum as a listing tells it."""
    from google_crc32c import Checksum

    checksum: Any = Checksum()  # type: ignore[no-untyped-call]
    with path.open("rb") as file:
        for _ in checksum.consume(file, 1 << 20):
            pass
    return b64encode(checksum.digest()).decode()


def _stored(blob: Any) -> StoredObject:
    updated = blob.updated
    return StoredObject(
        name=blob.name,
        size_bytes=int(blob.size or 0),
        md5=blob.md5_hash,
        crc32c=blob.crc32c,
        generation=str(blob.generation or ""),
        updated=updated.astimezone(UTC) if updated else None,
    )
