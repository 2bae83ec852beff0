"""Zips that strangers pack: what comes out, and what is kept from happening."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mrl_demo.collection.zip_file import plain_part, unpack_pictures
from mrl_demo.errors import CollectionError

PNG = b"\x89PNG not really"


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unpacked(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pictures_come_out_and_nothing_else(tmp_path: Path) -> None:
    names = ("a.png", "trip/b.JPG", "notes.txt", ".hidden.png", "__MACOSX/._a.png", "trip/more/c.webp")
    archive = packed(tmp_path / "z.zip", dict.fromkeys(names, PNG))
    assert unpack_pictures(archive, tmp_path / "out", most=10, most_bytes=1000) == []
    assert unpacked(tmp_path / "out") == ["a.png", "trip/b.JPG", "trip/more/c.webp"]


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    names = (
        "../../up.png",
        "/etc/root.png",
        "a\\..\\..\\back.png",
        "C:\\win.png",
        "x/" * 3 + "n" * 300 + ".png",
    )
    archive = packed(tmp_path / "z.zip", dict.fromkeys(names, PNG))
    unpack_pictures(archive, tmp_path / "in" / "out", most=10, most_bytes=1000)
    assert len(unpacked(tmp_path / "in" / "out")) == 5
    assert unpacked(tmp_path / "in") == [f"out/{name}" for name in unpacked(tmp_path / "in" / "out")]


def test_two_of_one_name_both_come_out(tmp_path: Path) -> None:
    archive = packed(tmp_path / "z.zip", {"a.png": b"1", "../a.png": b"2"})
    unpack_pictures(archive, tmp_path / "out", most=10, most_bytes=1000)
    assert unpacked(tmp_path / "out") == ["a 2.png", "a.png"]


def test_a_zip_that_grows_beyond_its_limits_is_refused(tmp_path: Path) -> None:
    bomb = packed(tmp_path / "bomb.zip", {"a.png": bytes(3_000_000)})
    assert bomb.stat().st_size < 10_000
    with pytest.raises(CollectionError, match="more than the 1 MB"):
        unpack_pictures(bomb, tmp_path / "out", most=10, most_bytes=1_000_000)
    many = packed(tmp_path / "many.zip", {f"{number}.png": PNG for number in range(4)})
    with pytest.raises(CollectionError, match="more than the 3 pictures"):
        unpack_pictures(many, tmp_path / "out", most=3, most_bytes=1_000_000)


def test_what_is_no_zip_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "z.zip").write_bytes(b"PK no")
    with pytest.raises(CollectionError, match="no zip file"):
        unpack_pictures(tmp_path / "z.zip", tmp_path / "out", most=10, most_bytes=1000)


def test_a_damaged_picture_is_left_out_and_the_others_stay(tmp_path: Path) -> None:
    archive = packed(tmp_path / "z.zip", {"a.png": b"A" * 500, "b.png": b"B" * 500})
    data = bytearray(archive.read_bytes())
    data[data.index(b"a.png") + 7] ^= 0xFF  # inside the first one's content
    archive.write_bytes(data)
    left_out = unpack_pictures(archive, tmp_path / "out", most=10, most_bytes=10_000)
    assert [name for name, _ in left_out] == ["a.png"] and unpacked(tmp_path / "out") == ["b.png"]


def test_names_become_such_as_any_file_system_takes() -> None:
    assert plain_part('a:b?"c.JPG') == "a_b__c.JPG"
    assert plain_part("n" * 300 + ".png") == "n" * 200 + ".png"
    assert plain_part("字" * 90 + ".png") == "字" * 66 + ".png"  # file systems count bytes


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_whatever_a_damaged_picture_is_packed_with_the_others_stay(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w", method) as archive:
        archive.writestr("a.png", bytes(range(256)) * 20)
        archive.writestr("b.png", PNG)
    data = bytearray((tmp_path / "z.zip").read_bytes())
    start = data.index(b"a.png") + 5
    data[start + 12 : start + 80] = b"\xff" * 68
    (tmp_path / "z.zip").write_bytes(data)
    left_out = unpack_pictures(tmp_path / "z.zip", tmp_path / "out", most=10, most_bytes=10_000)
    ((name, why),) = left_out
    assert name == "a.png" and why.startswith("it cannot be unpacked: ") and "None" not in why
    assert unpacked(tmp_path / "out") == ["b.png"]


def test_a_name_that_no_file_can_have_is_left_out_and_the_others_stay(tmp_path: Path) -> None:
    names = ("x/" * 2500 + "deep.png", "a.png", "a.png/inside.png", "字" * 90 + ".png", "字" * 91 + ".png")
    archive = packed(tmp_path / "z.zip", dict.fromkeys(names, PNG))
    left_out = unpack_pictures(archive, tmp_path / "out", most=10, most_bytes=10_000)
    assert [name for name, _ in left_out] == [names[0], names[2]]
    assert unpacked(tmp_path / "out") == ["a.png", "字" * 66 + " 2.png", "字" * 66 + ".png"]


def test_a_zip_of_a_later_version_is_refused_in_plain_words(tmp_path: Path) -> None:
    archive = packed(tmp_path / "z.zip", {"a.png": PNG})
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\x01\x02") + 6] = 99  # the version needed, in the directory
    archive.write_bytes(data)
    with pytest.raises(CollectionError, match="no zip file that can be read"):
        unpack_pictures(archive, tmp_path / "out", most=10, most_bytes=1000)
