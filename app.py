"""The Space's entry: read the flags, open the collection, load the encoder in the background, serve the
page.

python app.py [--collection DIR] [--checkpoint DIR] [--host ADDRESS] [--port NUMBER] [--mcp]

Heavy imports wait: Gradio, NumPy and USearch first, so that the page is up; torch in a thread begun before
launch.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mrl_demo.search.collection import Collection
    from mrl_demo.ui.encoder_holder import EncoderHolder, EncoderLike

# Before Gradio is imported: no request leaves this machine unless a visitor makes it.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

HERE = Path(__file__).resolve().parent
CHECKPOINTS = HERE / "checkpoints"


@dataclass(frozen=True)
class ServeConfig:
    """`serve`: what to show, and where."""

    collection: Path = field(default=HERE / "assets/still-life", metadata={"help": "the collection's folder"})
    checkpoint: Path | None = field(
        default=None,
        metadata={"help": "the encoder's folder; else the one of our own that embedded the collection"},
    )
    host: str = field(
        default_factory=lambda: os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
        metadata={"help": "address to listen on; 0.0.0.0 for every one"},
    )
    port: int = field(
        default_factory=lambda: int(os.environ.get("PORT") or os.environ.get("GRADIO_SERVER_PORT") or 7860),
        metadata={"help": "port to listen on"},
    )
    folders: bool = field(
        default=True,
        metadata={
            "help": "whoever sits at this machine may have a folder of it indexed from the page, while the "
            "host is a loopback address; turn it off where a proxy lets others in"
        },
    )
    mcp: bool = field(
        default=False,
        metadata={"help": "the page's endpoints are tools of an MCP server, too (needs gradio[mcp])"},
    )


def run(config: ServeConfig) -> None:
    """Serve the page until the process is stopped. A missing collection gives a page that says what to do."""
    from mrl_demo.collection.neighbours import neighbours
    from mrl_demo.errors import CollectionError, MatryoshkaError
    from mrl_demo.search.collection import Collection
    from mrl_demo.ui.blocks import View, build_notice, build_ui, launch_options
    from mrl_demo.ui.encoder_holder import EncoderHolder
    from mrl_demo.ui.graphs import Graphs
    from mrl_demo.ui.mcp_server import mcp_options
    from mrl_demo.ui.your_images_tab import is_loopback

    try:
        mcp = mcp_options(config.mcp)
    except MatryoshkaError as error:
        raise SystemExit(str(error)) from None

    try:
        collection = Collection.open(config.collection)
        encoder = EncoderHolder(partial(load_encoder, collection, config.checkpoint))
        others = [
            View(other, EncoderHolder(partial(load_other, other, config.checkpoint, encoder)))
            for other in map(Collection, neighbours(collection.pack))
        ]
        page = build_ui(
            collection,
            encoder,
            folders=config.folders and is_loopback(config.host),
            evidence=HERE / "assets/results",
            others=others,
        )
        for view in (View(collection, encoder), *others):
            view.encoder.start()
            Graphs(view.collection).warm_up(view.encoder)
    except CollectionError as error:
        collection, page = None, build_notice(str(error), NO_COLLECTION)
    with stopped_at_once():
        try:
            page.launch(server_name=config.host, server_port=config.port, **launch_options(collection), **mcp)
        except OSError as error:
            raise SystemExit(
                f"The page cannot be served on {config.host}:{config.port}: {error}. Try another --port."
            ) from None


def load_encoder(collection: Collection, checkpoint: Path | None) -> EncoderLike:
    """The encoder in `checkpoint`, else the one of our own that embedded `collection`, else the still lifes'.
    Raises CheckpointError."""
    from mrl_demo.model.checkpoint import find_checkpoint
    from mrl_demo.model.encoder import Encoder

    return Encoder.load(
        checkpoint or find_checkpoint(collection.model, [CHECKPOINTS], otherwise=CHECKPOINTS / "still-life")
    )


def load_other(collection: Collection, checkpoint: Path | None, first: EncoderHolder) -> EncoderLike:
    """The encoder that embedded `collection`, found beside `checkpoint` or among our own, once the page's
    first one is loaded. Raises CheckpointError when there is none."""
    from mrl_demo.errors import MatryoshkaError
    from mrl_demo.model.checkpoint import find_checkpoint
    from mrl_demo.model.encoder import Encoder

    with contextlib.suppress(MatryoshkaError):
        first.get(wait=60)
    folders = [checkpoint.parent, CHECKPOINTS] if checkpoint else [CHECKPOINTS]
    return Encoder.load(find_checkpoint(collection.model, folders))


@contextlib.contextmanager
def stopped_at_once() -> Iterator[None]:
    """Within, Ctrl-C and SIGTERM (which ends a Space) delete what visitors brought and end the process.

    Taking the interpreter down in order would first wait for graphs that are still being built.
    """
    from mrl_demo.ui.visits import VISITS

    def stop(number: int, frame: object) -> None:
        VISITS.end()
        os._exit(0 if number == signal.SIGTERM else 130)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


NO_COLLECTION = (
    "Make a collection of a folder of images with: python -m mrl_demo index FOLDER --out DIR — "
    "then start the page with: python app.py --collection DIR"
)


def main() -> None:
    """The command line: the same flags as `python -m mrl_demo serve`."""
    from mrl_demo.__main__ import add_flags

    parser = argparse.ArgumentParser(description="Serve Matryoshka Search.")
    add_flags(parser, ServeConfig, ())
    run(ServeConfig(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
