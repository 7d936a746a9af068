from __future__ import annotations

import os
import struct
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from core.errors import PictureUnreadable, SourceUnavailable
from core.picture import Picture
from storage.folder import FolderSource
from storage.identity import content_identity

NOBODY = 65534
KOLKATA = ZoneInfo("Asia/Kolkata")
REGISTER = {"10.0.7.12": "10.0.7.12", "cam-007": "CAM-007", "main gate": "Main Gate"}


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of a user without root's rights: root may open everything."""
    with TemporaryDirectory() as place:
        if os.geteuid() != 0:
            yield Path(place)
            return
        os.chown(place, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(place)
        finally:
            os.seteuid(0)


def source(root: Path, max_bytes: int = 1_000_000, page_size: int = 256) -> FolderSource:
    return FolderSource(root, KOLKATA, lambda name: REGISTER.get(name.casefold()), max_bytes, page_size)


def listed(folder: FolderSource) -> dict[str, Picture]:
    return {picture.name: picture for page in folder.pages() for picture in page}


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def drawn(suffix: str, when: str | None = None, offset: str | None = None) -> bytes:
    image = Image.new("RGB", (8, 8))
    exif = Image.Exif()
    exif[0x010F] = "Maker"  # Pillow writes no block whose first directory is empty
    if when:
        exif.get_ifd(0x8769)[0x9003] = when
    if offset:
        exif.get_ifd(0x8769)[0x9011] = offset
    stream = BytesIO()
    image.save(stream, {"jpg": "JPEG"}.get(suffix, suffix.upper()), exif=exif)
    return stream.getvalue()


def test_pictures_of_any_case_and_depth_are_listed_and_nothing_else(tmp_path: Path) -> None:
    for name in [
        "a.jpg",
        "b.JPEG",
        "c/d.PnG",
        "c/e/f.webp",
        "c/e/g.BMP",
        "h.gif",
        "i.txt",
        "jpg",
        ".k.jpg",
        ".l/m.jpg",
    ]:
        put(tmp_path / name)
    (tmp_path / "folder.jpg").mkdir()
    assert set(listed(source(tmp_path))) == {"a.jpg", "b.JPEG", "c/d.PnG", "c/e/f.webp", "c/e/g.BMP"}


def test_an_id_is_stable_and_belongs_to_the_folder_and_the_name(tmp_path: Path) -> None:
    put(tmp_path / "one/a.jpg")
    put(tmp_path / "two/a.jpg")
    first, again = listed(source(tmp_path)), listed(source(tmp_path))
    assert first == again
    assert len({picture.id for picture in first.values()}) == 2
    assert listed(source(tmp_path / "one"))["a.jpg"].id != first["one/a.jpg"].id


def test_the_camera_is_the_address_in_the_name_then_a_folder_of_the_register_then_nobody(tmp_path: Path) -> None:
    for name in ["Gate_10_0_7_12_20260131_093005.jpg", "x_10_0_9_9_20260131_093005.jpg", "cam-007/morning/1.jpg"]:
        put(tmp_path / name)
    for name in ["other/1.jpg", "CAM-007_20260131_093005.jpg", "cam-007/main gate/1.jpg", "Main Gate.jpg"]:
        put(tmp_path / name)
    cameras = {name: picture.camera for name, picture in listed(source(tmp_path)).items()}
    assert cameras == {
        "Gate_10_0_7_12_20260131_093005.jpg": "10.0.7.12",
        "x_10_0_9_9_20260131_093005.jpg": "10.0.9.9",
        "cam-007/morning/1.jpg": "CAM-007",
        "other/1.jpg": None,
        "CAM-007_20260131_093005.jpg": "CAM-007",
        "cam-007/main gate/1.jpg": "Main Gate",
        "Main Gate.jpg": "Main Gate",
    }


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_the_time_is_the_names_then_exifs_then_the_files(tmp_path: Path, suffix: str) -> None:
    put(tmp_path / f"a_20260131_093005.{suffix}", drawn(suffix, "2020:01:01 00:00:00"))
    put(tmp_path / f"b.{suffix}", drawn(suffix, "2024:05:06 07:08:09"))
    put(tmp_path / f"c.{suffix}", drawn(suffix, "2024:05:06 07:08:09", "+02:00"))
    put(tmp_path / f"w.{suffix}", drawn(suffix, "2024:05:06 07:08:09", "-05:30"))
    os.utime(put(tmp_path / f"d.{suffix}", drawn(suffix)), (1_700_000_000, 1_700_000_000))
    found = {name[0]: (p.taken_at, p.taken_from) for name, p in listed(source(tmp_path)).items()}
    assert found == {
        "a": (datetime(2026, 1, 31, 4, 0, 5, tzinfo=UTC), "name"),
        "b": (datetime(2024, 5, 6, 1, 38, 9, tzinfo=UTC), "exif"),
        "c": (datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC), "exif"),
        "w": (datetime(2024, 5, 6, 12, 38, 9, tzinfo=UTC), "exif"),
        "d": (datetime.fromtimestamp(1_700_000_000, UTC), "modified"),
    }


