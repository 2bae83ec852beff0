"""The packs beside a pack that show its pictures as other encoders see them (`embed --out`).

Knows folders and packs; nothing of search or encoders.
"""

from __future__ import annotations

import logging

from mrl_demo.collection.manifest import MANIFEST
from mrl_demo.collection.pack import ITEMS, Pack
from mrl_demo.errors import CollectionError

log = logging.getLogger(__name__)


def neighbours(pack: Pack) -> list[Pack]:
    """The embedded packs beside `pack`, in order of their names, that show the very same pictures.

    One that is damaged, or not embedded, is left out, which the log says.
    """
    here, found = pack.path.resolve(), []
    # By where they truly lie: a link to a pack is no other pack.
    folders = {manifest.parent.resolve() for manifest in here.parent.glob(f"*/{MANIFEST}")}
    for folder in sorted(folders - {here}):
        try:
            other = Pack.open(folder)
            same = other.manifest.files[ITEMS] == pack.manifest.files[ITEMS]
            # Read now, so that what is handed out is whole.
            if same and len(other.embeddings) and other.examples is not None:
                found.append(other)
        except CollectionError as error:
            log.warning("What lies beside %s is left out: %s", pack.path, error)
    return found
