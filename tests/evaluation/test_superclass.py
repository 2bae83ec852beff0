"""Superclasses by the rule, and what is counted as staying within."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.evaluation.superclass import Superclasses, by_dim, confused, gather

TWO = Superclasses(("animal", "vehicle"), np.array([0, 0, 0, 1, 1]))


def test_what_is_too_large_is_divided_and_what_is_too_little_stays_above() -> None:
    chains = ["cat > animal > entity"] * 3 + ["dog > animal > entity"] * 3 + ["newt > animal > entity"] * 2
    chains += ["car > vehicle > entity"] * 3 + ["gem > entity"]
    found = gather(chains, most=4, least=2)
    assert found.sizes() == {"cat": 3, "dog": 3, "newt": 2, "vehicle": 3, "other": 1}
    found = gather(chains, most=4, least=3)
    assert found.sizes() == {"cat": 3, "dog": 3, "vehicle": 3, "other entity": 3}  # newts rise to the gem
    assert len(gather(chains, most=20).names) == 1


def test_each_class_has_one_superclass_and_none_is_too_large_that_can_be_divided() -> None:
    chains = [f"kind {n} > family {n // 3} > order {n // 9} > thing" for n in range(60)]
    found = gather(chains, most=9, least=3)
    assert len(found.of) == 60 and max(found.sizes().values()) <= 9
    assert sum(found.sizes().values()) == 60 and len(set(found.of[:9])) == 1


def test_a_class_without_hypernyms_is_refused() -> None:
    with pytest.raises(ValueError, match="hypernyms"):
        gather(["a > b", ""])


def test_accuracy_and_mistakes_by_hand() -> None:
    labels, said = np.array([0, 0, 1, 3, 4]), np.array([0, 1, 3, 4, 0])
    rows = {row.metric: row.value for row in by_dim({8: said}, labels, TWO, "MRL", 0)}
    assert rows["superclass_accuracy"] == pytest.approx(3 / 5)
    assert rows["errors_within_superclass"] == pytest.approx(2 / 4)
    assert rows["errors_within_superclass_by_chance"] == pytest.approx((2 + 2 + 1 + 1) / 4 / 4)


def test_without_mistakes_there_is_no_share_of_them() -> None:
    labels = np.arange(5)
    rows = [row.metric for row in by_dim({8: labels}, labels, TWO, "MRL", 0)]
    assert rows == ["superclass_accuracy"]


def test_the_commonest_mistakes_come_first() -> None:
    labels, said = np.array([0, 0, 0, 3, 3]), np.array([1, 1, 0, 0, 3])
    rows = confused(said, labels, tuple("abcde"), TWO)
    assert [(row["is"], row["said"], row["share"], row["same_superclass"]) for row in rows] == [
        ("a", "b", 0.6667, True),
        ("d", "a", 0.5, False),
    ]


def test_nodes_of_one_name_in_several_places_are_several_groups() -> None:
    chains = ["stork > crane > bird > entity"] * 3 + ["swift > bird > entity"] * 3
    chains += ["tower crane > crane > machine > entity"] * 3 + ["lathe > machine > entity"] * 3
    found = gather(chains, most=4, least=2)
    assert found.sizes() == {
        "crane > bird > entity": 3,
        "swift": 3,
        "crane > machine > entity": 3,
        "lathe": 3,
    }
    assert found.of.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3


def test_classes_without_a_common_root_are_gathered_too() -> None:
    found = gather(["cat > animal"] * 5 + ["gem", "ray", "sea"], most=5, least=2)
    assert found.sizes() == {"animal": 5, "other": 3}
