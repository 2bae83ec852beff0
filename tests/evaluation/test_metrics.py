"""Metrics on tables made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.evaluation.metrics import found_in, map_at_k, precision_at_k, recall_at_k

# Relevant hits by rank; how many items are relevant; recall; precision; AP@4 over k; AP@4 over min(k,
# relevant)
TABLE = [
    ("1111", 4, 1, 1, 1, 1),
    ("0000", 2, 0, 0, 0, 0),
    ("1000", 1, 1, 1 / 4, 1 / 4, 1),
    ("0100", 1, 1, 1 / 4, 1 / 8, 1 / 2),
    ("1010", 2, 1, 1 / 2, (1 + 2 / 3) / 4, (1 + 2 / 3) / 2),
    ("0011", 8, 1 / 2, 1 / 2, (1 / 3 + 2 / 4) / 4, (1 / 3 + 2 / 4) / 4),
    ("1100", 3, 2 / 3, 1 / 2, 2 / 4, 2 / 3),
]
FOUND = np.array([[mark == "1" for mark in row[0]] for row in TABLE])
RELEVANT = np.array([row[1] for row in TABLE])


def test_recall_by_hand():
    np.testing.assert_allclose(recall_at_k(FOUND, RELEVANT), [row[2] for row in TABLE])


def test_precision_by_hand():
    np.testing.assert_allclose(precision_at_k(FOUND), [row[3] for row in TABLE])


def test_map_divides_by_k_as_the_paper_does():
    np.testing.assert_allclose(map_at_k(FOUND), [row[4] for row in TABLE])


def test_map_divided_by_what_can_be_found():
    np.testing.assert_allclose(map_at_k(FOUND, RELEVANT), [row[5] for row in TABLE])


def test_found_in_looks_at_each_querys_own_truth():
    keys = np.array([[1, 2, 3], [1, 2, 3]])
    truth = np.array([[3, 1], [9, 8]])
    assert found_in(keys, truth).tolist() == [[True, False, True], [False, False, False]]


def test_a_query_without_an_answer_has_no_recall():
    with pytest.raises(ValueError, match="leave it out"):
        recall_at_k(FOUND[:1], 0)
    with pytest.raises(ValueError, match="leave it out"):
        map_at_k(FOUND[:1], 0)