def test_a_damaged_header_falls_back_to_the_files_time(tmp_path: Path) -> None:
    good = drawn("jpg", "2024:05:06 07:08:09")
    for length in range(0, len(good), 7):
        put(tmp_path / f"cut{length}.jpg", good[:length])
    put(tmp_path / "wild.jpg", good.replace(b"2024:05:06", b"2024:99:06"))
    put(tmp_path / "loop.png", b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 0, b"abcd") * 500)
    pictures = listed(source(tmp_path))
    assert pictures["wild.jpg"].taken_from == "modified"
    assert pictures["loop.png"].taken_from == "modified"


def test_links_that_leave_the_folder_are_not_followed_and_loops_end(tmp_path: Path) -> None:
    secret = put(tmp_path / "outside/secret.jpg")
    root = tmp_path / "root"
    put(root / "a.jpg")
    (root / "out.jpg").symlink_to(secret)
    (root / "outdir").symlink_to(secret.parent)
    (root / "loop").symlink_to(root)
    (root / "self.jpg").symlink_to(root / "self.jpg")
    (root / "gone.jpg").symlink_to(root / "nowhere")
    (root / "latest.jpg").symlink_to(root / "a.jpg")
    folder = source(root)
    assert set(listed(folder)) == {"a.jpg"}
    assert set(folder.problems) == {"out.jpg", "self.jpg", "gone.jpg"}


def test_what_could_be_taken_for_a_picture_and_is_not_read_is_counted_by_reason(tmp_path: Path) -> None:
    for name in ["a.jpg", "b.jfif", "phone/c.HEIC", "phone/d.heic", "e.gif", "clip.mp4", "notes.txt", ".hidden.heic"]:
        put(tmp_path / name)
    (tmp_path / "out.jpg").symlink_to(put(tmp_path.parent / "outside.jpg"))
    folder = source(tmp_path)
    assert not folder.left_out, "nothing is said before anything was listed"
    assert set(listed(folder)) == {"a.jpg", "b.jfif"}
    told = {one.reason.split(":")[0].split(".")[0]: (one.number, one.example) for one in folder.left_out}
    assert told["Videos are not read"] == (1, "clip.mp4")
    assert told["The link leaves the folder"] == (1, "out.jpg")
    assert told["This kind of picture is not read"][0] == 3
    assert len(told) == 3


def test_pictures_that_have_only_the_time_of_their_files_are_counted(tmp_path: Path) -> None:
    put(tmp_path / "gate_20260131_093005.jpg", drawn("jpg"))
    put(tmp_path / "phone.jpg", drawn("jpg", "2024:05:06 07:08:09"))
    put(tmp_path / "loose.jpg", drawn("jpg"))
    folder = source(tmp_path)
    listed(folder)
    assert folder.undated == 1


def test_a_folder_that_may_not_be_opened_is_told_as_left_out(unprivileged: Path) -> None:
    put(unprivileged / "a.jpg")
    put(unprivileged / "locked/b.jpg")
    (unprivileged / "locked").chmod(0)
    folder = source(unprivileged)
    try:
        assert set(listed(folder)) == {"a.jpg"}
    finally:
        (unprivileged / "locked").chmod(0o700)
    (one,) = folder.left_out
    assert (one.number, one.example) == (1, "locked")
    assert "may not open this folder" in one.reason


def test_a_video_in_the_folders_place_is_told_what_to_do(tmp_path: Path) -> None:
    video = put(tmp_path / "gate.mp4")
    with pytest.raises(SourceUnavailable, match="is a file") as refused:
        listed(source(video))
    assert "cut them into pictures" in refused.value.hint


def test_a_file_exchanged_for_a_link_after_the_listing_is_not_read(tmp_path: Path) -> None:
    secret = put(tmp_path / "outside/secret.jpg", b"secret")
    root = tmp_path / "root"
    put(root / "sub/secret.jpg")
    folder = source(root)
    picture = listed(folder)["sub/secret.jpg"]
    (root / "sub/secret.jpg").unlink()
    (root / "sub").rmdir()
    (root / "sub").symlink_to(secret.parent)
    with pytest.raises(PictureUnreadable, match="outside"):
        folder.read(picture)


@pytest.mark.parametrize(
    "name", ["../outside.jpg", "/etc/hostname", "a/../../outside.jpg", "\\x2e./outside.jpg", "a\\x00"]
)
def test_a_name_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path / "outside.jpg")
    put(tmp_path / "root/a.jpg")
    with pytest.raises(PictureUnreadable):
        source(tmp_path / "root").picture(name)


