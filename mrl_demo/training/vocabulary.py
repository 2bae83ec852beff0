"""The words and tokens that captions in training hold; all others are strangers to the text tower.

Knows nothing of models.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

from mrl_demo.model.text import TextReader, words
from mrl_demo.training.sources import Part


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
    def of(cls, parts: Iterable[Part], context_length: int) -> Vocabulary:
        """Gathered from captions of what is trained on, drawn as training draws them, at least ten thousand
        of each part."""
        reader = TextReader(context_length)
        rng = random.Random("vocabulary")
        captions: set[str] = set()
        for part in parts:
            for _ in range(math.ceil(10_000 / len(part.rows))):
                captions.update(part.data.captions(part.rows.tolist(), rng))
        start, _, end = reader.tokens(["a"])[0, :3].tolist()
        pieces = {
            piece: reader.token_ids(piece)
            for piece in sorted({piece for caption in captions for piece in caption.split()})
        }
        found = {word for piece in pieces for word in words(piece)}
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
