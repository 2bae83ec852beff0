"""A folder of images becomes a collection: in order, without the bad ones, and going on after a kill."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection import Pack, load_image, write_pack
from mrl_demo.collection.folder import IndexConfig, index_folder, run
from mrl_demo.collection.sources import plain_name, words_of
from mrl_demo.errors import CollectionError
from tests.fakes import COLOURS, FakeEncoder, paint, small_rows


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve good images in two levels of folders, among what one finds in such folders."""
    root = tmp_path / "photos"
    (root / "trips" / "rome").mkdir(parents=True)
    (root / ".cache").mkdir()
    for number, colour in enumerate(COLOURS):
        paint(colour, side=300).save(root / f"{colour}_mug-{number:02}.{'jpg' if number % 2 else 'png'}")
    for number in range(4):
        paint("red", setting="grass", side=100).rotate(20 * number).save(
            root / "trips" / "rome" / f"IMG{number}.webp"
        )
    paint().save(root / ".cache" / "hidden.png")
    paint().save(root / ".hidden.png")
    (root / "notes.txt").write_text("not an image")
    return root


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_a_folder_becomes_a_pack_in_sorted_order(photos: Path, tmp_path: Path) -> None:
    report = index_folder(photos, tmp_path / "out", FakeEncoder(), batch_size=5)
    pack = Pack.open(tmp_path / "out")
    pack.verify()
    assert (report.indexed, report.skipped, report.reused) == (12, (), 0) and report.seconds > 0
    sources = [pack.source(key) for key in range(12)]
    assert sources == sorted(sources) and len(set(sources)) == 12
    key = sources.index("blue_mug-02.png")
    assert pack.caption(key) == pack.caption(key, "short") == "blue mug 02"
    assert pack.attributes["folder"][key] == "photos"
    assert pack.attributes["folder"][sources.index("trips/rome/IMG3.webp")] == "trips/rome"
    assert load_image(pack.thumbnail(key)).size == (192, 192)
    assert (pack.title, pack.model["fingerprint"], pack.full_dim) == ("photos", "fake-512", 512)
    expected = FakeEncoder().encode_image(photos / "blue_mug-02.png")
    np.testing.assert_allclose(pack.embeddings[key], expected, atol=2e-3)
    assert not (tmp_path / "out" / ".partial").exists()


