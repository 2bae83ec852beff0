"""Classification with anyone's words as classes, at every nested dim, stopping at the first that is sure.

The library's `classifier.predict(image, adaptive=True)` and the page's Classify tab are this one class. Knows
an encoder only by what it can do, and nothing of collections; how sure is sure enough is learned or given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mrl_demo.errors import QueryError
from mrl_demo.evaluation.adaptive_classification import Said, learn_thresholds, stops
from mrl_demo.prefix import truncate

Floats = npt.NDArray[np.float64]

# Beginnings that sound otherwise than they are written: "an hourglass", "a unicorn".
_AN = re.compile(r"(?!uni|use|euro|one\b)[aeiou]|hour|heir|honest", re.IGNORECASE)
_IRREGULAR = {
    **{"die": "dice", "person": "people", "child": "children", "mouse": "mice", "goose": "geese"},
    **{"man": "men", "woman": "women", "foot": "feet", "tooth": "teeth", "fish": "fish", "sheep": "sheep"},
    **{"knife": "knives", "leaf": "leaves", "loaf": "loaves", "shelf": "shelves", "scarf": "scarves"},
}
_ARTICLES = frozenset({"a", "an", "the", "some", "one", "two", "three", "four", "something"})


class TwoTowers(Protocol):
    """What is asked of an encoder here; `mrl_demo.Encoder` has it. temperatures: one a nested dim."""

    @property
    def full_dim(self) -> int: ...
    @property
    def nested_dims(self) -> tuple[int, ...]: ...
    @property
    def temperatures(self) -> tuple[float, ...]: ...

    def encode_text(self, text: Any, /) -> npt.NDArray[np.float32]: ...
    def encode_image(self, image: Any, /) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True)
class DimSaid:
    """What one dim says of a picture: its best class, and the probability of every class in their order."""

    dim: int
    label: str
    confidence: float
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Prediction:
    """The answer: `label` with `confidence`, as said by `dim`, where it stopped; `said` holds every dim's."""

    label: str
    confidence: float
    dim: int
    said: tuple[DimSaid, ...]


