"""Checksums: every part of a file counts, wherever the fault is."""

from __future__ import annotations

import pytest
import xxhash

from mrl_demo.errors import CollectionError
from mrl_demo.search import checksums
from mrl_demo.search.checksums import check_content, check_size, record_of, text_sum


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(checksums, "PART_BYTES", 1000)
    path = tmp_path / "file"
    path.write_bytes(bytes(range(250)) * 13)
    return path


def test_a_record_has_the_checksum_of_each_part(file):
    content = file.read_bytes()
    parts = [content[start : start + 1000] for start in range(0, 3250, 1000)]
    record = record_of(file)
    assert (record.name, record.bytes) == ("file", 3250)
    assert list(record.xxh3_128) == [xxhash.xxh3_128(part).hexdigest() for part in parts]
    check_content(file, record)


@pytest.mark.parametrize("at", [0, 999, 1000, 2500, 3249])
def test_one_changed_byte_is_found(file, at):
    record, content = record_of(file), bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    check_size(file, record)
    with pytest.raises(CollectionError, match=r"file is damaged.*checksum"):
        check_content(file, record)


def test_another_length_is_found_without_reading(file):
    record = record_of(file)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(CollectionError, match="3249 bytes, not 3250"):
        check_size(file, record)


def test_an_empty_file_has_no_parts(tmp_path):
    (tmp_path / "empty").touch()
    assert record_of(tmp_path / "empty").xxh3_128 == ()


def test_the_algorithm_is_the_one_that_is_named():
    # Of the specification's authors: XXH3 with 128 bits of nothing at all.
    assert text_sum("") == "99aa06d3014798d86001c324468d497f"
