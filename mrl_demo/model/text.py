"""What the text tower can read: tokens, the limits of length, and the words it has met in training.

Knows nothing of the towers themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor

from mrl_demo.errors import QueryError
from mrl_demo.model.towers import tokenizer

# Longer than any text of 30 tokens; cut before tokenising, because byte-pair merging is quadratic in a
# word's length.
_MAX_CHARACTERS = 400
_WORD = re.compile(r"[^\W\d_]+")
_SPECIAL = re.compile(r"<(start|end)_of_text>", re.IGNORECASE)


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without figures and punctuation."""
    return _WORD.findall(text.lower())


class TextReader:
    """Turns texts into tokens and says in plain words what of a text will not be understood."""

    def __init__(self, context_length: int, known_words: Iterable[str] = ()) -> None:
        self.context_length = context_length
        self.known_words = frozenset(known_words)
        self._tokenizer: Any = tokenizer(context_length)

    def tokens(self, texts: Sequence[str]) -> Tensor:
        """q texts -> (q, context_length) int64. A text too long to be read is cut at its end.

        Raises:
            QueryError: a text is not a string, or there is nothing in it to read.
        """
        tokens: Tensor = self._tokenizer([self._clean(text) for text in texts])
        return tokens

    def token_ids(self, text: str) -> list[int]:
        """The tokens of one text, without start and end, uncut."""
        ids: list[int] = self._tokenizer.encode(self._clean(text))
        return ids

    def check(self, text: str) -> list[str]:
        """Plain-word warnings about `text`; an empty list when all of it can be understood.

        Raises:
            QueryError: as `tokens`.
        """
        ids = self.token_ids(text)
        found = words(self._clean(text))
        warnings = []
        read = self.context_length - 2
        if len(text) > _MAX_CHARACTERS or len(ids) > read:
            warnings.append(
                f"The text is {len(text):,} characters long; only its first {read} words or so are read."
            )
        unknown = list(dict.fromkeys(word for word in found if word not in self.known_words))
        if self.known_words and found and len(unknown) == len(set(found)):
            warnings.append(
                "The encoder has met none of these words in training, so the results mean nothing. "
                "It reads plain English about what its pictures show: things, colours, finishes, places."
            )
        elif self.known_words and unknown:
            shown = ", ".join(f"“{word[:40]}”" for word in unknown[:5]) + (" …" if len(unknown) > 5 else "")
            warnings.append(f"Not met in training, mostly ignored: {shown}")
        elif not found:
            warnings.append("There are no words in the text; the encoder reads plain English.")
        return warnings

    @staticmethod
    def _clean(text: str) -> str:
        if not isinstance(text, str):
            raise QueryError(f"a text query must be a string, got {type(text).__name__}")
        # Half a surrogate pair cannot be encoded; the tokenizer's own markers must not be typed in.
        cut = text[: 10 * _MAX_CHARACTERS].encode("utf-8", "ignore").decode("utf-8")
        cut = " ".join(_SPECIAL.sub(" ", cut).split())[:_MAX_CHARACTERS]
        if not cut.strip("\0​‌‍﻿ "):
            raise QueryError("the text is empty: type what the picture should show, for example “a red mug”")
        return cut
