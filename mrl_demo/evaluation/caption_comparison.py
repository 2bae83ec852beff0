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
from mrl_demo.evaluation import comparison_words
from mrl_demo.evaluation.comparison_spread import Row, Table, over_dims
from mrl_demo.evaluation.paper_figure import BY_CAPTION, Figure
from mrl_demo.evaluation.paper_runs import model_of, shared_recipe
from mrl_demo.evaluation.readme_tables import write_comparison
from mrl_demo.evaluation.report import write_result

FIGURES = "asked.json"
_RECIPE = ("model", "epochs", "batch_size", "optimiser")
_HOLDS = {"recipe", "trained", "made", "parts", "figures"}
RECALL = (
    "recall@10: every distinct article type, colour and gender is one question; its value is how many of the"
    " first ten products have all three, divided by min(10, how many there are)."
)
RELATION = (
    "relation, not its opposite: of the pictures of two things, the share nearer to their caption than to the"
    " same with the opposite relation; a half by chance."
)
_SVD = (
    "SVD: principal directions of 2,048 training pictures and as many captions of that set alone, not centred"
    " unless it is said."
)
_FIXED = (
    "FF: one model trained for each size. SVD, random dims and FF cut are made of the largest of these."
    f" {_SVD} Dims such as 12 and 24 were never trained."
)


def run(work: Path, out: Path, readme: Path | None = None) -> dict[str, Any]:
    """Gather every finished run in `work` and write `out` whole or not at all; returns its content.

    Args:
        readme: a text whose tables between the marks of the comparison are made anew; see `readme_tables`.

    Raises:
        CollectionError: nothing is trained there, or what is there cannot be compared.
        ValueError: `readme` has no such marks.
    """
    files = sorted(work.glob(f"*/{FIGURES}"))
    if not files:
        raise CollectionError(
            f"no run is finished in {work}: python -m mrl_demo compare-captions trains them"
        )
    found = [_read(file) for file in files]
    recipe, parts = shared_recipe(found[0]["recipe"]), found[0]["parts"]
    for file, one in zip(files, found, strict=True):
        _check_pictures(file, one["parts"], files[0], parts)
        if shared_recipe(one["recipe"]) != recipe:
            raise CollectionError(
                f"{file} and {files[0]} were trained differently: that is no comparison; remove one, or name "
                "another --work"
            )
    trained = [
        comparison_words.trained(model_of(one["recipe"]), made=one["made"], **one["trained"]) for one in found
    ]
    figures = [figure for one in found for figure in _figures(one)]
    how = ", ".join(f"{name.replace('_', ' ')} {recipe[name]}" for name in _RECIPE if name in recipe)
    said = (
        f"image-text models trained from scratch by one recipe ({how}) on all sets together; the pictures and"
        " captions asked about were held out of training; means over seeds.",
        *dict.fromkeys(_explained(row.truth) for row in figures),
        _SVD if any(row.model.startswith("SVD") for row in figures) else "",
        "There is no MRL-E, since no classifiers are there whose weights could be tied.",
        f"Short trainings: {recipe['epochs']} epochs each, one model at a time from random weights.",
        comparison_words.what_was_cut(trained),
        comparison_words.not_alike(trained),
    )
    fields = {
        **circumstances(),
        "kind": "comparison",
        "title": f"MRL against fixed sizes, by caption: {' and '.join(part['name'] for part in parts)}",
        "what": " ".join(filter(None, said)),
        "seeds": sorted({each["seed"] for each in trained}),
        "data": {
            "title": " and ".join(part["name"] for part in parts),
            "count": sum(part["train"] + part["held_out"] for part in parts),
            "parts": parts,
        },
        "recipe": recipe,
        "trained": trained,
    }
    content = write_result(out, fields, figures)
    if readme is not None:
        write_comparison(readme, out.parent)
    return content


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
            "By pictures held out of training."
            + (f" {_FIXED}" if any(row["model"] == "FF" for row in some) else "")
            + f" {_explained(truth)}".rstrip(),
            ["zero_shot"],
            some,
        )
        for (data, truth), some in groups.items()
    ]


def _explained(measure: str) -> str:
    """A sentence on a measure whose name says too little; else ""."""
    known = {text.partition(":")[0]: text for text in (RECALL, RELATION)}
    return next((text for name, text in known.items() if measure.startswith(name)), "")


def _read(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        lacks = sorted(name for name in _HOLDS if not found.get(name))
        if lacks:
            raise ValueError(f"it lacks {', '.join(lacks)}")
        return found
    except (OSError, ValueError) as error:
        raise CollectionError(f"{file} is damaged ({error}): remove it and train again") from error


def _check_pictures(file: Path, parts: Iterable[Row], first: Path, others: Iterable[Row]) -> None:
    """Raises CollectionError when two runs did not see the very same sets."""
    seen, known = ({part["name"]: part["digest"] for part in some} for some in (parts, others))
    odd = sorted(name for name in seen | known if seen.get(name) != known.get(name))
    if odd:
        raise CollectionError(
            f"{file} and {first} saw other pictures of {', '.join(odd)}: that is no comparison; remove one, "
            "or name another --work"
        )


def _figures(found: Row) -> Iterable[Figure]:
    model, seed = model_of(found["recipe"]), int(found["trained"]["seed"])
    for row in found["figures"]:
        yield caption_figure(row, row["made"] or model, seed, row["draw"])


def caption_figure(row: Row, model: str, seed: int | None, draw: int | None = None) -> Figure:
    """A record of `training.held_out.figures` as a Figure of `model`."""
    return Figure(
        metric=BY_CAPTION,
        dim=row["dim"],
        value=row["value"],
        unit="fraction",
        retrieval="flat exact",
        truth=row["measure"],
        n=row["n"],
        stderr=row["stderr"],
        data=row["part"],
        seed=seed,
        model=model,
        draw=draw,
    )
