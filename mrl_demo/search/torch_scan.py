"""The exact scan and the re-rank on a torch device, behind the interface of their NumPy siblings.

The only file of this room that imports torch, and imported only by an engine that was given a device. Tested
against NumPy on the CPU; not yet run on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from mrl_demo.errors import QueryError
from mrl_demo.search.hits import AnyFloats, Floats, Keys, Mask
from mrl_demo.search.prefix_scan import SPARE, settle
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows
from mrl_demo.search.vectors import Vectors

_STEP = 1 << 16  # items compared at once


class TorchRows(Rows):
    """`Rows` with a copy of the matrix on a device: float16 where that is how it is stored, else float32.

    Raises:
        CollectionError: as for `Rows`.
        QueryError: torch knows no such device here.
    """

    def __init__(self, vectors: AnyFloats | Vectors, device: str) -> None:
        super().__init__(vectors)
        kind = torch.float16 if self.vectors.dtype == "f16" else torch.float32
        try:
            self.matrix = torch.empty((self.n, self.full_dim), dtype=kind, device=device)
        except (RuntimeError, AssertionError) as error:  # an unknown name, or none such in this machine
            raise QueryError(f"vectors cannot be kept on the device {device!r}: {error}") from error
        for start in range(0, self.n, _STEP):
            stop = min(start + _STEP, self.n)
            self.matrix[start:stop] = self.to_device(self.block(start, stop, self.full_dim))

    def to_device(self, array: Floats | Keys | Mask) -> torch.Tensor:
        return torch.tensor(array, device=self.matrix.device)  # a copy: the array may be read-only

    def score(self, queries: Queries, keys: Keys, dim: int) -> Floats:
        """Cosines as `Rows.score`, (q, s) float32, summed in float64, so that the order of adding is not
        seen."""
        scores = np.empty(keys.shape, np.float32)
        step = max(1, (64 << 20) // (8 * dim * max(1, keys.shape[1])))
        for start in range(0, len(keys), step):
            part = slice(start, start + step)
            rows = self.matrix[self.to_device(keys[part]), :dim].double()
            prefixes = self.to_device(queries.prefix(dim)[part]).double()
            lengths = rows.square().sum(-1).sqrt().clamp_min(1e-300)
            scores[part] = ((rows * prefixes[:, None]).sum(-1) / lengths).float().cpu().numpy()
        return scores


class TorchScan:
    """`PrefixScan` on a device: the same keys, and scores that differ by rounding at most."""

    def __init__(self, rows: TorchRows) -> None:
        self._rows = rows

    @property
    def nbytes(self) -> int:
        """Bytes of the matrix on the device."""
        return self._rows.matrix.nbytes

    def bytes_at(self, dim: int) -> int:
        """Bytes kept once `dim` was scanned: always the matrix on the device, and the inverse lengths."""
        return self.nbytes + 4 * self._rows.n

    def top(
        self, queries: Queries, dims: Sequence[int], keep: int, where: Mask | None = None
    ) -> tuple[Keys, Floats]:
        """The best `keep` at each dim, as `PrefixScan.top`: (dims, q, keep) int64 and float32."""
        rows = self._rows
        # No more than are allowed: what is masked would be scored again, and come out.
        wanted = min(rows.n if where is None else int(np.count_nonzero(where)), keep + SPARE)
        asked = rows.to_device(queries.vectors)
        allowed = None if where is None else rows.to_device(where)
        best: list[tuple[torch.Tensor, torch.Tensor] | None] = [None] * len(dims)
        for start in range(0, rows.n, _STEP):
            stop = min(start + _STEP, rows.n)
            for index, scores in enumerate(self._scores(asked, dims, start, stop, allowed)):
                found, places = scores.topk(min(wanted, stop - start), dim=1)
                places += start
                before = best[index]
                if before is not None:
                    found, places = torch.cat([before[0], found], 1), torch.cat([before[1], places], 1)
                    found, order = found.topk(min(wanted, found.shape[1]), dim=1)
                    places = places.gather(1, order)
                best[index] = found, places
        scores_of = np.stack([pair[0].cpu().numpy() for pair in best if pair is not None])
        candidates = np.stack([pair[1].cpu().numpy() for pair in best if pair is not None])

        def near(index: int, query: int, bound: float) -> Keys:
            one = asked[query : query + 1]
            parts = []
            for start in range(0, rows.n, _STEP):
                stop = min(start + _STEP, rows.n)
                scores = self._scores(one, dims[: index + 1], start, stop, allowed)[index][0]
                parts.append(torch.nonzero(scores >= bound)[:, 0] + start)
            return np.asarray(torch.cat(parts).cpu().numpy())

        return settle(rows, queries, dims, candidates, scores_of, keep, near)

    def _scores(
        self,
        queries: torch.Tensor,
        dims: Sequence[int],
        start: int,
        stop: int,
        allowed: torch.Tensor | None,
    ) -> list[torch.Tensor]:
        """Dot products of items start..stop with renormalised prefixes, (q, stop - start) at each dim."""
        rows = self._rows.matrix[start:stop, : dims[-1]].float()
        scores = []
        total: torch.Tensor | None = None
        for low, high in zip((0, *dims), dims, strict=False):
            added = queries[:, low:high] @ rows[:, low:high].T
            total = added if total is None else total + added
            inverse = self._rows.to_device(self._rows.inverse_lengths(high)[start:stop])
            cosines = total * inverse
            if allowed is not None:
                cosines.masked_fill_(~allowed[start:stop], -torch.inf)
            scores.append(cosines)
        return scores
