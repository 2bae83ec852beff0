"""Matryoshka Search: embeddings whose every prefix is an embedding, and the search that lives off them.

The public names, imported on first use: `from mrl_demo import Cascade` costs NumPy and nothing else, and
torch is loaded only by whoever asks for `Encoder`. Knows where the names live, not what they do.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mrl_demo.collection.pack import Pack
    from mrl_demo.errors import CheckpointError, CollectionError, ImageError, MatryoshkaError, QueryError
    from mrl_demo.evaluation.zero_shot import ZeroShotClassifier
    from mrl_demo.model.encoder import Encoder
    from mrl_demo.prefix import truncate
    from mrl_demo.search.cascade import Cascade
    from mrl_demo.search.collection import Collection
    from mrl_demo.search.engine import Engine
    from mrl_demo.search.hits import FirstStage, Hits, Stage
    from mrl_demo.search.plan import Plan
    from mrl_demo.search.planner import plan
    from mrl_demo.search.rotation import pca_rotation
    from mrl_demo.search.store import Store

_HOMES = {
    "CheckpointError": "mrl_demo.errors",
    "CollectionError": "mrl_demo.errors",
    "ImageError": "mrl_demo.errors",
    "MatryoshkaError": "mrl_demo.errors",
    "QueryError": "mrl_demo.errors",
    "truncate": "mrl_demo.prefix",
    "Pack": "mrl_demo.collection.pack",
    "Encoder": "mrl_demo.model.encoder",
    "Cascade": "mrl_demo.search.cascade",
    "Collection": "mrl_demo.search.collection",
    "Engine": "mrl_demo.search.engine",
    "FirstStage": "mrl_demo.search.hits",
    "Hits": "mrl_demo.search.hits",
    "Stage": "mrl_demo.search.hits",
    "Plan": "mrl_demo.search.plan",
    "plan": "mrl_demo.search.planner",
    "pca_rotation": "mrl_demo.search.rotation",
    "Store": "mrl_demo.search.store",
    "ZeroShotClassifier": "mrl_demo.evaluation.zero_shot",
}

__all__ = [
    "Cascade",
    "CheckpointError",
    "Collection",
    "CollectionError",
    "Encoder",
    "Engine",
    "FirstStage",
    "Hits",
    "ImageError",
    "MatryoshkaError",
    "Pack",
    "Plan",
    "QueryError",
    "Stage",
    "Store",
    "ZeroShotClassifier",
    "pca_rotation",
    "plan",
    "truncate",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its room the first time it is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"mrl_demo has no {name!r}; its public names are {', '.join(__all__)}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
