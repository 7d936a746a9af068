"""Putting a folder into a bucket: odd names, odd objects, and what can't be put."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from storage.google_cloud import Access, CloudBucket, StoredObject, crc32c_of
from storage.upload import Put, files_in, upload

ODD = (
    "gate 1.jpg",
    "Tür.jpg",
    "a#b.jpg",
    "a?b.jpg",
    "100%.jpg",
    "%41.jpg",
    "🚦.png",
    "a+b&c=d.webp",
    "日本.JPG",
    "'\".jpg",
)


def put(bucket: CloudBucket, folder: Path, prefix: str) -> dict[str, Put]:
    return {one.name.removeprefix(prefix): one.put for one in upload(bucket, folder, files_in(folder), prefix)}


def test_names_of_all_kinds_go_up_come_back_and_are_known_again(emulator: str, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*("abcdefgh" * 2 for _ in range(30)))
    deep.mkdir(parents=True)
    (deep / "deep.jpg").write_bytes(b"deep")
    for name in ODD:
        (tmp_path / name).write_bytes(name.encode())
    bucket = CloudBucket("city", Access(endpoint=emulator))
    assert set(put(bucket, tmp_path, "odd/").values()) == {Put.SENT}
    assert set(put(bucket, tmp_path, "odd/").values()) == {Put.THERE}
    for name in ODD:
        assert bucket.read(f"odd/{name}", 1000) == name.encode()


def test_a_file_whose_name_no_object_can_have_is_told_and_the_others_go(emulator: str, tmp_path: Path) -> None:
    tall = tmp_path.joinpath(*("n" * 200 for _ in range(6)))
    tall.mkdir(parents=True)
    names = [tmp_path / "a\nb.jpg", tall / "long.jpg", Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg"))]
    for path in (*names, tmp_path / "good.jpg"):
        path.write_bytes(b"x")
    unreadable = tmp_path / "gone.jpg"
    unreadable.symlink_to(tmp_path / "good.jpg")
    done = list(upload(CloudBucket("city", Access(endpoint=emulator)), tmp_path, files_in(tmp_path), "no/"))
    failed = {one.name.removeprefix("no/"): one.reason for one in done if one.put is Put.FAILED}
    assert len(failed) == 3
    assert failed["a\nb.jpg"] == "Its name holds a line break, which no object's name may."
    assert sorted(failed.values())[1:] == ["Its name is longer than 1,024 bytes.", "Its name is not written in UTF-8."]
    assert {one.name for one in done if one.put is Put.SENT} == {"no/good.jpg", "no/gone.jpg"}


def test_a_file_that_goes_while_it_is_compared_is_told(emulator: str, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"x")
    bucket = CloudBucket("city", Access(endpoint=emulator))
    put(bucket, tmp_path, "go/")
    files = files_in(tmp_path)
    (tmp_path / "a.jpg").unlink()
    done = {one.name: one for one in upload(bucket, tmp_path, files, "go/")}
    assert done["go/a.jpg"].put is Put.FAILED
    assert done["go/a.jpg"].reason == "No such file or directory"
    assert done["go/b.jpg"].put is Put.THERE


def test_an_object_that_was_composed_is_compared_by_its_own_checksum(tmp_path: Path) -> None:
    """Such an object has no md5; that its size agrees says little of cameras' pictures."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"123456789")
    assert crc32c_of(path) == "4waSgw=="  # the check value of CRC-32C, E3069283

    class Composed(CloudBucket):
        crc32c: str | None = None

        def objects(self, prefix: str = "", start: str = "", end: str = "") -> Iterator[list[StoredObject]]:
            yield [StoredObject("a.jpg", 9, None, self.crc32c, "1", None)]

    bucket = Composed("city", Access())
    for crc32c, expected in (("4waSgw==", Put.THERE), ("AAAAAA==", Put.DIFFERS), (None, Put.THERE)):
        bucket.crc32c = crc32c
        assert [one.put for one in upload(bucket, tmp_path, [path], "", send=False)] == [expected]
