"""Make packs: from rows, from a table that is there already, and give them embeddings.

Whatever happens while one is made, the folder then holds the whole new pack or the whole old one
(`staging.py`). Knows an encoder only as the protocol below; where rows come from is the caller's affair.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mrl_demo.collection.images import load_image
from mrl_demo.collection.items import ROWS_A_GROUP, Item, attribute_columns, open_table, write_items
from mrl_demo.collection.manifest import MANIFEST, Manifest, plain_name
from mrl_demo.collection.pack import EMBEDDINGS, EXAMPLE_EMBEDDINGS, EXAMPLE_TEXTS, ITEMS, Pack
from mrl_demo.collection.progress import Progress, reporter
from mrl_demo.collection.staging import NEXT, Staging, manifest_in_force, record_file
from mrl_demo.errors import CollectionError

BATCH = 32


class PackEncoder(Protocol):
    """What is needed of an encoder to embed a pack; `mrl_demo.model.Encoder` is one."""

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def full_dim(self) -> int: ...
    @property
    def nested_dims(self) -> tuple[int, ...]: ...
    def encode_image(self, image: Any) -> npt.NDArray[np.float32]: ...
    def encode_text(self, text: Any) -> npt.NDArray[np.float32]: ...


def write_pack(
    out: str | Path,
    rows: Iterable[Item | Mapping[str, Any]],
    *,
    name: str,
    title: str,
    licence: str = "",
    origin: str = "written",
    rows_a_group: int = ROWS_A_GROUP,
) -> Pack:
    """Write a pack of `rows` (streamed, so they may be many) into the folder `out`, whole or not at all; open
    it.

    A row is an Item or a flat mapping: image (WebP bytes, or {bytes, path}), caption_short, caption_medium,
    caption_long, scene, and any other key as a str, int or float attribute, the same in every row. A pack
    that was there is replaced, its embeddings with it; other files of the folder stay. Raises CollectionError
    for no rows, rows that differ in their attributes, and a folder that cannot be written; what `rows` raises
    passes through.
    """
    with Staging(Path(out)) as staging:
        failed: list[OSError] = []
        try:
            count = write_items(staging.path(ITEMS), _noting(rows, failed), rows_a_group=rows_a_group)
        except OSError as error:
            if error in failed:
                raise
            raise CollectionError(f"{out} could not be written: {error}") from error
        columns = attribute_columns(open_table(staging.path(ITEMS)).schema_arrow)
        staging.commit(Manifest(name, title, count, licence, columns=columns, origin=origin))
    return Pack.open(out)


def adopt_table(out: str | Path, *, name: str, title: str, licence: str = "") -> Pack:
    """Make a pack of a folder whose items.parquet is there already, by giving it a manifest. Raises
    CollectionError.
    """
    table = open_table(Path(out) / ITEMS)
    columns = attribute_columns(table.schema_arrow)
    with Staging(Path(out)) as staging:
        files = {ITEMS: record_file(Path(out) / ITEMS)}
        staging.commit(Manifest(name, title, table.metadata.num_rows, licence, columns=columns, files=files))
    return Pack.open(out)


def embed_pack(
    path: str | Path,
    encoder: PackEncoder,
    *,
    examples: Sequence[str] = (),
    progress: Progress = None,
    out: str | Path | None = None,
) -> Pack:
    """Encode every picture of a pack, and the example queries, and add both to it, whole or not at all; open
    it.

    embeddings.npy is (n, full_dim) float16 with unit rows, examples.npy (m, full_dim) float32. Embeddings
    that were there are replaced. With `out`, a folder beside the pack's, they become a pack of their own
    there, which shows the pictures of the first one and copies none: the same things as another encoder sees
    them. `progress` is a function (done, total), or True for a bar. Raises CollectionError for a damaged
    pack, an encoder that returns something else, and an `out` that lies elsewhere or holds another
    collection.
    """
    pack = Pack.open(path)
    if out is not None:
        _check_beside(pack, Path(out))
    report = reporter(progress, "embedding")
    vectors = np.empty((len(pack), encoder.full_dim), dtype=np.float16)
    for start in range(0, len(pack), BATCH):
        keys = range(start, min(start + BATCH, len(pack)))
        images = [load_image(pack.thumbnail(key), name=f"item {key}") for key in keys]
        vectors[start : keys.stop] = encode_checked(encoder, images)
        report(keys.stop, len(pack))
    return _add(pack, vectors, encoder, examples, out)


def add_embeddings(
    path: str | Path,
    vectors: npt.NDArray[np.floating[Any]],
    encoder: PackEncoder,
    *,
    examples: Sequence[str] = (),
    out: str | Path | None = None,
) -> Pack:
    """Add embeddings that were made elsewhere, (n, full_dim) unit rows, to a pack; see `embed_pack`. Raises
    CollectionError for another shape, too."""
    return _add(Pack.open(path), vectors, encoder, examples, out)


def _add(
    embedded: Pack,
    vectors: npt.NDArray[np.floating[Any]],
    encoder: PackEncoder,
    examples: Sequence[str],
    out: str | Path | None,
) -> Pack:
    """`add_embeddings`, of the pictures that the pack held when it was opened. CollectionError when they were
    replaced since."""
    target = embedded.path if out is None else Path(out)
    if out is not None:
        _check_beside(embedded, target)
    if np.shape(vectors) != (shape := (len(embedded), encoder.full_dim)):
        raise CollectionError(f"{embedded.path} takes embeddings of shape {shape}, got {np.shape(vectors)}")
    with Staging(target) as staging:
        pack = Pack.open(embedded.path)
        if pack.manifest.files[ITEMS] != embedded.manifest.files[ITEMS]:
            raise CollectionError(f"the pictures of {pack.path} were replaced meanwhile: embed it again")
        manifest = replace(pack.manifest, files={ITEMS: pack.manifest.files[ITEMS]})
        if out is not None:
            manifest = replace(manifest, name=target.resolve().name, borrowed={ITEMS: pack.owner_of_items})
        stage_embeddings(staging, vectors, encoder, examples)
        staging.commit(described(manifest, encoder))
    return Pack.open(target)


def _check_beside(pack: Pack, out: Path) -> None:
    """Raises CollectionError when `out` cannot become a pack that borrows the pictures of `pack`."""
    owner, folder = pack.owner_of_items, pack.path.resolve().parent
    try:
        plain_name(owner)
    except ValueError as error:
        raise CollectionError(f"the pictures in {folder / owner} cannot be borrowed: {error}") from error
    if out.resolve().parent != folder:
        raise CollectionError(
            f"{out} must lie beside {pack.path}, whose pictures it shows: name a folder in {folder}"
        )
    if not any((out / name).exists() for name in (MANIFEST, NEXT)):
        return
    manifest, _ = manifest_in_force(out)
    if manifest.borrowed.get(ITEMS) != owner:
        raise CollectionError(f"{out} holds another collection; name another folder, or remove it first")


def stage_embeddings(
    staging: Staging,
    vectors: npt.NDArray[np.floating[Any]],
    encoder: PackEncoder,
    examples: Sequence[str] = (),
) -> None:
    """Write embeddings and examples where `staging` wants them; nothing is in force until it commits."""
    with staging.path(EMBEDDINGS).open("wb") as file:
        np.save(file, np.asarray(vectors, dtype=np.float16))
    if examples:
        texts = np.asarray(encoder.encode_text(list(examples)), dtype=np.float32)
        if texts.shape != (len(examples), encoder.full_dim) or not np.isfinite(texts).all():
            raise CollectionError(f"the encoder gave {texts.shape} for {len(examples)} example queries")
        with staging.path(EXAMPLE_EMBEDDINGS).open("wb") as file:
            np.save(file, texts)
        staging.path(EXAMPLE_TEXTS).write_text(json.dumps(list(examples), ensure_ascii=False), "utf-8")


def described(manifest: Manifest, encoder: PackEncoder) -> Manifest:
    """The manifest of a pack that `encoder` embedded."""
    model = {"name": encoder.name, "fingerprint": encoder.fingerprint}
    dims = tuple(int(dim) for dim in encoder.nested_dims)
    return replace(manifest, full_dim=int(encoder.full_dim), nested_dims=dims, model=model)


def encode_checked(encoder: PackEncoder, images: Sequence[Any]) -> npt.NDArray[np.float32]:
    """(b, full_dim) finite unit rows for a batch of b images, or CollectionError: a bad encoder must not
    spoil a pack.
    """
    vectors = np.asarray(encoder.encode_image(list(images)), dtype=np.float32)
    if vectors.shape != (len(images), encoder.full_dim):
        raise CollectionError(f"the encoder gave {vectors.shape} for {len(images)} images")
    if not np.isfinite(vectors).all():
        raise CollectionError(
            "the encoder gave numbers that are not finite (NaN); is its checkpoint damaged?"
        )
    return vectors


def _noting(rows: Iterable[Any], failed: list[OSError]) -> Iterator[Any]:
    """`rows`, noting an OSError of theirs: what they cannot read is no fault of the pack's folder."""
    try:
        yield from rows
    except OSError as error:
        failed.append(error)
        raise
