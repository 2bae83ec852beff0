"""Finished encoders side by side on the very same held-out pictures: one result file, a table in the README.

The pictures were scored where the models are, in training; here figures are gathered, not measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mrl_demo.circumstances import circumstances
from mrl_demo.evaluation.caption_comparison import RECALL, caption_figure
from mrl_demo.evaluation.readme_tables import write_encoders
from mrl_demo.evaluation.report import write_result

# name, fingerprint, what the checkpoint says of its training, and its figures as `training.held_out` has them
Scored = tuple[str, str, Mapping[str, Any], Sequence[Mapping[str, Any]]]


def run(scored: Sequence[Scored], out: Path, readme: Path | None = None) -> dict[str, Any]:
    """Write `out` whole or not at all, and the README's table where one is wanted; returns the content.

    Raises:
        ValueError: `readme` has no marks for it, or two encoders were asked about other pictures of one set.
    """
    seen: dict[str, set[str]] = {}
    for _, _, _, found in scored:
        for row in found:
            seen.setdefault(row["part"], set()).add(row["pictures"])
    odd = [part for part, pictures in seen.items() if len(pictures) > 1]
    if odd:
        raise ValueError(
            f"the encoders' trainings held out other pictures of {', '.join(odd)}: that is no comparison; "
            "name sets with --data that have files for validation"
        )
    rows = [
        caption_figure(row, name, training["config"].get("seed"))
        for name, _, training, found in scored
        for row in found
    ]
    fields = {
        **circumstances(),
        "kind": "comparison",
        "title": "The encoders",
        "what": f"Encoders on pictures that were held out of their training. {_unlike(scored)}{RECALL}",
        "seeds": sorted({int(training["config"].get("seed", 0)) for _, _, training, _ in scored}),
        "data": {"title": " and ".join(dict.fromkeys(row.data for row in rows))},
        "models": {name: fingerprint for name, fingerprint, *_ in scored},
        "trained": [_trained(name, training) for name, _, training, _ in scored],
    }
    content = write_result(out, fields, rows)
    if readme is not None:
        write_encoders(readme, content)
    return content


def _unlike(scored: Sequence[Scored]) -> str:
    """A sentence where encoders were trained on different data; else ""."""
    data = {str(training["config"]["data"]) for _, _, training, _ in scored}
    return "Not each was trained on all of these sets: see Training. " if len(data) > 1 else ""


def _trained(name: str, training: Mapping[str, Any]) -> dict[str, Any]:
    """One encoder's training as `trained` in a result file lists it."""
    config = training["config"]
    return {
        "model": name,
        "nested_dims": config["nested_dims"],
        "seed": config.get("seed", 0),
        "seconds": float(str(training.get("time", "0")).split()[0]),
        "command": str(training.get("command", "")).strip("`"),
        "device": training.get("made", {}).get("device", ""),
        **{key: training.get(key, "") for key in ("commit", "date", "hardware", "data")},
    }