def test_names_that_are_not_text_are_listed_printable_and_read_back(tmp_path: Path) -> None:
    raw = [b"caf\xe9.jpg", b"line\nbreak.jpg", b"back\\x41slash.jpg", "చిత్రం.jpg".encode(), b"\xff/\xfe.png"]
    for raw_name in raw:
        put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw_name)), raw_name)
    folder = source(tmp_path)
    pictures = listed(folder)
    assert len(pictures) == len(raw)
    for name, picture in pictures.items():
        assert name.encode()
        assert "\n" not in name
        assert folder.read(picture) in raw
        assert folder.picture(name) == picture
    assert "చిత్రం.jpg" in pictures


def test_each_way_of_being_unreadable_has_its_reason(tmp_path: Path) -> None:
    put(tmp_path / "empty.jpg", b"")
    put(tmp_path / "large.jpg", b"x" * 101)
    put(tmp_path / "gone.jpg")
    put(tmp_path / "pipe.jpg")
    folder = source(tmp_path, max_bytes=100)
    pictures = listed(folder)
    (tmp_path / "gone.jpg").unlink()
    (tmp_path / "pipe.jpg").unlink()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name, reason in {"empty": "empty", "large": "larger", "gone": "gone", "pipe": "not a file"}.items():
        with pytest.raises(PictureUnreadable, match=reason) as caught:
            folder.read(pictures[f"{name}.jpg"])
        assert str(tmp_path) not in caught.value.sentence


def test_the_bytes_and_their_identity_are_those_of_the_file(tmp_path: Path) -> None:
    put(tmp_path / "a.jpg", b"abc")
    folder = source(tmp_path)
    content = folder.read(listed(folder)["a.jpg"])
    assert content == b"abc"
    assert content_identity(content).value == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert folder.url(folder.picture("a.jpg")) is None


def test_a_folder_that_may_not_be_read_is_reported_and_the_rest_listed(unprivileged: Path) -> None:
    put(unprivileged / "open/a.jpg")
    put(unprivileged / "shut/b.jpg")
    (unprivileged / "shut").chmod(0)
    folder = source(unprivileged)
    try:
        assert set(listed(folder)) == {"open/a.jpg"}
        assert "permissions" in folder.problems["shut"]
    finally:
        (unprivileged / "shut").chmod(0o700)


def test_a_folder_nested_too_deep_is_reported_and_the_rest_listed(tmp_path: Path) -> None:
    put(tmp_path / "a.jpg")
    step = "d" * 200
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):  # longer than any path may be, so that only a relative way leads there
        os.mkdir(step, dir_fd=descriptor)
        deeper = os.open(step, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(descriptor)
    folder = source(tmp_path)
    assert set(listed(folder)) == {"a.jpg"}
    assert len(folder.problems) == 1
    subprocess.run(["rm", "-rf", str(tmp_path / step)], check=True)  # shutil and pytest can't


def test_a_folder_removed_while_it_is_listed_is_reported(tmp_path: Path) -> None:
    put(tmp_path / "a.jpg")
    put(tmp_path / "sub/b.jpg")
    folder = source(tmp_path, page_size=1)
    pages = folder.pages()
    next(pages)
    (tmp_path / "sub/b.jpg").unlink()
    (tmp_path / "sub").rmdir()
    assert [*pages] == []
    assert folder.problems == {"sub": "The file is gone."}


def test_a_root_that_is_not_there_or_no_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="not there"):
        next(source(tmp_path / "nowhere").pages())
    with pytest.raises(SourceUnavailable, match="not a folder"):
        next(source(put(tmp_path / "a.jpg")).pages())


def test_a_large_folder_starts_at_once_and_pages_stay_bounded(tmp_path: Path) -> None:
    count = 20_000
    for index in range(count):
        os.close(os.open(f"{tmp_path}/Gate_10_0_7_12_20260131_{index:06d}.jpg", os.O_CREAT | os.O_WRONLY))
    folder = source(tmp_path)
    started = time.perf_counter()
    pages = folder.pages()
    first = next(pages)
    first_s = time.perf_counter() - started
    sizes = [len(first), *map(len, pages)]
    whole_s = time.perf_counter() - started
    assert sum(sizes) == count
    assert max(sizes) == 256
    assert first_s < whole_s / 5


def test_without_a_register_each_folder_is_a_camera(tmp_path: Path) -> None:
    put(tmp_path / "pictures" / "Gate" / "1.jpg")
    put(tmp_path / "pictures" / "loose.jpg")
    put(tmp_path / "pictures" / "Gate" / "Old_10_0_7_12_20260314_093000.jpg")
    folder = FolderSource(tmp_path / "pictures", KOLKATA, lambda name: None, 1000, folders_are_cameras=True)
    cameras = {Path(name).name[:5]: picture.camera for name, picture in listed(folder).items()}
    assert cameras == {"1.jpg": "Gate", "loose": None, "Old_1": "10.0.7.12"}


def test_the_fingerprint_changes_with_the_file(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jpg", b"one")
    (before,) = listed(source(tmp_path)).values()
    (same,) = listed(source(tmp_path)).values()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    (after,) = listed(source(tmp_path)).values()
    assert before.fingerprint == same.fingerprint != after.fingerprint
