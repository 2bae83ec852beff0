"""Whether an encoder and a collection belong together. Knows the fingerprint of what made the vectors."""

from __future__ import annotations

from typing import Protocol

from mrl_demo.collection.pack import Pack
from mrl_demo.errors import CollectionError


class Named(Protocol):
    """What is asked of an encoder here."""

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


def must_fit(pack: Pack, encoder: Named) -> None:
    """Raise CollectionError when the pack was embedded by another encoder: its answers would be noise."""
    made_by = pack.model.get("fingerprint")
    if made_by and made_by != encoder.fingerprint:
        theirs = f"{pack.model.get('name', '?')}, {made_by[:12]}"
        raise CollectionError(
            f"{pack.title} was embedded by another checkpoint ({theirs}) than the one that is loaded "
            f"({encoder.name}, {encoder.fingerprint[:12]}): texts and uploads cannot be compared with it. "
            "Embed the collection again, or start with its checkpoint."
        )
