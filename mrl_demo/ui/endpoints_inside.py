"""The look into the embedding as endpoints for programs: the map at a dim, and what each prefix knows.

Declares; what they answer is `inside_tab.Inside`'s.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from mrl_demo.errors import QueryError
from mrl_demo.ui.declare import declare
from mrl_demo.ui.inside_tab import Inside
from mrl_demo.ui.settings import whole_number


def add_inside_endpoints(inside: Inside) -> None:
    """Declare the endpoints inside the current Blocks."""
    usual = next((dim for dim in inside.dims if dim >= 8), inside.dims[-1])

    def embedding_map(dim: int = usual) -> dict[str, Any]:
        """Where every item lies when its first `dim` numbers are laid out in a plane by PCA.

        dim: one of the dims listed under `dims`. Gives keys, x and y in the same order (centred, with a mean
        squared distance of 1 from the middle), and the share of the variance that the plane holds. Maps of
        neighbouring dims are turned to lie alike.
        """
        try:
            asked = whole_number("dim", dim, inside.collection.full_dim)
            if asked not in inside.dims:
                raise QueryError(f"there is a map at {', '.join(map(str, inside.dims))} dims, got {asked}")
        except QueryError as error:
            raise gr.Error(str(error), print_exception=False) from None
        layout = inside.layouts()[asked]
        return {
            "dim": asked,
            "dims": inside.dims,
            "variance_shown": round(layout.shown, 4),
            "keys": inside.keys.tolist(),
            "x": layout.places[:, 0].round(4).tolist(),
            "y": layout.places[:, 1].round(4).tolist(),
        }

    def prefix_knowledge() -> dict[str, Any]:
        """What each prefix knows: the accuracy of a linear probe for every attribute at every dim.

        Gives `rows` with name, how many values, the share of right answers of who always says the commonest
        value (`guess`), and `points` (dim, accuracy); and in `note` where that was measured.
        """
        return inside.knowledge()

    declare((embedding_map, prefix_knowledge))
