"""A fleet that is a sheet of addresses: what is listed, what is fetched, what is never shown."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.addresses import PICTURE_SCHEMES, read_pictures_from
from core.errors import PictureUnreadable, SourceUnavailable
from core.picture import Picture
from core.web_address import Reach, read_networks
from storage.google_cloud import Access
from storage.register import Register
from storage.sheet import read_register
from storage.source import ImageSource
from storage.sources import _OPENERS, Elsewhere, Fleet, Pictures
from storage.url_sheet import UrlSheet
from tests.storage.web_peer import Peer, gives, web_peer

UTC_ZONE = ZoneInfo("UTC")


def register(tmp_path: Path, *lines: str, headings: str = "Camera,Location,District,Image URL") -> Register:
    path = tmp_path / "fleet.csv"
    path.write_text("\n".join([headings, *lines]), encoding="utf-8")
    return read_register(path)


def no_fetch(url: str) -> bytes:
    raise AssertionError(f"{url} was fetched")


def listed(source: ImageSource) -> list[Picture]:
    return [picture for page in source.pages() for picture in page]


def pictures(address: str, *peers: Peer) -> Pictures:
    reach = Reach(read_networks("127.0.0.0/8"), frozenset(peer.port for peer in peers))
    return Pictures(address, UTC_ZONE, 1_000_000, reach, Access())


def test_each_row_with_an_address_is_a_picture_of_its_camera(tmp_path: Path) -> None:
    sheet = register(
        tmp_path,
        "gate,North gate,Old town,https://cdn.example/20260314_101500.jpg",
        "gate,North gate,Old town,https://cdn.example/other.jpg?x=1",
        "hall,Hall,Old town,",
        "yard,Yard,New town,gs://city-pictures/yard/1.jpg",
    )
    source = UrlSheet("sheet://", sheet, UTC_ZONE, no_fetch)
    first, second, third = listed(source)
    assert (first.camera, first.name) == ("gate", "cdn.example/20260314_101500.jpg")
    assert first.taken_at is not None
    assert (first.taken_at.hour, first.taken_from) == (10, "name")
    assert (second.camera, third.camera) == ("gate", "yard")
    assert source.url(second) == "https://cdn.example/other.jpg?x=1"
    assert source.url(third) == "https://storage.googleapis.com/city-pictures/yard/1.jpg"
    assert source.origins == ("https://cdn.example", "https://storage.googleapis.com")
    assert not sheet.problems or {one.code for one in sheet.problems} == {"no_coordinate_columns"}


def test_what_stands_behind_the_question_mark_is_in_no_name_and_no_identity(tmp_path: Path) -> None:
    urls = [f"https://cdn.example/a.jpg?auth=secret{number}" for number in (1, 2)]
    source = UrlSheet("sheet://", register(tmp_path, *(f"gate,Gate,Town,{url}" for url in urls)), UTC_ZONE, no_fetch)
    one, two = listed(source)
    assert one.id != two.id
    assert one.identity != two.identity
    assert "secret" not in f"{one}{two}"
    assert [source.url(one), source.url(two)] == urls


@pytest.mark.parametrize(
    "signed",
    [
        "X-Goog-Algorithm=GOOG4&X-Goog-Date=2026{0}&X-Goog-Expires=9&X-Goog-Signature={0}",
        "X-Amz-Credential=a%2F{0}&X-Amz-Signature={0}&x-id=GetObject",
        "Expires={0}&GoogleAccessId=a&Signature={0}",
        "Policy={0}&Signature={0}&Key-Pair-Id=k",
        "sv=2024&se=2026-{0}&sr=b&sp=r&sig={0}",
    ],
)
def test_a_picture_whose_address_is_signed_anew_is_the_same_picture(tmp_path: Path, signed: str) -> None:
    """Signatures last a week at most: the next sheet has others, and what was seen would be paid for again."""
    base = "https://cdn.example/a.jpg?generation=7&"
    old, new = (f"{base}{signed.format(number)}" for number in (111, 222))
    (one,) = listed(UrlSheet("sheet://", register(tmp_path, f"gate,Gate,Town,{old}"), UTC_ZONE, no_fetch))
    source = UrlSheet(
        "sheet://", register(tmp_path, f"gate,Gate,Town,{old}", f"gate,Gate,Town,{new}"), UTC_ZONE, no_fetch
    )
    (other,) = listed(source)
    assert (one.id, one.identity) == (other.id, other.identity)
    assert source.url(other) == new
    third = UrlSheet("sheet://", register(tmp_path, f"g,G,T,{new.replace('=7', '=8')}"), UTC_ZONE, no_fetch)
    assert listed(third)[0].identity != one.identity
    assert "111" not in f"{one}"


def test_a_query_that_only_looks_like_a_signature_is_a_part_of_the_address(tmp_path: Path) -> None:
    urls = [f"https://cdn.example/snap?{query}" for query in ("st=1&se=2", "st=1&se=3", "policy=a", "policy=b")]
    source = UrlSheet("sheet://", register(tmp_path, *(f"gate,Gate,Town,{url}" for url in urls)), UTC_ZONE, no_fetch)
    assert len(listed(source)) == 4


def test_a_sheet_without_a_column_of_cameras_is_a_fleet_by_its_places(tmp_path: Path) -> None:
    sheet = register(
        tmp_path,
        "North gate,Old town,https://cdn.example/1.jpg",
        ",Old town,https://cdn.example/lone.jpg",
        headings="Location,District,Image URL",
    )
    assert [(one.camera, one.district) for one in sheet.known] == [("North gate", "Old town"), ("lone.jpg", "Old town")]
    assert "no_camera_column" not in {one.code for one in sheet.problems}
    assert [one.camera for one in listed(UrlSheet("sheet://", sheet, UTC_ZONE, no_fetch))] == ["North gate", "lone.jpg"]


def test_a_sheet_without_addresses_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no address of a picture"):
        listed(UrlSheet("sheet://", register(tmp_path, "gate,Gate,Town,"), UTC_ZONE, no_fetch))


def test_a_sheet_whose_addresses_are_all_wrong_says_what_is_wrong_with_the_first(tmp_path: Path) -> None:
    sheet = register(tmp_path, "gate,Gate,Town,https://me:geheim@cdn.example/1.jpg")
    with pytest.raises(SourceUnavailable, match="None of the sheet's addresses") as refused:
        listed(UrlSheet("sheet://", sheet, UTC_ZONE, no_fetch))
    assert "Row 2: The address names a user" in refused.value.hint
    assert "geheim" not in refused.value.hint


def test_bytes_are_fetched_through_the_guard_only_when_they_are_asked_for(tmp_path: Path) -> None:
    with web_peer({"/1.jpg": gives(b"picture"), "/gone.jpg": gives(b"", status=404)}) as peer:
        sheet = register(tmp_path, *(f"gate,Gate,Town,{peer.origin}/{name}.jpg" for name in ("1", "gone")))
        source = pictures("sheet://", peer).under(sheet)
        sound, gone = listed(source)
        assert not peer.asked
        assert source.read(sound) == b"picture"
        with pytest.raises(PictureUnreadable, match="404"):
            source.read(gone)
        guarded = Pictures("sheet://", UTC_ZONE, 1_000_000, Reach(), Access()).under(sheet)
        with pytest.raises(PictureUnreadable, match="port"):
            guarded.read(sound)
        assert peer.paths == ["/1.jpg", "/gone.jpg"]


def test_a_picture_whose_row_is_gone_is_unreadable(tmp_path: Path) -> None:
    before = UrlSheet("sheet://", register(tmp_path, "a,A,T,https://cdn.example/1.jpg"), UTC_ZONE, no_fetch)
    after = UrlSheet("sheet://", register(tmp_path, "a,A,T,https://cdn.example/2.jpg"), UTC_ZONE, no_fetch)
    [picture] = listed(before)
    assert after.url(picture) is None
    with pytest.raises(PictureUnreadable, match="no longer"):
        after.read(picture)


def test_the_first_page_is_small_and_every_row_comes_once(tmp_path: Path) -> None:
    sheet = register(tmp_path, *(f"c{n},L,D,https://cdn.example/{n}.jpg" for n in range(600)))
    sizes = [len(page) for page in UrlSheet("sheet://", sheet, UTC_ZONE, no_fetch).pages()]
    assert sizes == [16, 256, 256, 72]


def test_a_hundred_hosts_are_let_in_and_no_more(tmp_path: Path) -> None:
    rows = [f"c{n},L,D,https://h{n}.example/1.jpg" for n in range(150)]
    source = UrlSheet("sheet://", register(tmp_path, *rows, "x,L,D,https://h149.example/2.jpg"), UTC_ZONE, no_fetch)
    assert len(source.origins) == 100
    assert source.origins[0] == "https://h149.example"


def test_every_scheme_that_a_setting_takes_has_its_opener() -> None:
    assert set(PICTURE_SCHEMES) == set(_OPENERS)
    assert read_pictures_from("/srv/pictures") == "file:///srv/pictures"
    with pytest.raises(ValueError, match="gopher"):
        read_pictures_from("gopher://x")


def test_the_registry_tells_folders_from_what_lies_elsewhere(tmp_path: Path) -> None:
    empty = register(tmp_path)
    folder: Fleet = pictures(f"file://{tmp_path}").under(empty)
    assert not isinstance(folder, Elsewhere)
    assert isinstance(pictures("sheet://").under(empty), Elsewhere)
    assert pictures(f"sheet://{tmp_path}/fleet.csv").sheet == tmp_path / "fleet.csv"
    assert pictures("sheet://").sheet is None
    assert pictures(f"file://{tmp_path}").folder == tmp_path