class ZeroShotClassifier:
    """Classes named by words: a picture belongs to the one whose texts lie nearest to it.

    A class stands for one thing and for several ("a mug", "mugs"): see `texts_of`. Probabilities are the
    softmax, over all texts, of cosines divided by the temperature that the encoder learned for that dim,
    summed over the texts of a class; so they say how sure a dim is among these classes, not of others.

    Attributes:
        names: the classes, as given.
        dims: the encoder's nested dims, growing: (m,).
        thresholds: how sure each dim but the last must be to have the last word, (m - 1,); None until they
            are given or learned.
    """

    def __init__(
        self,
        encoder: TwoTowers,
        names: Sequence[str],
        thresholds: float | Sequence[float] | Floats | None = None,
    ) -> None:
        """`thresholds`: one for all dims, or one for each but the last.

        Raises QueryError for fewer than two classes, the same twice or an empty one, and for thresholds that
        are not as many as they must be.
        """
        self.names = check_names(names)
        self.dims = tuple(encoder.nested_dims)
        self.thresholds = None if thresholds is None else _each(thresholds, len(self.dims) - 1)
        self._encoder = encoder
        self._temperatures = tuple(encoder.temperatures)
        texts = [texts_of(name) for name in self.names]
        self._texts = np.asarray(encoder.encode_text([text for each in texts for text in each]), np.float32)
        self._starts = np.cumsum([0, *(len(each) for each in texts[:-1])])

    def predict(self, image: Any, adaptive: bool = False) -> Prediction:
        """Classify one picture: a path, the bytes of a file, or a PIL image.

        Args:
            adaptive: stop at the first dim that is at least as sure as its threshold; else all dims have the
                last word.

        Raises:
            ImageError: the picture cannot be read.
            QueryError: `adaptive` without thresholds.
        """
        return self.predict_embedding(self._encoder.encode_image(image), adaptive)

    def predict_embedding(self, embedding: npt.ArrayLike, adaptive: bool = False) -> Prediction:
        """`predict` for a picture that is embedded already: (full_dim,)."""
        each = self.probabilities(np.asarray(embedding, np.float32)[None])[:, 0]
        said = tuple(
            DimSaid(dim, self.names[best], float(row[best]), tuple(row.tolist()))
            for dim, row, best in zip(self.dims, each, each.argmax(axis=1), strict=True)
        )
        at = len(self.dims) - 1
        if adaptive:
            if self.thresholds is None:
                raise QueryError(
                    "adaptive=True needs thresholds: give them, or learn them from labelled pictures "
                    "(classifier.learned(embeddings, labels))"
                )
            at = int(stops(_said(self.dims, each[:, None]), self.thresholds)[0])
        return Prediction(said[at].label, said[at].confidence, said[at].dim, said)

    def learned(self, embeddings: npt.ArrayLike, labels: Sequence[str]) -> ZeroShotClassifier:
        """The same classifier with thresholds learned from labelled pictures, as in the paper.

        Args:
            embeddings: (n, full_dim), of pictures that are not the ones it will be judged by.
            labels: (n,) names of classes; others count as answers that no dim can get right.
        """
        made = ZeroShotClassifier.__new__(ZeroShotClassifier)
        made.__dict__.update(self.__dict__)
        made.thresholds = learn_thresholds(self.said(embeddings), self.places(labels))
        return made

    def said(self, embeddings: npt.ArrayLike) -> Said:
        """What every dim answers, and how sure it is, for pictures (n, full_dim)."""
        return _said(self.dims, self.probabilities(embeddings))

    def places(self, labels: Sequence[str]) -> npt.NDArray[np.int64]:
        """Labels as places in `names`, (n,) int64; -1 for what is none of them."""
        place = {name: index for index, name in enumerate(self.names)}
        return np.array([place.get(str(label), -1) for label in labels], np.int64)

    def probabilities(self, embeddings: npt.ArrayLike) -> Floats:
        """Of every class at every dim for pictures (n, full_dim): (m, n, c), each (m, n) summing to 1."""
        rows = np.asarray(embeddings, np.float32)
        logits = np.stack(
            [
                truncate(rows, dim) @ truncate(self._texts, dim).T / np.float32(temperature)
                for dim, temperature in zip(self.dims, self._temperatures, strict=True)
            ]
        ).astype(np.float64)
        shares = np.add.reduceat(np.exp(logits - logits.max(axis=2, keepdims=True)), self._starts, axis=2)
        made: Floats = shares / shares.sum(axis=2, keepdims=True)
        return made


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """The class names without spaces around them. QueryError for fewer than two, the same twice, an empty
    one."""
    clean = tuple(" ".join(str(name).split()) for name in names)
    if len(clean) < 2:
        raise QueryError(f"at least two classes are needed to choose between, got {len(clean)}")
    if "" in clean:
        raise QueryError("a class has no name")
    twice = sorted({name for name in clean if clean.count(name) > 1})
    if twice:
        raise QueryError(f"a class is named twice: {', '.join(twice[:5])}")
    return clean


def texts_of(name: str) -> tuple[str, ...]:
    """What is embedded for a class: "mug" -> "a mug" and "mugs"; what begins like a phrase stays as it is.

    On the still lifes, of which two fifths show more than one thing, the plural lifts accuracy at 512 dims
    from 0.70 to 0.88.
    """
    if name.split()[0].lower() in _ARTICLES:
        return (name,)
    return f"{'an' if _AN.match(name) else 'a'} {name}", plural(name)


def plural(name: str) -> str:
    """The English plural: "box" -> "boxes", "berry" -> "berries", "die" -> "dice"; "glasses" stays."""
    *before, last = name.split(" ")
    if last.lower() in _IRREGULAR:
        return " ".join([*before, _IRREGULAR[last.lower()]])
    if name.endswith(("s", "z")) and not name.endswith("ss"):
        return name
    if name.endswith(("x", "ch", "sh", "ss")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


def _said(dims: tuple[int, ...], probabilities: Floats) -> Said:
    return Said(dims, probabilities.argmax(axis=2).astype(np.int64), probabilities.max(axis=2))


def _each(thresholds: float | Sequence[float] | Floats, count: int) -> Floats:
    each = np.array(thresholds, np.float64)
    if each.ndim == 0:
        return np.full(count, float(each))
    if each.shape != (count,):
        raise QueryError(f"{count + 1} dims need {count} thresholds or a single one, got {each.size}")
    return each
