"""The packs beside a pack that show its pictures as other encoders see them (`embed --out`).

Knows folders and packs; nothing of search or encoders.
"""

from __future__ import annotations

import logging

from mrl_demo.collection.build import owner_of_items
from mrl_demo.collection.manifest import MANIFEST
from mrl_demo.collection.pack import Pack
from mrl_demo.errors import CollectionError

log = logging.getLogger(__name__)


def neighbours(pack: Pack) -> list[Pack]:
    """The embedded packs beside `pack`, in order of their names, that show the very same pictures.

    One that is damaged is left out, which the log says.
    """
    here = pack.path.resolve()
    found = []
    for folder in sorted(manifest.parent for manifest in here.parent.glob(f"*/{MANIFEST}")):
        try:
            other = Pack.open(folder)
        except CollectionError as error:
            log.warning("What lies beside %s is left out: %s", pack.path, error)
            continue
        if folder.name != here.name and owner_of_items(other) == owner_of_items(pack) and other.full_dim:
            found.append(other)
    return found
