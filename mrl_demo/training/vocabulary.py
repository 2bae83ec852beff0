"""The words and tokens that captions in training may hold; all others are strangers to the text tower, and
are put into some captions as noise.

Knows nothing of models.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mrl_demo.model.text import TextReader, words
from mrl_demo.training.sources import Part


@dataclass(frozen=True)
class Vocabulary:
    """The words and tokens the captions may hold; all others are strangers to the text tower."""

    reader: TextReader
    words: tuple[str, ...]
    tokens: frozenset[int]
    start: int
    end: int
    _pieces: dict[str, list[int]]

    @classmethod
    def of(cls, parts: Iterable[Part], context_length: int) -> Vocabulary:
        """Of what is trained on: all wordings where a subject can list them, as those of products and photos
        are; of still lifes the words of at least ten thousand captions, drawn as training draws them, which
        may miss a word that is said more rarely than that."""
        reader = TextReader(context_length)
        rng = random.Random("vocabulary")
        captions: set[str] = set()
        for part in parts:
            wordings = part.subject.wordings
            rows = [part.data.attributes[row] for row in part.rows]
            captions.update(wordings(rows) if wordings else _drawn(part, rng))
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


def text_tokens(
    ids: Sequence[Sequence[int]],
    context_length: int,
    start: int,
    end: int,
    noise: float,
    known: frozenset[int],
    rng: random.Random,
) -> Tensor:
    """Token lists -> (q, context_length) int64, some with one to three random unknown tokens put in.

    The texts people type hold words that no caption had. Meeting meaningless tokens now and then teaches
    the text tower to look past them; each is drawn from the whole vocabulary, so none of them is learned.
    """
    tokens = torch.zeros(len(ids), context_length, dtype=torch.long)
    for row, caption in enumerate(ids):
        line = list(caption)
        if rng.random() < noise:
            for _ in range(rng.randint(1, 3)):
                stranger = rng.randrange(start)
                if stranger not in known:
                    line.insert(rng.randint(0, len(line)), stranger)
        line = [start, *line[: context_length - 2], end]
        tokens[row, : len(line)] = torch.tensor(line)
    return tokens


def _drawn(part: Part, rng: random.Random) -> Iterator[str]:
    for _ in range(math.ceil(10_000 / len(part.rows))):
        yield from part.data.captions(part.rows.tolist(), rng)
