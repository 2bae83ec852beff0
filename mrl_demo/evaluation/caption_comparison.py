"""MRL against fixed sizes in search by caption: what `training/compare_captions.py` left, as one result file
and its tables.

The pictures were scored where the models are, in training; here figures are gathered, not measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mrl_demo.circumstances import circumstances
from mrl_demo.errors import CollectionError
from mrl_demo.evaluation.comparison_spread import Row, Table, over_dims
from mrl_demo.evaluation.paper_figure import Figure
from mrl_demo.evaluation.paper_runs import model_of, shared_recipe
from mrl_demo.evaluation.report import write_result

FIGURES = "asked.json"
BY_CAPTION = "by_caption"  # the metric; `truth` says what is counted, `data` of which set
_RECIPE = ("model", "epochs", "batch_size")


def run(work: Path, out: Path) -> dict[str, Any]:
    """Gather every finished run in `work` and write `out` whole or not at all; returns its content.

    Raises:
        CollectionError: nothing is trained there, or what is there cannot be compared.
    """
    files = sorted(work.glob(f"*/{FIGURES}"))
    if not files:
        raise CollectionError(
            f"no run is finished in {work}: python -m mrl_demo compare-captions trains them"
        )
    found = [_read(file) for file in files]
    recipe = shared_recipe(found[0]["recipe"])
    for file, one in zip(files, found, strict=True):
        if shared_recipe(one["recipe"]) != recipe:
            raise CollectionError(
                f"{file} and {files[0]} were trained differently: that is no comparison; remove one, or name "
                "another --work"
            )
    parts = found[0]["parts"]
    trained = [{"model": model_of(one["recipe"]), **one["trained"]} for one in found]
    figures = [figure for one in found for figure in _figures(one)]
    said = ", ".join(f"{name.replace('_', ' ')} {recipe[name]}" for name in _RECIPE)
    fields = {
        **circumstances(),
        "kind": "comparison",
        "title": f"MRL against fixed sizes, by caption: {' and '.join(part['name'] for part in parts)}",
        "what": f"image-text models trained from scratch by one recipe ({said}) on all sets together; the"
        " pictures and captions asked about were held out of training; means over seeds",
        "seeds": sorted({each["seed"] for each in trained}),
        "data": {
            "title": " and ".join(part["name"] for part in parts),
            "count": sum(part["train"] + part["held_out"] for part in parts),
            "parts": parts,
        },
        "recipe": recipe,
        "trained": trained,
    }
    return write_result(out, fields, figures)


def caption_tables(rows: Iterable[Row]) -> list[Table]:
    """A table for each set and measure: a row a dim, a column a model, means in percent."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["metric"] == BY_CAPTION:
            groups.setdefault((row["data"], row["truth"]), []).append(row)
    return [
        over_dims(
            f"by-caption-{data}-{truth}".replace(" ", "-").replace(",", ""),
            f"{data}: {truth}",
            "By pictures held out of training. FF: one model trained for each size. SVD (principal directions"
            " of training pictures and captions), random dims and FF cut are made of the largest of these."
            " Dims such as 12 and 24 were never trained.",
            ["zero_shot"],
            some,
        )
        for (data, truth), some in groups.items()
    ]


def _read(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not {"recipe", "trained", "parts", "figures"} <= set(found):
            raise ValueError("it lacks what such a file holds")
        return found
    except (OSError, ValueError) as error:
        raise CollectionError(f"{file} is damaged ({error}): remove it and train again") from error


def _figures(found: Row) -> Iterable[Figure]:
    model, seed = model_of(found["recipe"]), int(found["trained"]["seed"])
    counts = {part["name"]: part["held_out"] for part in found["parts"]}
    for row in found["figures"]:
        yield Figure(
            metric=BY_CAPTION,
            dim=row["dim"],
            value=row["value"],
            unit="fraction",
            retrieval="flat exact",
            truth=row["measure"],
            n=counts[row["part"]],
            data=row["part"],
            seed=seed,
            model=row["made"] or model,
            draw=row["draw"],
        )
