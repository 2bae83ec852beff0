"""A folder of anyone's images becomes a collection: `python -m mrl_demo index FOLDER --out DIR`.

Pictures are decoded by a few threads, encoded batch by batch, and each batch is kept at once (`journal.py`),
so a killed run goes on where it stopped. Bad files are skipped and reported. The result is an ordinary pack.
Knows where pictures come from only as a `Source`, and encoders only by protocol.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image

from mrl_demo.collection.build import BATCH, PackEncoder, described, encode_checked, stage_embeddings
from mrl_demo.collection.image_files import SUFFIXES, ImageFiles, find_files
from mrl_demo.collection.images import FORMATS_IN_WORDS, load_image, make_thumbnail
from mrl_demo.collection.items import CAPTIONS, Item, attribute_columns, open_table, write_items
from mrl_demo.collection.journal import FOLDER as PARTIAL
from mrl_demo.collection.journal import Encoded, Journal, Key
from mrl_demo.collection.manifest import INDEXED, MANIFEST, Manifest
from mrl_demo.collection.pack import ITEMS, Pack
from mrl_demo.collection.parquet import ParquetSource
from mrl_demo.collection.progress import Progress, ProgressFunction, reporter
from mrl_demo.collection.sources import Entry, Source, plain_name, words_of
from mrl_demo.collection.staging import NEXT, PREFIX, Staging, read_manifest
from mrl_demo.errors import CollectionError, ImageError

LONGEST = 512  # pixels; enough for any encoder's input and for thumbnails, and a batch of photos stays small
THREADS = 4
STAMPS = "sources.json"  # name, size, time of change of every row: what a later run need not encode again


@dataclass(frozen=True)
class IndexConfig:
    """`index`: what to index, where to, with which encoder."""

    folder: Path = field(
        metadata={"help": "a folder of images, or a Parquet file or folder with an image column"}
    )
    out: Path = field(
        metadata={"help": "the collection to make: a new folder, or one that index made before"}
    )
    checkpoint: Path = field(
        default=Path("checkpoints/still-life"), metadata={"help": "the encoder's folder"}
    )
    batch_size: int = field(default=BATCH, metadata={"help": "images encoded at a time"})
    limit: int = field(default=0, metadata={"help": "take only the first so many images; 0 for all"})


@dataclass(frozen=True)
class IndexReport:
    """What an index run did. `reused` of the `indexed` pictures had been encoded before a kill or in an
    earlier run."""

    indexed: int
    skipped: tuple[tuple[str, str], ...]  # (path, reason)
    seconds: float
    reused: int = 0


def run(config: IndexConfig, encoder: PackEncoder) -> IndexReport:
    """`index_folder` with a progress bar, as the command line has it."""
    return index_folder(
        config.folder, config.out, encoder, batch_size=config.batch_size, limit=config.limit, progress=True
    )


def index_folder(
    folder: str | Path,
    out: str | Path,
    encoder: PackEncoder,
    *,
    batch_size: int = BATCH,
    limit: int = 0,
    progress: Progress = None,
) -> IndexReport:
    """Make (or bring up to date) the collection `out` from every image below `folder`; see the module's
    docstring.

    A picture is encoded again only when its size, its time of change or the encoder is another than before.
    Hidden files are left out, links are followed but no folder is visited twice. Raises CollectionError when
    there are no images, when none could be read, or when `out` is something else than a new folder or one
    that index made.
    """
    started = time.perf_counter()
    folder, out = Path(folder), Path(out)
    if batch_size < 1 or limit < 0:
        raise ValueError(f"batch_size must be at least 1 and limit at least 0, got {batch_size} and {limit}")
    _check_out(folder, out)
    source = _open_source(folder, out, limit)
    report = reporter(progress, "indexing")
    try:
        with Staging(out) as staging:  # for the whole run: it keeps other writers from the journal, too
            journal = Journal(out, encoder.fingerprint)
            known = Known(journal, out, encoder)
            kept, skipped, reused = _encode(source, encoder, known, batch_size, report)
            if kept:
                _write(staging, source.name, kept, known, encoder)
            journal.remove()
    except OSError as error:
        raise CollectionError(f"{out} could not be written: {error}") from error
    if not kept:
        with contextlib.suppress(OSError):  # not empty: there is an older collection, which stays
            out.rmdir()
        path, reason = skipped[0]
        raise CollectionError(
            f"none of the {len(skipped)} images in {folder} could be read; {path}: {reason}"
        )
    return IndexReport(len(kept), tuple(skipped), time.perf_counter() - started, reused)


class Known:
    """Pictures that need no encoding: those of the journal, and those of the pack an earlier run made with
    this encoder."""

    def __init__(self, journal: Journal, out: Path, encoder: PackEncoder) -> None:
        self.journal = journal
        self._pack: Pack | None = None
        self._rows: dict[Key, int] = {}
        with contextlib.suppress(
            CollectionError, OSError, ValueError, TypeError
        ):  # damaged: then encode again
            pack = Pack.open(out)
            if pack.model.get("fingerprint") == encoder.fingerprint and pack.embeddings is not None:
                stamps = json.loads(pack.file(STAMPS).read_text("utf-8"))
                self._rows = {(name, size, changed): row for row, (name, size, changed) in enumerate(stamps)}
                self._pack = pack

    def __contains__(self, key: Key) -> bool:
        return key in self.journal or key in self._rows

    def __getitem__(self, key: Key) -> Encoded:
        if key in self.journal or self._pack is None:
            return self.journal.get(key)
        row = self._rows[key]
        return Encoded(self._pack.thumbnail(row), np.asarray(self._pack.embeddings[row], dtype=np.float16))


def _check_out(folder: Path, out: Path) -> None:
    """CollectionError unless `out` is new, empty, left by a killed run, or a collection that index made."""
    if out.exists() and not out.is_dir():
        raise CollectionError(f"{out} is a file; the collection needs a folder of its own")
    if out.resolve() == folder.resolve():
        raise CollectionError(f"the collection cannot be made in the folder of images itself, {folder}")
    if not out.exists():
        return
    names = {path.name for path in out.iterdir()} - {PARTIAL}
    if {MANIFEST, NEXT} & names:
        manifest, _ = read_manifest(out)
        if manifest.origin != INDEXED:
            raise CollectionError(f"{out} holds the collection {manifest.title!r}, which index did not make")
    elif any(not name.startswith(PREFIX) for name in names):
        raise CollectionError(f"{out} exists and is not a collection that index made; name a new folder")


def _open_source(folder: Path, out: Path, limit: int) -> Source:
    """The pictures of `folder`: its image files, or else the rows of its Parquet files; or those of one such
    file."""
    if not folder.exists():
        raise CollectionError(f"there is no folder {folder}")
    if folder.is_file():
        if folder.suffix.lower() != ".parquet":
            raise CollectionError(f"{folder} is a file; a folder of images or a .parquet file is needed")
        return ParquetSource(folder.parent, [folder], name=folder.stem, limit=limit)
    images = find_files(folder, SUFFIXES, leave_out=out)
    if any(not fault for _, fault in images):
        return ImageFiles(folder, images[: limit or None])
    tables = [path for path, fault in find_files(folder, frozenset({".parquet"}), leave_out=out) if not fault]
    if tables:
        return ParquetSource(folder, tables, name=folder.resolve().name, limit=limit)
    raise CollectionError(f"there are no images in {folder} (looked for {FORMATS_IN_WORDS}, and for Parquet)")


def _encode(
    source: Source, encoder: PackEncoder, known: Known, batch_size: int, report: ProgressFunction
) -> tuple[list[Entry], list[tuple[str, str]], int]:
    """Encode what is not known yet. Returns the entries that are good (without content), the bad, how many
    were known."""
    entries: list[Entry] = []
    bad: dict[int, str] = {}
    waiting: list[tuple[int, Entry]] = []
    reused = 0

    def flush(pool: ThreadPoolExecutor) -> None:
        results = list(pool.map(_load, (entry for _, entry in waiting)))
        bad.update({at: one for (at, _), one in zip(waiting, results, strict=True) if isinstance(one, str)})
        pairs = [(_key(entry), one) for (_, entry), one in zip(waiting, results, strict=True)]
        keys = [key for key, one in pairs if not isinstance(one, str)]
        pictures = [one for _, one in pairs if not isinstance(one, str)]
        if pictures:
            vectors = encode_checked(encoder, [image for image, _ in pictures]).astype(np.float16)
            thumbnails = (thumbnail for _, thumbnail in pictures)
            known.journal.add(keys, [Encoded(*both) for both in zip(thumbnails, vectors, strict=True)])
        waiting.clear()
        report(len(entries), len(source))

    with ThreadPoolExecutor(THREADS, thread_name_prefix="load-image") as pool:
        for at, entry in enumerate(source):
            entries.append(replace(entry, content=b""))
            if _key(entry) in known:
                reused += 1
            else:
                waiting.append((at, entry))
            if len(waiting) == batch_size:
                flush(pool)
        flush(pool)
    good = [entry for at, entry in enumerate(entries) if at not in bad]
    return good, [(entries[at].name, reason) for at, reason in bad.items()], reused


def _load(entry: Entry) -> tuple[Image.Image, bytes] | str:
    """The picture for the encoder and its thumbnail, or why there is none."""
    if entry.fault:
        return entry.fault
    try:
        image = load_image(entry.content, name=entry.name, longest=LONGEST)
        return image, make_thumbnail(image)
    except ImageError as error:
        return str(error).removeprefix(f"{entry.name} ")  # the report names it anyway


def _write(staging: Staging, name: str, entries: list[Entry], known: Known, encoder: PackEncoder) -> None:
    vectors = np.empty((len(entries), encoder.full_dim), dtype=np.float16)

    def rows() -> Iterator[Item]:
        for row, entry in enumerate(entries):
            encoded = known[_key(entry)]
            vectors[row] = encoded.embedding
            captions = dict.fromkeys(CAPTIONS, entry.caption)
            yield Item(encoded.thumbnail, **captions, attributes=entry.attributes, path=entry.name)

    write_items(staging.path(ITEMS), rows())
    stage_embeddings(staging, vectors, encoder)
    staging.path(STAMPS).write_text(json.dumps([_key(entry) for entry in entries]), "utf-8")
    columns = attribute_columns(open_table(staging.path(ITEMS)).schema_arrow)
    manifest = Manifest(plain_name(name), words_of(name), len(entries), columns=columns, origin=INDEXED)
    staging.commit(described(manifest, encoder))


def _key(entry: Entry) -> Key:
    return (entry.name, *entry.stamp)
