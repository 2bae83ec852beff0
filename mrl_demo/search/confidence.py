"""How low a mean may truly lie: a one-sided bound for numbers between 0 and 1, such as recall.

The bound is a wager (Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting", JRSS B
2024, arXiv:2010.09686): against every mean m a gambler stakes a share of the capital on each number, for it
to lie above m. Were m the mean or more, the capital would be fair or worse, and would pass 1 / alpha with a
probability of at most alpha (Ville). So every m against which it did pass is refused. It holds at any sample
size and for any distribution, where a normal approximation fails near 1, which is where recall lives. Knows
no search.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LARGEST_STAKE = 0.9  # of the capital that a number of 0 would lose; the paper's c
_HALVINGS = 40  # of [0, 1]: far below what a float32 of recall resolves


def lower_bound(numbers: npt.ArrayLike, confidence: float = 0.95) -> float:
    """The mean lies above this, unless a chance of 1 - `confidence` came true. Deterministic.

    Args:
        numbers: (n,) independent draws, each from 0 to 1, in the order they were drawn.
        confidence: strictly between 0 and 1.

    Returns:
        From 0 (nothing can be said, as with no numbers at all) to the mean of `numbers`.

    Raises:
        ValueError: numbers outside 0..1 or not in one row, or another confidence.
    """
    x = np.asarray(numbers, np.float64)
    if x.ndim != 1 or (len(x) and not (x.min() >= 0 and x.max() <= 1)):
        raise ValueError(f"a bound needs one row of numbers from 0 to 1, got shape {x.shape}")
    check_share("confidence", confidence)
    if len(x) == 0:
        return 0.0
    enough = -np.log1p(-confidence)
    stakes = _stakes(x, enough)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):  # the capital falls with m, so what is refused is an interval from 0
        mean = (low + high) / 2
        capital = np.cumsum(np.log1p(np.minimum(stakes, LARGEST_STAKE / mean) * (x - mean)))
        low, high = (mean, high) if capital.max() >= enough else (low, mean)
    return min(low, float(x.mean()))  # a lucky order can lift the wager above what the numbers say


def check_share(name: str, value: float) -> None:
    """ValueError unless `value` is a number strictly between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise ValueError(f"{name} must be a number between 0 and 1, such as 0.95, got {value!r}")


def _stakes(x: npt.NDArray[np.float64], enough: float) -> npt.NDArray[np.float64]:
    """What to stake on each number, from those before it alone: the paper's "predictable plug-in" for a known
    sample size, larger where they varied less."""
    count = np.arange(1, len(x) + 1)
    means = (0.5 + np.cumsum(x)) / (count + 1)
    variances = (0.25 + np.cumsum(np.square(x - means))) / (count + 1)
    before = np.concatenate([[0.25], variances[:-1]])
    return np.sqrt(2 * enough / (len(x) * before))
