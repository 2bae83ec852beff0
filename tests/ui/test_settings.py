"""What a visitor may ask for, and the cascade that each mode stands for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrl_demo.errors import QueryError
from mrl_demo.ui.settings import MODES, Settings, cascade_at, slider_stops, whole_number

NESTED = (8, 16, 32, 64, 128, 256, 512)


def test_slider_stops_hold_every_trained_dim_and_the_ends() -> None:
    stops = slider_stops(512, NESTED)
    assert set(NESTED) <= set(stops)
    assert stops[0] == 1 and stops[-1] == 512
    assert 30 <= len(stops) <= 36
    assert stops == sorted(set(stops))


@given(st.integers(1, 2048))
def test_slider_stops_never_leave_the_embedding(full_dim: int) -> None:
    stops = slider_stops(full_dim, [full_dim])
    assert stops[0] == 1 and stops[-1] == full_dim and max(stops) == full_dim


@given(st.sampled_from(MODES), st.integers(1, 512), st.integers(1, 60), st.integers(60, 5000))
def test_every_mode_starts_at_its_dim_and_ends_with_at_least_k(
    mode: str, dim: int, k: int, count: int
) -> None:
    cascade = cascade_at(mode, dim, k, count, 512, NESTED)
    assert cascade.dims[0] == dim
    assert mode == "flat" or cascade.dims[-1] == 512
    assert all(k <= kept <= count for kept in cascade.shortlists)


def test_modes_are_the_paper_s() -> None:
    assert cascade_at("flat", 16, 10, 1000, 512, NESTED).dims == (16,)
    assert cascade_at("adaptive", 16, 10, 1000, 512, NESTED).dims == (16, 512)
    assert cascade_at("funnel", 16, 10, 1000, 512, NESTED).dims == (16, 32, 64, 128, 256, 512)
    assert cascade_at("funnel", 16, 10, 1000, 512, NESTED).shortlists == (64, 32, 16, 10, 10)
    assert cascade_at("adaptive", 512, 10, 1000, 512, NESTED).dims == (512,)


@pytest.mark.parametrize(
    "given_dim", [0, 513, -1, 1.5, "", "many", None, True, float("nan"), float("inf"), [8]]
)
def test_a_dim_that_is_none_is_refused_with_what_is_allowed(given_dim: Any) -> None:
    with pytest.raises(QueryError, match="dim must be a whole number from 1 to 512, got"):
        Settings.checked("flat", "exact", 12, given_dim, 512)


@pytest.mark.parametrize("k", [0, -3, 2.5, "x", None])
def test_a_k_that_is_none_is_refused(k: Any) -> None:
    with pytest.raises(QueryError, match="k must be a whole number from 1 up, got"):
        Settings.checked("flat", "exact", k, 64, 512)


@pytest.mark.parametrize(("mode", "first"), [("deep", "exact"), ("flat", "ivf"), (None, "exact")])
def test_an_unknown_way_to_search_is_refused(mode: Any, first: Any) -> None:
    with pytest.raises(QueryError, match="must be one of"):
        Settings.checked(mode, first, 12, 64, 512)


@given(st.integers(1, 512))
def test_numbers_may_come_as_text_or_float(number: int) -> None:
    assert whole_number("dim", str(number), 512) == whole_number("dim", float(number), 512) == number
