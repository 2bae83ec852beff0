"""A page served for a test: on loopback, at a free port, in this process, with uploads in a folder of its
own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr

from mrl_demo.collection import Pack, embed_pack
from mrl_demo.search.collection import Collection
from mrl_demo.ui.blocks import View, build_ui, launch_options
from mrl_demo.ui.encoder_holder import EncoderHolder
from tests.fakes import EXAMPLES, FakeEncoder


@contextmanager
def serve_two_encoders(pack: Pack, folder: Path) -> Iterator[str]:
    """The address of a page of `pack`, copied into `folder`, and of its pictures by MRL photos, 64 dims."""
    own = Path(shutil.copytree(pack.path, folder / "small"))
    photos = FakeEncoder(64, name="MRL photos")
    by_photos = embed_pack(own, photos, examples=EXAMPLES, out=folder / "photos")
    first, other = Collection.open(own), View(Collection(by_photos), EncoderHolder.of(photos))
    with serve(build_ui(first, EncoderHolder.of(FakeEncoder()), others=[other]), first) as address:
        yield address


@contextmanager
def serve(page: gr.Blocks, collection: Collection | None) -> Iterator[str]:
    """The address of `page` while it is served."""
    options = launch_options(collection)
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **options)
    try:
        yield address.rstrip("/")
    finally:
        page.close(verbose=False)
