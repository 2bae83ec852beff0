"""What data sets show, one value each: how their rows are told, captioned, augmented, held out and scored.

A set is known by its columns, wherever it came from. Knows nothing of files or models; a new kind of data is
one more value in SUBJECTS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mrl_demo.errors import CollectionError
from mrl_demo.still_life.captions import readings
from mrl_demo.still_life.free_text import sample_statement
from mrl_demo.training import photo_captions, product_captions, validation
from mrl_demo.training.augment import augment_photos, augment_products, augment_still_lifes
from mrl_demo.training.data import Attributes, CaptionSource, Naming, Readings, Told, own_attributes
from mrl_demo.training.validation import Scores

Augmentation = Callable[[Tensor, torch.Generator], Tensor]
Wordings = Callable[[Sequence[Attributes]], Iterable[str]]


@dataclass(frozen=True)
class Subject:
    """One kind of data.

    Attributes:
        name: what people call it.
        columns: the columns by which a set of it is known.
        told, caption, readings: as `TrainingSet` wants them.
        augment: what may change in a picture while its captions stay true.
        scores: what a model is worth on pictures held out.
        wordings: texts that together hold every word that captions of such rows may have; None: they are too
            many to be written out.
        naming, usual_name: a text that names the class of a picture, and the name alone; None: its pictures
            have no classes.
        held_out: whether an item is for validation, for sets that come in one piece; None: a share by chance.
    """

    name: str
    columns: frozenset[str]
    told: Told
    caption: CaptionSource
    readings: Readings
    augment: Augmentation
    scores: Scores
    wordings: Wordings | None = None
    held_out: Callable[[Attributes], bool] | None = None
    naming: Naming | None = None
    usual_name: Callable[[Attributes], str] | None = None


def one_in_ten(attributes: Attributes) -> bool:
    """Whether the item `id` is of the tenth that is never trained on: by its number alone, so that neither
    order, seed nor the rest of the set changes it."""
    return hashlib.sha256(f"held out {attributes['id']}".encode()).digest()[0] % 10 == 0


STILL_LIFE = Subject(
    "still life",
    frozenset({"category", "colour", "finish", "pattern", "setting", "light", "count"}),
    own_attributes,
    sample_statement,
    readings,
    augment_still_lifes,  # a caption may name what stands left of what
    validation.still_life_scores,
)
PRODUCTS = Subject(
    "fashion products",
    frozenset({"articleType", "baseColour", "gender", "subCategory", "masterCategory"}),
    product_captions.told,
    product_captions.sample_statement,
    product_captions.readings,
    augment_products,  # a caption names the colour
    validation.product_scores,
    product_captions.wordings,
    one_in_ten,
)
PHOTOS = Subject(
    "labelled photos",
    frozenset({"label"}),
    photo_captions.told,
    photo_captions.sample_statement,
    photo_captions.readings,
    augment_photos,
    validation.photo_scores,
    photo_captions.wordings,
    naming=photo_captions.sample_name,
    usual_name=photo_captions.usual_name,
)
SUBJECTS = (STILL_LIFE, PRODUCTS, PHOTOS)


def subject_of(columns: Collection[str], where: str) -> Subject:
    """The subject whose columns are all among `columns`.

    Raises:
        CollectionError: there is none; the message says which columns would do.
    """
    for subject in SUBJECTS:
        if subject.columns <= set(columns):
            return subject
    known: Mapping[str, str] = {one.name: ", ".join(sorted(one.columns)) for one in SUBJECTS}
    raise CollectionError(
        f"{where} has the columns {', '.join(columns)}, of which no captions can be made; what can be "
        f"trained on, beside an image: {'; '.join(f'{name} ({needs})' for name, needs in known.items())}"
    )
