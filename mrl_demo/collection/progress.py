"""How long work tells that it goes on: a callable, or True for a bar on the terminal. Knows nothing of the
work.
"""

from __future__ import annotations

from collections.abc import Callable

ProgressFunction = Callable[[int, int], None]  # (done, total)
Progress = ProgressFunction | bool | None


def reporter(progress: Progress, what: str, unit: str = " images") -> ProgressFunction:
    """`progress` as a function that may always be called; True becomes a progress bar on stderr."""
    if callable(progress):
        return progress
    if not progress:
        return lambda done, total: None

    from tqdm import tqdm

    bar: tqdm | None = None  # shown once there is something to tell

    def show(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(desc=what, unit=unit, smoothing=0.1)
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return show