def test_bad_files_are_skipped_and_reported(photos: Path, tmp_path: Path) -> None:
    (photos / "empty.jpg").touch()
    (photos / "text.png").write_text("hello")
    (photos / "cut.png").write_bytes((photos / "blue_mug-02.png").read_bytes()[:120])
    (photos / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (photos / "gone.jpg").symlink_to(photos / "nowhere.jpg")
    report = index_folder(photos, tmp_path / "out", FakeEncoder(), batch_size=3)
    assert report.indexed == 12 == len(Pack.open(tmp_path / "out"))
    reasons = dict(report.skipped)
    assert sorted(reasons) == ["cut.png", "empty.jpg", "gone.jpg", "phone.heic", "text.png"]
    assert (
        reasons["empty.jpg"].startswith("is empty (0 bytes)") and "allowed are JPEG" in reasons["phone.heic"]
    )
    assert "damaged" in reasons["cut.png"] and "there is no file" in reasons["gone.jpg"]


def test_link_loops_end_and_each_folder_is_visited_once(photos: Path, tmp_path: Path) -> None:
    (photos / "trips" / "up").symlink_to(photos, target_is_directory=True)
    (photos / "again").symlink_to(photos / "trips", target_is_directory=True)
    (photos / "itself").symlink_to(photos / "itself")
    assert index_folder(photos, tmp_path / "out", FakeEncoder()).indexed == 12


def test_out_inside_the_folder_is_not_indexed_itself(photos: Path) -> None:
    for _ in range(2):
        assert index_folder(photos, photos / "collection", FakeEncoder()).indexed == 12


def test_a_second_run_encodes_only_what_is_new_or_changed(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    index_folder(photos, out, FakeEncoder())
    first = contents(out)
    encoder = FakeEncoder()
    assert index_folder(photos, out, encoder).reused == 12
    assert encoder.images_encoded == 0 and contents(out) == first
    paint("yellow").save(photos / "new.png")
    paint("purple", side=77).save(photos / "red_mug-00.png")
    (photos / "green_mug-01.jpg").unlink()
    report = index_folder(photos, out, encoder)
    assert (report.indexed, report.reused, encoder.images_encoded) == (12, 10, 2)
    fresh = tmp_path / "fresh"
    index_folder(photos, fresh, FakeEncoder())
    assert contents(fresh) == contents(out)


def test_another_encoder_encodes_everything_again(photos: Path, tmp_path: Path) -> None:
    index_folder(photos, tmp_path / "out", FakeEncoder())
    assert index_folder(photos, tmp_path / "out", FakeEncoder(64)).reused == 0
    assert Pack.open(tmp_path / "out").embeddings.shape == (12, 64)


class Stops(FakeEncoder):
    """Dies after so many images, as a kill would: what is raised is no error anybody handles."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def encode_image(self, image):  # type: ignore[no-untyped-def]
        if self.images_encoded >= self.after:
            raise KeyboardInterrupt
        return super().encode_image(image)


@pytest.mark.parametrize("after", [3, 6, 9])
def test_a_stopped_run_goes_on_and_ends_with_the_same_bytes(photos: Path, tmp_path: Path, after: int) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    with pytest.raises(KeyboardInterrupt):
        index_folder(photos, out, Stops(after), batch_size=3)
    with pytest.raises(CollectionError, match=r"has no manifest\.json"):
        Pack.open(out)
    (next((out / ".partial").iterdir()) / "000099.tmp").write_bytes(b"half a batch")
    encoder = FakeEncoder()
    report = index_folder(photos, out, encoder, batch_size=4)
    assert (report.reused, encoder.images_encoded) == (after, 12 - after)
    index_folder(photos, whole, FakeEncoder())
    assert contents(out) == contents(whole)


def test_two_runs_into_one_folder_do_not_mix(photos: Path, tmp_path: Path) -> None:
    class Meanwhile(FakeEncoder):
        def encode_image(self, image):  # type: ignore[no-untyped-def]
            with pytest.raises(CollectionError, match="is being written by another"):
                index_folder(photos, tmp_path / "out", FakeEncoder(64))
            return super().encode_image(image)

    assert index_folder(photos, tmp_path / "out", Meanwhile(), batch_size=5).indexed == 12
    assert index_folder(photos, tmp_path / "out", FakeEncoder()).reused == 12


def test_a_damaged_batch_is_encoded_again(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        index_folder(photos, tmp_path / "out", Stops(6), batch_size=3)
    batch = next((tmp_path / "out" / ".partial").rglob("000000.parquet"))
    batch.write_bytes(batch.read_bytes()[:50])
    assert index_folder(photos, tmp_path / "out", FakeEncoder()).reused == 3
    Pack.open(tmp_path / "out").verify()


def test_a_stopped_second_run_leaves_the_first_collection_usable(photos: Path, tmp_path: Path) -> None:
    index_folder(photos, tmp_path / "out", FakeEncoder())
    for number in range(6):
        paint("yellow", side=50 + number).save(photos / f"new{number}.png")
    with pytest.raises(KeyboardInterrupt):
        index_folder(photos, tmp_path / "out", Stops(3), batch_size=3)
    assert len(Pack.open(tmp_path / "out")) == 12
    assert index_folder(photos, tmp_path / "out", FakeEncoder()).reused == 15


@pytest.mark.parametrize("what", ["someone's folder", "a file", "another pack", "the images"])
def test_an_out_that_is_not_ours_is_refused_and_untouched(photos: Path, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out"
    if what == "someone's folder":
        out.mkdir()
        (out / "thesis.tex").write_text("x")
        complaint = "not a collection that index made"
    elif what == "a file":
        out.write_text("x")
        complaint = "is a file"
    elif what == "another pack":
        write_pack(out, small_rows(3), name="s", title="Still lifes")
        complaint = "'Still lifes', which index did not make"
    else:
        out, complaint = photos, "in the folder of images itself"
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CollectionError, match=complaint):
        index_folder(photos, out, FakeEncoder())
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_without_images_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").touch()
    out = tmp_path / "out"
    with pytest.raises(CollectionError, match="there are no images in"):
        index_folder(tmp_path / "empty", out, FakeEncoder())
    with pytest.raises(CollectionError, match="there is no folder"):
        index_folder(tmp_path / "nowhere", out, FakeEncoder())
    with pytest.raises(CollectionError, match="is a file"):
        index_folder(tmp_path / "empty" / "notes.txt", out, FakeEncoder())
    (tmp_path / "empty" / "bad.png").write_text("x")
    with pytest.raises(CollectionError, match=r"none of the 1 images .* bad\.png"):
        index_folder(tmp_path / "empty", out, FakeEncoder())
    assert not out.exists()
    for wrong in ({"batch_size": 0}, {"limit": -1}):
        with pytest.raises(ValueError, match="must be at least"):
            index_folder(tmp_path, out, FakeEncoder(), **wrong)


def test_the_command_takes_a_config(photos: Path, tmp_path: Path) -> None:
    report = run(IndexConfig(photos, tmp_path / "out", batch_size=4, limit=5), FakeEncoder())
    assert report.indexed == 5 == len(Pack.open(tmp_path / "out"))


def test_progress_ends_at_the_total(photos: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    index_folder(
        photos, tmp_path / "o", FakeEncoder(), batch_size=5, progress=lambda *both: seen.append(both)
    )
    assert seen[-1] == (12, 12) and seen == sorted(seen)


def test_file_names_that_are_not_utf8_do_not_stop_it(photos: Path, tmp_path: Path) -> None:
    try:
        shutil.copy(os.fsencode(photos / "red_mug-00.png"), os.fsencode(photos) + b"/caf\xe9.png")
    except OSError:
        pytest.skip("this file system allows only UTF-8 names")
    assert index_folder(photos, tmp_path / "out", FakeEncoder()).indexed == 13


@pytest.mark.parametrize(
    ("stem", "words"),
    [
        ("red_mug-02", "red mug 02"),
        ("SunsetAtSea", "Sunset At Sea"),
        ("IMG_0001", "IMG 0001"),
        ("été.2019 (1)", "été 2019 1"),
        ("赤いマグ", "赤いマグ"),
        ("potter's_wheel", "potter's wheel"),
        ("___", "___"),
    ],
)
def test_file_names_become_words(stem: str, words: str) -> None:
    assert words_of(stem) == words


@pytest.mark.parametrize(
    ("text", "name"), [("My Photos (2019)", "my-photos-2019"), ("a/b?c#d", "a-b-c-d"), ("写真", "collection")]
)
def test_folder_names_become_names_that_are_safe_in_addresses(text: str, name: str) -> None:
    assert plain_name(text) == name


def test_big_photos_are_shrunk_before_they_wait_for_the_encoder(tmp_path: Path) -> None:
    sizes: list[tuple[int, int]] = []

    class Looks(FakeEncoder):
        def encode_image(self, image):  # type: ignore[no-untyped-def]
            sizes.extend(one.size for one in image)
            return super().encode_image(image)

    (tmp_path / "p").mkdir()
    buffer = io.BytesIO()
    paint("red", side=3000).save(buffer, "JPEG")
    (tmp_path / "p" / "big.jpg").write_bytes(buffer.getvalue())
    index_folder(tmp_path / "p", tmp_path / "out", Looks())
    assert sizes == [(512, 512)]
