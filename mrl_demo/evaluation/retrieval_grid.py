"""Which retrievals the comparison makes of which model: flat at every dim, the paper's grid of shortlist and
re-rank dims, its funnels, the oracle.

Knows the paper's choices and how they become Figures; what retrieves is `paper_neighbours`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mrl_demo.evaluation.paper_figure import Figure, Floats, Ints, mean_figure
from mrl_demo.evaluation.paper_linear import DRAWS, all_dims, chosen, principal
from mrl_demo.evaluation.paper_neighbours import SHORTLIST, K, Retrieved, retrieve
from mrl_demo.evaluation.paper_runs import Data, Run
from mrl_demo.search.cascade import Cascade

# The paper's section 4.3.1 and its notebook: five shortlists, so six dims, of which the last is the full one.
FUNNEL_SHORTLISTS = ((200, 100, 50, 25, 10), (400, 200, 50, 25, 10), (800, 400, 200, 50, 10))


def grid(nested_dims: Sequence[int]) -> list[Cascade]:
    """A shortlist of 200 at each nested dim, re-ranked at each larger one; alike dims would be flat."""
    return [
        Cascade.adaptive(low, high, SHORTLIST) for low in nested_dims for high in nested_dims if low < high
    ]


def funnels(nested_dims: Sequence[int]) -> list[Cascade]:
    """The paper's funnels from each of the two smallest dims: five neighbouring nested dims, then the full
    one, with each of its shortlists. None where there are too few dims."""
    climbs = [(*nested_dims[start : start + 5], nested_dims[-1]) for start in (0, 1)]
    return [
        Cascade.funnel(dims, shortlists)
        for dims in climbs
        if len(set(dims)) == 6
        for shortlists in FUNNEL_SHORTLISTS
    ]


def of_run(run: Run, data: Data) -> Iterator[Figure]:
    """Flat retrieval at every dim; of MRL as the paper has it also the grid, the funnels and the oracle."""
    dims = all_dims(run.nested_dims)
    cascades = [Cascade.flat(dim) for dim in dims]
    in_full = run.model == "MRL"
    if in_full:
        cascades += grid(run.nested_dims) + funnels(run.nested_dims)
    oracles = run.nested_dims if in_full else ()
    found = retrieve(run.train, data.train, run.held_out, data.held_out, cascades, oracles)
    yield from figures(found, run.model, run.seed, len(data.train))


def of_the_largest(run: Run, data: Data, nested_dims: Sequence[int], draws: int = DRAWS) -> Iterator[Figure]:
    """What can be made of one FF model without training it for a size: its principal directions, its first
    dims, random dims; these at the nested dims, the others also between."""
    dims, directions = all_dims(nested_dims), principal(run.train)
    yield from _flat(run, data, dims, run.train @ directions, run.held_out @ directions, "SVD")
    # The full dim is the FF model itself, which has been measured.
    smaller = [dim for dim in dims if dim < run.full_dim]
    yield from _flat(run, data, smaller, run.train, run.held_out, "FF cut")
    nested = [dim for dim in nested_dims if dim < run.full_dim]
    for draw in range(draws):
        order = chosen(run.full_dim, run.seed, draw)
        yield from _flat(run, data, nested, run.train[:, order], run.held_out[:, order], "random dims", draw)


def figures(found: Retrieved, model: str, seed: int, count: int, draw: int | None = None) -> Iterator[Figure]:
    """Figures of what was retrieved from a database of `count`."""
    for dim, right in found.nearest.items():
        yield mean_figure(right, "one_nn", dim, model, retrieval="flat exact", seed=seed, draw=draw)
    for cascade, precision in found.precision.items():
        yield mean_figure(
            precision,
            "map_at_k",
            cascade.dims[0],
            model,
            k=K,
            retrieval=f"{cascade.kind} exact",
            cascade="" if len(cascade.dims) == 1 else str(cascade),
            mflops=cascade.multiply_adds(count) / 1e6,
            seed=seed,
            draw=draw,
        )
    for dim, precision in found.oracle.items():
        yield mean_figure(
            precision, "oracle_map_at_k", dim, model, k=K, retrieval=f"shortlist of {SHORTLIST}", seed=seed
        )


def _flat(
    run: Run,
    data: Data,
    dims: Sequence[int],
    database: Floats,
    queries: Floats,
    model: str,
    draw: int | None = None,
) -> Iterator[Figure]:
    if dims:
        cascades = [Cascade.flat(dim) for dim in dims]
        classes: tuple[Ints, Ints] = (data.train, data.held_out)
        found = retrieve(np.asarray(database), classes[0], np.asarray(queries), classes[1], cascades)
        yield from figures(found, model, run.seed, len(data.train), draw)
