"""The paper's cascades, and their costs as the paper counts them."""

from __future__ import annotations

import pytest

from mrl_demo.evaluation.retrieval_grid import funnels, grid, of_run, of_the_largest
from mrl_demo.search.cascade import Cascade
from tests.evaluation.made_runs import data, run

PAPER = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)
IMAGENET = 1_281_167


def test_costs_are_those_the_paper_prints() -> None:
    def mflops(cascade: Cascade) -> float:
        return round(cascade.multiply_adds(IMAGENET) / 1e6, 2)

    assert mflops(Cascade.flat(2048)) == pytest.approx(2624, abs=1)
    assert mflops(Cascade.adaptive(16, 2048)) == 20.91 and mflops(Cascade.adaptive(8, 2048)) == 10.66
    assert {20.54, 10.31} <= {mflops(cascade) for cascade in funnels(PAPER)}


def test_the_grid_has_every_pair_and_funnels_end_at_the_full_dim() -> None:
    assert len(grid(PAPER)) == 36 and all(cascade.shortlists == (200,) for cascade in grid(PAPER))
    assert Cascade.funnel((16, 32, 64, 128, 256, 2048), (200, 100, 50, 25, 10)) in funnels(PAPER)
    assert {cascade.dims[-1] for cascade in funnels((8, 16, 32, 64, 128, 256, 512))} == {512}
    assert funnels((8, 16, 32)) == []


def test_figures_name_cascade_and_cost() -> None:
    rows = list(of_run(run(), data()))
    cell = next(row for row in rows if row.cascade == "8 → (200) → 32")
    assert cell.retrieval == "adaptive exact" and cell.mflops == (120 * 8 + 120 * 32) / 1e6
    flat = {row.dim: row.value for row in rows if row.metric == "map_at_k" and not row.cascade}
    assert sorted(flat) == [8, 12, 16, 24, 32] and cell.value == pytest.approx(flat[32])
    assert {row.dim for row in rows if row.metric == "oracle_map_at_k"} == {8, 16, 32}


def test_all_principal_directions_are_the_model_itself() -> None:
    made, of = run((32,)), data()
    whole = {row.metric: row.value for row in of_run(made, of)}
    rows = list(of_the_largest(made, of, [8, 32], draws=2))
    turned = {row.metric: row.value for row in rows if row.model == "SVD" and row.dim == 32}
    assert turned["one_nn"] == whole["one_nn"] and turned["map_at_k"] == pytest.approx(whole["map_at_k"])
    assert {(row.model, row.draw) for row in rows} == {
        ("SVD", None),
        ("FF cut", None),
        ("random dims", 0),
        ("random dims", 1),
    }
