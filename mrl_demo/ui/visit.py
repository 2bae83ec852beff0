"""One visitor's own images: what was brought, indexed into a collection of its own, planned, taken along.

Who else there is, and when a visit is over, is `visits.py`'s. Knows indexing, planning and the encoder's
holder; nothing of Gradio, routes or HTML.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from mrl_demo.collection.build import PackEncoder
from mrl_demo.collection.folder import IndexReport, index_folder
from mrl_demo.collection.image_files import SUFFIXES
from mrl_demo.collection.images import FORMATS_IN_WORDS
from mrl_demo.collection.zip_file import free, plain_part, unpack_pictures
from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.search.collection import Collection
from mrl_demo.search.plan import Plan
from mrl_demo.ui.encoder_holder import EncoderHolder
from mrl_demo.ui.queries import Queries
from mrl_demo.ui.settings import whole_number
from mrl_demo.ui.task import Report, Task
from mrl_demo.ui.turn import ENCODING, TIMING

MOST_PICTURES = 2_000  # a visitor may bring; a folder of this machine may hold more
MOST_BYTES = 500_000_000  # of pictures a visitor may bring, unpacked
MOST_BYTES_OF_ALL = 4_000_000_000  # of all visitors' pictures together
PATIENCE = 90.0  # seconds to wait for the encoder
BATCH = 8  # pictures between two looks at Cancel
SHOWN = 50  # skipped files that are named
SAID = 3  # of them, where nothing else can be said
EXPORTS = ("embeddings.npy", "items.parquet", "index.usearch", "plan.json")


class Visit:
    """One visitor's images: files brought, then a collection, then perhaps a plan."""

    def __init__(self, folder: Path, room: Callable[[], int]) -> None:
        """`room`: how many bytes all visitors may still bring."""
        self.token = secrets.token_urlsafe(18)
        self.used = time.monotonic()
        self.queries: Queries | None = None
        self.plan: Plan | None = None
        self.report: IndexReport | None = None
        self.task: Task | None = None
        self.nbytes = 0  # of what was brought, as it lies on the disk
        self._room = room
        self._folder = folder / self.token
        self._brought = self._folder / "your images"
        self._left_out: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    @property
    def collection(self) -> Collection:
        """What was indexed. QueryError while there is nothing yet."""
        return self.asking.collection

    @property
    def asking(self) -> Queries:
        """Queries of the collection; QueryError while there is nothing yet."""
        if self.queries is None:
            raise QueryError("Bring some pictures first: there is nothing to search yet.")
        return self.queries

    @property
    def busy(self) -> bool:
        """Whether something is being done for it."""
        return self.task is not None and self.task.running

    @property
    def has_pictures(self) -> bool:
        """Whether anything was brought or indexed."""
        return self._folder.exists()

    def place(self, name: str) -> Path:
        """Where the upload called `name` is to be written. QueryError for what cannot be a picture or a zip,
        and when there are too many. What is written there is told to `grow`."""
        clean = plain_part(Path(name.replace("\\", "/")).name)
        suffix = Path(clean).suffix.lower()
        if suffix != ".zip" and suffix not in SUFFIXES:
            raise QueryError(f"{clean} is neither a picture ({FORMATS_IN_WORDS}) nor a zip of pictures")
        self._brought.mkdir(parents=True, exist_ok=True)
        with self._lock:
            if sum(1 for _ in self._brought.iterdir()) >= MOST_PICTURES:
                raise QueryError(f"{MOST_PICTURES:,} pictures are the most that can be brought")
            path = free(self._brought / clean)
            path.touch()
        return path

    def grow(self, count: int) -> None:
        """Make room for `count` bytes more. QueryError when those are too many, of this visit or of all."""
        self.used = time.monotonic()  # who is still bringing is not idle
        with self._lock:
            if self.nbytes + count > MOST_BYTES:
                raise QueryError(f"That is more than {MOST_BYTES / 1e6:,.0f} MB, the most one can bring")
            if count > self._room():
                raise QueryError(
                    f"The {MOST_BYTES_OF_ALL / 1e9:,.0f} GB that there are for all visitors' pictures are "
                    "full: try again later, or on a machine of your own"
                )
            self.nbytes += count

    def drop(self, path: Path, count: int) -> None:
        """Take back a file that did not arrive whole, for which `grow` made room."""
        path.unlink(missing_ok=True)
        with self._lock:
            self.nbytes -= count

    def index(self, encoder: EncoderHolder, folder: Path | None = None) -> Task:
        """Begin to index what was brought, or a `folder` of this machine instead; goes on where an earlier
        run was stopped. QueryError while something else is being done, or when nothing was brought."""
        if folder is None and not self._brought.is_dir():
            raise QueryError("Choose pictures or a zip first, or drop them on the page.")

        def work(report: Report) -> None:
            loaded = cast(PackEncoder, encoder.get(PATIENCE))
            out = self._folder / ("collection" if folder is None else "collection of a folder")
            with ENCODING.taken(report), self._token_unsaid():
                if folder is None:
                    self._unpack()
                self._folder.mkdir(parents=True, exist_ok=True)
                made = index_folder(folder or self._brought, out, loaded, batch_size=BATCH, progress=report)
            self.queries, self.report, self.plan = Queries(Collection.open(out), encoder), made, None

        return self._begin("Indexing", work)

    def make_plan(self, target_recall: float, k: int) -> Task:
        """Begin to find the fastest search that holds a recall on these images; see `Collection.plan`."""
        collection = self.collection

        def work(report: Report) -> None:
            report(0, 100)
            with TIMING.taken(report):
                self.plan = collection.plan(target_recall=target_recall, k=k, progress=report)

        return self._begin("Planning", work)

    def export(self, what: str, dim: Any = None) -> Path:
        """A file of EXPORTS. `dim` is that of the graph. QueryError for another, or one that is not there."""
        if what not in EXPORTS:
            raise QueryError(f"what to export must be one of {', '.join(EXPORTS)}, got {what!r}")
        collection = self.collection
        if what in ("embeddings.npy", "items.parquet"):
            return collection.pack.file(what)
        made = self._folder / "exports"
        made.mkdir(exist_ok=True)
        if what == "plan.json":
            if self.plan is None:
                raise QueryError("There is no plan yet: press Plan first.")
            (made / what).write_text(self.plan.to_json(), "utf-8")
            return made / what
        full = collection.full_dim
        dim = whole_number("dim", full if dim is None else dim, full)
        path = made / f"index-{dim}.usearch"
        collection.engine.index(dim)
        collection.engine.save_structure(f"hnsw-{dim}-bf16.usearch", path)
        return path

    def left_out(self) -> list[list[str]]:
        """(name, why) of the first pictures that could not be read."""
        skipped = [*self._left_out, *(self.report.skipped if self.report else ())]
        return [[name, why] for name, why in skipped[:SHOWN]]

    @property
    def left_out_count(self) -> int:
        return len(self._left_out) + (len(self.report.skipped) if self.report else 0)

    def forget(self) -> None:
        """Delete everything, as soon as what is being done has stopped."""
        self.queries = None
        task = self.task
        if task is not None and task.running:
            task.stop()
            threading.Thread(target=self._delete_after, args=(task,), daemon=True).start()
        else:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _delete_after(self, task: Task) -> None:
        task.wait()
        self.queries = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self, what: str, work: Any) -> Task:
        with self._lock:
            if self.task is not None and self.task.running:
                raise QueryError(f"{self.task.what} is still going on: wait for it, or cancel it.")
            self.task = Task(what, work)
            return self.task

    def _unpack(self) -> None:
        """Every zip into a folder of its own, which takes its place. One that cannot be used is left out.

        Raises CollectionError when no picture is there, saying what was left out and why.
        """
        for archive in sorted(self._brought.iterdir()):
            if archive.suffix.lower() != ".zip" or not archive.is_file():
                continue
            into = free(self._brought / archive.stem)
            packed = archive.stat().st_size
            count = sum(1 for path in self._brought.rglob("*") if path.is_file())
            try:
                self._left_out += unpack_pictures(
                    archive,
                    into,
                    most=MOST_PICTURES - count + 1,
                    most_bytes=min(MOST_BYTES - self.nbytes, self._room()) + packed,
                )
            except CollectionError as error:
                shutil.rmtree(into, ignore_errors=True)
                self._left_out.append((archive.name, str(error).removeprefix(f"{archive.name} ")))
            finally:
                archive.unlink()
                unpacked = sum(path.stat().st_size for path in into.rglob("*") if path.is_file())
                with self._lock:
                    self.nbytes += unpacked - packed
        if not any(path.suffix.lower() in SUFFIXES for path in self._brought.rglob("*")):
            why = "; ".join(f"{name} {reason}" for name, reason in self._left_out[:SAID])
            raise CollectionError(why or f"there is no picture ({FORMATS_IN_WORDS}) in what you brought")

    @contextlib.contextmanager
    def _token_unsaid(self) -> Iterator[None]:
        """The visit's folder has its token for a name, which is all that keeps others away: no fault may say
        it."""
        try:
            yield
        except CollectionError as error:
            said = str(error).replace(str(self._brought), "what you brought")
            raise CollectionError(said.replace(str(self._folder), "the visit's folder")) from error
