"""The paper's comparisons, measured on trained models: one result file (MRL, sections 4 and 5).

What is measured of a model, and when anew, is `paper_measures`' affair, how models are trained
`training/compare.py`'s, how figures become tables `comparison_tables`'. Goes on where it was stopped.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from mrl_demo.circumstances import circumstances
from mrl_demo.evaluation import comparison_words, superclass
from mrl_demo.evaluation.paper_figure import Figure
from mrl_demo.evaluation.paper_measures import measured
from mrl_demo.evaluation.paper_runs import Data, finished, read_recipe, shared_recipe
from mrl_demo.evaluation.readme_tables import write_comparison
from mrl_demo.evaluation.report import write_result


def run(work: Path, out: Path, readme: Path | None = None) -> dict[str, Any]:
    """Measure every finished run in `work` and write `out` whole or not at all.

    Args:
        readme: a text whose tables between the marks of the comparison are made anew; see `readme_tables`.

    Returns:
        The result file's content.

    Raises:
        CollectionError: nothing is trained there, or what is there cannot be compared.
        ValueError: `readme` has no such marks.
    """
    data = Data.read(work)
    files = finished(work)
    largest = max(dim for file in files for dim in read_recipe(file)["nested_dims"])
    groups = superclass.gather(data.hypernyms) if all(data.hypernyms) else None
    if groups and len(groups.names) < 2:
        groups = None  # too few classes to be gathered
    figures: list[Figure] = []
    trained, confusions = [], []
    for file in files:
        began = time.process_time()
        found = measured(file, data, groups, largest)
        figures += [Figure(**{"retrieval": "", **row}) for row in found["figures"]]
        trained.append(comparison_words.trained(**found["run"]))
        confusions += found["confused"]
        print(f"{file.parent.name}: {len(found['figures'])} figures, {time.process_time() - began:.0f} CPU s")
    recipe = shared_recipe(read_recipe(files[0]))
    said = (
        f"every model trained from scratch by one recipe ({comparison_words.how(recipe)}); the training"
        " photos are the database, the held-out photos the queries; means over seeds.",
        comparison_words.what_was_cut(trained, recipe, data.source),
        comparison_words.not_alike(trained),
    )
    fields = {
        **circumstances(),
        "kind": "comparison",
        "title": f"MRL against fixed sizes: {data.title}",
        "what": " ".join(filter(None, said)),
        "seeds": sorted({each["seed"] for each in trained}),
        "data": {
            **data.source,
            "title": data.title,
            "source": "@".join(filter(None, (data.source["name"], data.source["revision"]))),
            "count": len(data.train) + len(data.held_out),
        },
        "recipe": recipe,
        "trained": trained,
        "superclasses": groups.sizes() if groups else {},
        "confused": confusions,
    }
    content = write_result(out, fields, figures)
    if readme is not None:
        write_comparison(readme, out.parent)
    return content
