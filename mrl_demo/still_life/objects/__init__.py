"""What each category looks like: one module a super-category, one function a category.

`mug` lives in kitchenware.py as `mug(rng)`, "hot-air balloon" in vehicle.py as `hot_air_balloon(rng)`: the
names are those of the catalogue, so a new category is an entry there and a function here. A function gets a
NumPy random generator for its proportions and returns parts that stand on z = 0, the front towards -y.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np

from mrl_demo.still_life.catalogue import CATEGORIES
from mrl_demo.still_life.modelling import Part


def build(category: str, seed: int) -> list[Part]:
    """The parts of one object. The same category and seed always give the same shape.

    Raises ValueError for a category that is not in the catalogue.
    """
    if category not in CATEGORIES:
        raise ValueError(f"category must be one of {sorted(CATEGORIES)}, got {category!r}")
    module = import_module(f"{__name__}.{CATEGORIES[category].super_category}")
    function = getattr(module, category.replace(" ", "_").replace("-", "_"))
    parts: list[Part] = function(np.random.default_rng(seed))
    return parts
