"""What a plan says in plain sentences: why it chose what it chose, and what to be careful with. Words only;
every figure is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mrl_demo.search.candidates import shortlist
from mrl_demo.search.hits import Keys
from mrl_demo.search.plan import Option, within
from mrl_demo.search.rotation import PrefixLoss
from mrl_demo.search.sample import Sample


def explain(
    chosen: Option,
    frontier: Sequence[Option],
    prefix_ranks: Mapping[int, Keys],
    most: int,
    held_out: Sample,
    target: float,
    confidence: float,
    max_bytes: float | None,
) -> tuple[str, ...]:
    """What the prefixes are worth, what was tried, and what the choice rests on."""
    needs = {dim: shortlist(ranks, 1 - target) for dim, ranks in prefix_ranks.items()}
    prefixes = ", ".join(
        f"{dim} dims {need:,}" if need <= most else f"{dim} dims over {most:,}" for dim, need in needs.items()
    )
    exact = next(option for option in frontier if option.recall_bound == 1 and not option.cascade.shortlists)
    holding = [option for option in frontier if option.holds]
    allowed = within(holding, max_bytes)
    quickest = min(allowed, key=lambda option: option.seconds_p50)
    limit = f" within {max_bytes:g} bytes a vector" if len(allowed) < len(holding) else ""
    choice = f"the fastest{limit} is {chosen}"
    if chosen is not quickest:
        choice = (
            f"{chosen} is as fast as the fastest{limit} ({quickest}, {quickest.seconds_p50 * 1e3:.3g} ms) "
            "and keeps fewer bytes"
        )
    said = [
        f"To keep {target:.1%} of the exact answers, a shortlist must be this long: {prefixes}.",
        f"{len(holding)} of {len(frontier)} measured ways hold {target:g}; {choice}.",
    ]
    if chosen is exact:
        said.append("That is the exact search itself: nothing faster could be shown to hold the target here.")
        return tuple(said)
    return (
        *said,
        f"It takes {chosen.seconds_p50 * 1e3:.3g} ms a query, the exact search "
        f"{exact.seconds_p50 * 1e3:.3g} ms, and keeps {chosen.bytes_per_vector:,.0f} bytes a vector beside "
        "the matrix.",
        f"On {len(held_out):,} queries that took no part in choosing, its recall@{held_out.k} is "
        f"{chosen.recall:.4f}; with {confidence:.0%} confidence, that of all queries like these is above "
        f"{chosen.recall_bound:.4f}.",
    )


def warn(
    chosen: Option,
    held_out: Sample,
    target: float,
    confidence: float,
    losses: Sequence[PrefixLoss],
    max_bytes: float | None,
) -> tuple[str, ...]:
    """What whoever relies on the plan should know."""
    said = []
    if held_out.spare:
        said.append(
            "The queries were rows of the collection, left out of their own answers. A graph knows them, and "
            "other queries, such as text, may find less: plan with queries as they will be asked."
        )
    if chosen.recall_bound == 1 and len(held_out) * (1 - target) < -math.log(1 - confidence) / 0.9:
        said.append(
            f"{len(held_out)} held-out queries cannot show a recall of {target:g} with {confidence:.0%} "
            "confidence, however good they are: give more queries."
        )
    if max_bytes is not None and chosen.bytes_per_vector > max_bytes:
        said.append(f"Nothing that holds the target keeps within {max_bytes:g} bytes a vector.")
    far_below = [loss for loss in losses if loss.far_below]
    if far_below:
        worst = max(far_below, key=lambda loss: loss.rotated_recall - loss.recall)
        said.append(
            f"As Matryoshka embeddings these are poor: {worst.dim} dims keep {worst.recall:.0%} of the exact "
            f"answer in a short list, and {worst.rotated_recall:.0%} after a PCA rotation, which changes no "
            "full-dim cosine: python -m mrl_demo index VECTORS --out DIR --pca."
        )
    return tuple(said)
