"""What the planner answers: the cascade to search with, what was measured of it and of the others, and why.

Values and their JSON; measures nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage

FORMAT = 1


@dataclass(frozen=True)
class Option:
    """One way to search, as measured.

    Attributes:
        recall: mean recall@k over the held-out queries.
        recall_bound: the mean of all queries like these lies above, with the plan's confidence.
        seconds_p50: median wall time of one query, on the machine that planned.
        bytes_per_vector: what it keeps beside the matrix.
        multiply_adds: of one query, on average.
        holds: it may be relied on: see `Plan`.
    """

    cascade: Cascade
    first_stage: FirstStage
    recall: float
    recall_bound: float
    seconds_p50: float
    bytes_per_vector: float
    multiply_adds: int
    holds: bool

    def __str__(self) -> str:
        return f"{self.first_stage} {self.cascade}"


@dataclass(frozen=True)
class Plan:
    """How to search a collection: `engine.search(query, plan.cascade, plan.k, plan.first_stage)`.

    Attributes:
        chosen: the fastest option that holds and keeps within the limit of bytes (if none does, the fastest
            that holds); of options as fast, the one that keeps the fewest bytes.
        frontier: all that were measured to the end, fastest first. They were tested from the one that missed
            least when it was selected onwards, up to the first whose bound fell below the target: so all that
            hold do so at once with the stated confidence (fixed-sequence testing; Angelopoulos et al.,
            "Learn then Test", arXiv:2110.01052), and the fastest may be chosen from them freely.
        n, full_dim: of the collection that was planned for.
        k, target_recall, confidence: what was asked for.
        held_out: how many queries the figures are from; none of them took part in selecting.
        why, warnings: in plain sentences.
        rotation_helps: prefixes keep far less than after a PCA rotation; see `pca_rotation`.
    """

    chosen: Option
    frontier: tuple[Option, ...]
    n: int
    full_dim: int
    k: int
    target_recall: float
    confidence: float
    held_out: int
    why: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rotation_helps: bool = False

    @property
    def cascade(self) -> Cascade:
        return self.chosen.cascade

    @property
    def first_stage(self) -> FirstStage:
        return self.chosen.first_stage

    @property
    def recall(self) -> float:
        return self.chosen.recall

    @property
    def recall_bound(self) -> float:
        return self.chosen.recall_bound

    @property
    def seconds_p50(self) -> float:
        return self.chosen.seconds_p50

    @property
    def bytes_per_vector(self) -> float:
        return self.chosen.bytes_per_vector

    @property
    def multiply_adds(self) -> int:
        return self.chosen.multiply_adds

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON has them."""
        return {"format": FORMAT, **asdict(self)}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1) + "\n"

    @classmethod
    def from_dict(cls, fields: Any) -> Plan:
        """What `to_dict` gave. CollectionError for anything else."""
        try:
            if fields["format"] != FORMAT:
                raise CollectionError(f"a plan of format {fields['format']!r} cannot be read: plan again")
            rest = {name: value for name, value in fields.items() if name != "format"}
            rest["chosen"] = _option(rest["chosen"])
            rest["frontier"] = tuple(_option(each) for each in rest["frontier"])
            rest["why"], rest["warnings"] = tuple(rest["why"]), tuple(rest["warnings"])
            return cls(**rest)
        except (KeyError, TypeError, AttributeError, ValueError, QueryError) as error:
            raise CollectionError(f"this is not a plan ({error}): plan again") from error

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """What `to_json` gave. CollectionError for anything else."""
        try:
            fields = json.loads(text)
        except ValueError as error:
            raise CollectionError(f"this is not a plan ({error}): plan again") from error
        return cls.from_dict(fields)

    def table(self) -> str:
        """The frontier as lines of text, the chosen row marked."""
        heads = ("", "first stage", "cascade", "recall", "at least", "holds", "ms", "bytes", "multiply-adds")
        rows = [heads]
        for option in self.frontier:
            rows.append(
                (
                    ">" if option == self.chosen else "",
                    str(option.first_stage),
                    str(option.cascade),
                    f"{option.recall:.4f}",
                    f"{option.recall_bound:.4f}",
                    "yes" if option.holds else "no",
                    f"{option.seconds_p50 * 1e3:.3f}",
                    f"{option.bytes_per_vector:,.0f}",
                    f"{option.multiply_adds:,}",
                )
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if place < 3 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        )


def within(options: Sequence[Option], max_bytes: float | None) -> list[Option]:
    """Those that keep at most `max_bytes` a vector; all of them where none does, or None is the limit."""
    small = [option for option in options if max_bytes is None or option.bytes_per_vector <= max_bytes]
    return small or list(options)


def _option(fields: Any) -> Option:
    cascade = Cascade(tuple(fields["cascade"]["dims"]), tuple(fields["cascade"]["shortlists"]))
    return Option(**{**fields, "cascade": cascade, "first_stage": FirstStage(**fields["first_stage"])})
