"""The commands that join rooms: index, embed, search, evaluate, cut-off.

Each takes its frozen config and prints what a person needs.

This file composes an encoder with a collection; it knows no search, no training and no file format. Where
vectors are given instead of images or words, `vector_cli` does it without an encoder; comparisons of models
are `compare_cli`'s.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from mrl_demo.collection import folder
from mrl_demo.collection.build import embed_pack
from mrl_demo.collection.fit import must_fit
from mrl_demo.collection.pack import Pack
from mrl_demo.collection.vector_file import holds_vectors
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.cut_off import CutOffConfig
from mrl_demo.evaluation.evaluate import EvaluateConfig
from mrl_demo.evaluation.zero_shot_result import Labelled, ZeroShotConfig
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from mrl_demo.vector_cli import IndexVectorsConfig as IndexConfig
from mrl_demo.vector_cli import index as index_vectors
from mrl_demo.vector_cli import search as search_vectors

CHECKPOINT = "checkpoints/still-life"
STILL_LIFE = "assets/still-life"

# The example queries whose embeddings are shipped with the embedded collection, so that the page's first
# search answers before the encoder has loaded. Chosen among those that the gallery holds enough pictures for,
# and that fall apart at few dims at different points: things, places, light, number, finish, whole groups.
EXAMPLES = (
    "a lighthouse in the evening",
    "something to eat",
    "two castle towers",
    "something on top of a stool",
    "a teddy bear by a window",
    "a building at night",
    "a tulip in the snow",
)


@dataclass(frozen=True)
class SearchConfig:
    """`search`: one query against one collection, printed as a table with what each stage did."""

    query: str = field(
        metadata={"help": "what to look for: words, the path of an image with --image, or a .npy of vectors"}
    )
    collection: Path = field(default=Path(STILL_LIFE), metadata={"help": "the collection's folder"})
    checkpoint: Path | None = field(
        default=None,
        metadata={"help": "the encoder's folder; else the one of our own that embedded the collection"},
    )
    image: bool = field(default=False, metadata={"help": "the query is the path of an image"})
    dims: tuple[int, ...] = field(
        default=(),
        metadata={
            "help": "growing dims: one is flat, two adaptive, more a funnel; else all dims, or as planned"
        },
    )
    shortlists: tuple[int, ...] = field(
        default=(), metadata={"help": "how many pass from each dim to the next"}
    )
    first_stage: str = field(default="exact", metadata={"help": "exact, hnsw or signs"})
    k: int = field(default=10, metadata={"help": "how many results"})


@dataclass(frozen=True)
class EmbedConfig:
    """`embed`: compute a collection's vectors and its example queries' anew."""

    collection: Path = field(default=Path(STILL_LIFE), metadata={"help": "the collection's folder"})
    checkpoint: Path = field(default=Path(CHECKPOINT), metadata={"help": "the encoder's folder"})
    out: Path | None = field(
        default=None,
        metadata={
            "help": "a folder beside the collection's that is to show the same pictures as this encoder sees "
            "them; else the collection's own vectors are replaced"
        },
    )


def index(config: IndexConfig) -> None:
    """Make a collection of `config.folder` at `config.out`; bad files are named and skipped. Of a file of
    vectors it makes a store.
    """
    if holds_vectors(config.folder, config.column):
        index_vectors(config)
        return
    from mrl_demo.model.encoder import Encoder

    report = folder.run(config, Encoder.load(config.checkpoint))
    for path, reason in report.skipped:
        print(f"skipped {path}: {reason}")
    print(
        f"{report.indexed:,} images in {config.out} ({report.seconds:.1f} s, {len(report.skipped)} skipped)"
    )
    print(f"look at it: python app.py --collection {config.out}")


def embed(config: EmbedConfig) -> None:
    """Embed the items of `config.collection` with `config.checkpoint` and store the vectors beside them, or
    in `config.out`. Its examples are embedded anew as well."""
    from mrl_demo.model.encoder import Encoder

    pack = Pack.open(config.collection)
    examples = EXAMPLES if pack.name == "still-life" else [example.text for example in pack.examples]
    encoder = Encoder.load(config.checkpoint)
    embed_pack(config.collection, encoder, examples=examples, progress=True, out=config.out)


def search(config: SearchConfig) -> None:
    """Print the best `k` items and, stage by stage, what was kept and what it cost."""
    if config.query.endswith(".npy") and not config.image:
        asked = Cascade(config.dims, config.shortlists) if config.dims else None
        search_vectors(Path(config.query), config.collection, asked, config.first_stage, config.k)
        return
    from mrl_demo.model.checkpoint import find_checkpoint
    from mrl_demo.model.encoder import Encoder

    collection, own = Collection.open(config.collection), Path(CHECKPOINT)
    cascade = Cascade(config.dims or (collection.full_dim,), config.shortlists)
    encoder = Encoder.load(
        config.checkpoint or find_checkpoint(collection.model, [own.parent], otherwise=own)
    )
    must_fit(collection.pack, encoder)
    if not config.image:
        for warning in encoder.check_text(config.query):
            print(f"note: {warning}", file=sys.stderr)
    query = encoder.encode_image(Path(config.query)) if config.image else encoder.encode_text(config.query)
    hits = collection.search(query, cascade, k=config.k, first_stage=config.first_stage)
    for rank, (key, score) in enumerate(zip(hits.keys, hits.scores, strict=True), 1):
        name = collection.source(int(key)) or f"item {int(key)}"
        print(f"{rank:4}  {score:6.3f}  {name}  {collection.caption(int(key))}")
    for stage in hits.stages:
        print(
            f"{stage.first_stage:7} at {stage.dim:3} dims: {stage.considered:,} considered, "
            f"{stage.kept:,} kept, {stage.seconds * 1e3:.2f} ms, {stage.bytes_touched / 1e3:,.0f} kB, "
            f"{stage.multiply_adds:,} multiply-adds"
        )


def evaluate(config: EvaluateConfig) -> None:
    """Measure `config.collection` with `config.checkpoint` and write one result file."""
    from mrl_demo.evaluation.evaluate import run
    from mrl_demo.model.encoder import Encoder

    run(config, Encoder.load(config.checkpoint), Collection.open(config.collection))


def cut_off(config: CutOffConfig) -> None:
    """Measure at every dim from which cosine on a hit is a good match, and write one result file."""
    from mrl_demo.evaluation.cut_off import run
    from mrl_demo.model.encoder import Encoder

    run(config, Encoder.load(config.checkpoint))


def zero_shot(config: ZeroShotConfig) -> None:
    """Measure zero-shot classification at every dim, and stopping early; write one result file."""
    from mrl_demo.evaluation.zero_shot_result import of_collection, run
    from mrl_demo.model.encoder import Encoder

    encoder = Encoder.load(config.checkpoint)
    if config.data:
        run(config, encoder, _held_out(config))
    else:
        run(config, encoder, of_collection(config, encoder, Collection.open(config.collection)))


def _held_out(config: ZeroShotConfig) -> Labelled:
    """The labelled photos that the training of `config.checkpoint` held out of `config.data`.

    Raises:
        CollectionError: they are missing or damaged, or are no photos of one set with classes.
        CheckpointError: the checkpoint does not say how it was trained.
    """
    from mrl_demo.training.held_out import open_held_out

    unseen, card = open_held_out(config.checkpoint, config.data)
    if len(unseen) > 1:
        raise CollectionError(f"--data takes one set of labelled photos here, got {config.data}")
    labels, classes = unseen[0].named()
    if config.names:
        raise ValueError("with --data the classes are the set's own: leave out --names")
    return Labelled(
        unseen[0].images.cpu().numpy(),
        labels,
        classes,
        unseen[0].part.name,
        "of photos held out of training, by the usual names of their labels",
        {**unseen[0].part.to_json(), "count": len(labels)},
        {"name": card.name, "fingerprint": card.fingerprint},
    )
