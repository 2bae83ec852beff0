"""The words and tokens that the captions of a training set hold; all others are strangers to the text tower.

Knows nothing of models.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrl_demo.model.text import TextReader, words
from mrl_demo.training.data import TrainingSet


@dataclass(frozen=True)
class Vocabulary:
    """The words and tokens the captions hold; all others are strangers to the text tower."""

    reader: TextReader
    words: tuple[str, ...]
    tokens: frozenset[int]
    start: int
    end: int
    _pieces: dict[str, list[int]]

    @classmethod
    def of(cls, data: TrainingSet, rows: npt.NDArray[np.int64], context_length: int) -> Vocabulary:
        """Gathered from captions drawn as training draws them, at least ten thousand."""
        reader = TextReader(context_length)
        rng = random.Random("vocabulary")
        captions: set[str] = set()
        for _ in range(math.ceil(10_000 / len(rows))):
            captions.update(data.captions([int(row) for row in rows], rng))
        found = {word for caption in captions for word in words(caption)}
        start, _, end = reader.tokens(["a"])[0, :3].tolist()
        pieces = {piece: reader.token_ids(piece) for caption in captions for piece in caption.split()}
        tokens = frozenset(token for ids in pieces.values() for token in ids)
        return cls(reader, tuple(sorted(found)), tokens, start, end, pieces)

    def token_ids(self, caption: str) -> list[int]:
        """The caption's tokens, put together from those of its pieces: much faster than the tokenizer, and
        the same, since it never joins what white space parts.
        """
        ids: list[int] = []
        for piece in caption.split():
            if piece not in self._pieces:
                self._pieces[piece] = self.reader.token_ids(piece)
            ids += self._pieces[piece]
        return ids
