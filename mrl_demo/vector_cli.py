"""The commands for vectors of anyone's making: plan, index and search without an encoder.

Composes files of vectors, the planner and the store, and prints what a person needs. Knows no model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mrl_demo.collection.folder import IndexConfig
from mrl_demo.collection.pack import EMBEDDINGS, Pack
from mrl_demo.collection.progress import reporter
from mrl_demo.collection.vector_file import Matrix, read_vectors
from mrl_demo.errors import CollectionError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.plan import Plan
from mrl_demo.search.planner import plan as make_plan
from mrl_demo.search.rotation import pca_rotation
from mrl_demo.search.store import Store
from mrl_demo.search.store_folder import MANIFEST
from mrl_demo.search.vectors import check_dtype
from mrl_demo.whole import whole


@dataclass(frozen=True)
class PlanConfig:
    """`plan`: measure ways to search vectors, and write down the fastest that holds."""

    vectors: Path = field(
        metadata={
            "help": "a .npy file of floats, (n, full_dim), a Parquet file, or the folder of a collection or "
            "of a store; a store keeps the plan and builds what it searches"
        }
    )
    queries: Path | None = field(
        default=None, metadata={"help": "a file of queries as they will be asked; else rows stand in"}
    )
    target_recall: float = field(default=0.99, metadata={"help": "share of the exact answer to be found"})
    k: int = field(default=10, metadata={"help": "how many results a query wants"})
    max_bytes: float | None = field(
        default=None, metadata={"help": "the most to keep beside the matrix, in bytes a vector"}
    )
    confidence: float = field(default=0.95, metadata={"help": "with which the target is held"})
    column: str = field(default="", metadata={"help": "the column of embeddings in a Parquet file"})
    nested_dims: tuple[int, ...] = field(
        default=(),
        metadata={"help": "the dims the model was trained at; the collection's, or powers of two, else"},
    )
    pca: bool = field(default=False, metadata={"help": "plan for the vectors rotated by PCA"})
    out: Path = field(default=Path("plan.json"), metadata={"help": "where to write the plan"})
    seed: int = field(default=0, metadata={"help": "draws the queries that stand in, and halves them"})


@dataclass(frozen=True)
class IndexVectorsConfig(IndexConfig):
    """`index`: images, or vectors with all that follows here."""

    folder: Path = field(
        metadata={"help": "a folder of images, a Parquet file of images or embeddings, or a .npy file"}
    )
    column: str = field(default="", metadata={"help": "vectors: the column of embeddings in a Parquet file"})
    queries: Path | None = field(default=None, metadata={"help": "vectors: a file of queries to plan with"})
    target_recall: float = field(default=0.99, metadata={"help": "vectors: share of the exact answer"})
    k: int = field(default=10, metadata={"help": "vectors: how many results a query wants"})
    max_bytes: float | None = field(
        default=None, metadata={"help": "vectors: the most to keep beside the matrix, in bytes a vector"}
    )
    nested_dims: tuple[int, ...] = field(
        default=(), metadata={"help": "vectors: the dims the model was trained at"}
    )
    pca: bool = field(default=False, metadata={"help": "vectors: rotate them by PCA before they are stored"})
    dtype: str = field(default="f16", metadata={"help": "vectors: stored as f32, f16, bf16 or i8"})
    plan: Path | None = field(default=None, metadata={"help": "vectors: a plan.json, instead of planning"})


def plan(config: PlanConfig) -> None:
    """Print the table of what was measured, why one was chosen, and write the plan to `config.out`."""
    queries = None if config.queries is None else np.asarray(read_vectors(config.queries, config.column))
    if (config.vectors / MANIFEST).is_file():
        store = _store(config)
        if not store.is_compact:
            print("taking what was added and removed into one piece before it is planned")
            store.compact()
        _keep(store, _planned(store, queries, config))
        print(f"kept in {store.path}: python -m mrl_demo search QUERY.npy --collection {store.path}")
        return
    file, nested_dims = config.vectors, config.nested_dims
    if file.is_dir():
        pack = Pack.open(file)
        file, nested_dims = pack.file(EMBEDDINGS), nested_dims or pack.nested_dims
    vectors = read_vectors(file, config.column)
    engine = Engine(vectors, nested_dims)
    if config.pca:
        rotation = pca_rotation(engine.rows)
        engine = Engine(_rotated(vectors, rotation), nested_dims)
        queries = None if queries is None else queries.astype(np.float32) @ rotation
    _planned(engine, queries, config)
    given = f" --column {config.column}" if config.column else ""
    turned = " --pca" if config.pca else ""
    print(f"build it: python -m mrl_demo index {file}{given}{turned} --out DIR --plan {config.out}")


def _planned(searched: Engine | Store, queries: Matrix | None, config: PlanConfig) -> Plan:
    """The plan, shown and written to `config.out`."""
    made = make_plan(
        searched,
        queries,
        config.target_recall,
        config.k,
        config.max_bytes,
        config.confidence,
        progress=True,
        seed=config.seed,
    )
    _show(made)
    try:
        with whole(config.out) as beside:
            beside.write_text(made.to_json(), "utf-8")
    except OSError as error:
        raise CollectionError(f"{config.out} could not be written: {error.strerror}") from error
    print(f"\nwritten to {config.out}")
    return made


def index(config: IndexVectorsConfig) -> None:
    """Make a store of a file of vectors at `config.out`, with what its plan searches."""
    vectors = read_vectors(config.folder, config.column)[: config.limit or None]
    given = None if config.plan is None else _read_plan(config.plan)
    if given is not None and given.full_dim != vectors.shape[1]:
        raise CollectionError(
            f"{config.plan} is for {given.full_dim} dims, the vectors have {vectors.shape[1]}: plan again"
        )
    queries = None if config.queries is None else np.asarray(read_vectors(config.queries, config.column))
    store = Store.create(
        config.out,
        vectors,
        nested_dims=config.nested_dims,
        dtype=check_dtype(config.dtype),
        rotation=pca_rotation(Engine(vectors).rows) if config.pca else None,
        progress=reporter(True, "storing", unit=" vectors"),
    )
    if given is None and len(store) > config.k:
        given = make_plan(store, queries, config.target_recall, config.k, config.max_bytes, progress=True)
        _show(given)
    if given is not None:
        _keep(store, given)
    print(f"{len(store):,} vectors of {store.full_dim} dims in {config.out}")
    print(f"search them: python -m mrl_demo search QUERY.npy --collection {config.out}")


def search(path: Path, folder: Path, cascade: Cascade | None, first_stage: str, k: int) -> None:
    """Print the best `k` keys of the store in `folder` for every query in a file.

    Args:
        cascade: None for what the store's plan says, or the exact search where there is no plan.
        first_stage: goes with `cascade`.
    """
    store = Store.open(folder)
    chosen: tuple[Cascade, object] = (cascade or Cascade.flat(store.full_dim), first_stage)
    if cascade is None and store.plan is not None:
        planned = Plan.from_dict(store.plan)
        chosen = planned.cascade, planned.first_stage
        if planned.cascade.shortlists and k > planned.cascade.shortlists[-1]:
            raise CollectionError(
                f"the plan is for {planned.k} results and hands on {planned.cascade.shortlists[-1]}, "
                f"k={k} needs a cascade of its own: --dims and --shortlists"
            )
    queries = np.asarray(read_vectors(path))
    print(f"{chosen[1]} {chosen[0]}")
    for number, query in enumerate(queries):
        hits = store.search(query, chosen[0], min(k, len(store)), chosen[1])  # type: ignore[arg-type]
        if len(queries) > 1:
            print(f"query {number} ({hits.seconds * 1e3:.2f} ms)")
        for rank, (key, score) in enumerate(zip(hits.keys, hits.scores, strict=True), 1):
            print(f"{rank:4}  {score:6.3f}  {key}")


def _store(config: PlanConfig) -> Store:
    """The store that is to be planned. CollectionError when it is damaged, or shall be planned for another
    rotation or other nested dims than it was made with."""
    if config.pca or config.nested_dims:
        raise CollectionError(
            f"{config.vectors} is a store, and is planned with the rotation and the nested dims that it was "
            "made with: leave out --pca and --nested-dims, or index the vectors anew"
        )
    return Store.open(config.vectors)


def _keep(store: Store, made: Plan) -> None:
    """Build what the plan searches, and let searches go by it from now on."""
    if made.first_stage.kind != "exact":
        told = reporter(True, "building", unit=" vectors")
        store.build(made.first_stage, made.cascade.dims[0], told)
    store.plan = made.to_dict()


def _show(made: Plan) -> None:
    print(made.table(), "", *made.why, sep="\n")
    for warning in made.warnings:
        print(f"note: {warning}")


def _read_plan(path: Path) -> Plan:
    try:
        return Plan.from_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CollectionError(f"{path} cannot be read: {error}") from error


def _rotated(vectors: Matrix, rotation: Matrix) -> Matrix:
    turned = np.empty(vectors.shape, np.float32)
    for start in range(0, len(vectors), 8192):
        turned[start : start + 8192] = vectors[start : start + 8192].astype(np.float32) @ rotation
    return turned
