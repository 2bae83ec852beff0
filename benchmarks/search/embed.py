"""Embeds all pictures of Parquet files with the shipped encoder: real vectors to compare the engines on.

python -m benchmarks.search.embed FOLDER [FOLDER ...] [--out .work/bench/photos.npy]
python -m benchmarks.search.build --sets .work/bench/photos.npy
python -m benchmarks.search.run --sets .work/bench/photos.npy
"""

from __future__ import annotations

import argparse
from itertools import chain, islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.search.build import WORK
from mrl_demo.collection.parquet import ParquetSource
from mrl_demo.model.encoder import Encoder

CHECKPOINT = Path(__file__).resolve().parents[2] / "checkpoints/still-life"
_AT_ONCE = 256


def main() -> None:
    parser = argparse.ArgumentParser(description="Embed the pictures of Parquet files.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=WORK / "photos.npy")
    options = parser.parse_args()
    sources = [
        ParquetSource(folder, sorted(folder.glob("*.parquet")), name=folder.name)
        for folder in options.folders
    ]
    encoder = Encoder.load(CHECKPOINT)
    entries = tqdm(chain.from_iterable(sources), total=sum(map(len, sources)), unit="picture", mininterval=5)
    pictures = (entry.content for entry in entries)
    rows = [encoder.encode_image(few) for few in iter(lambda: list(islice(pictures, _AT_ONCE)), [])]
    unfinished = options.out.with_suffix(".partial")
    with unfinished.open("wb") as file:
        np.save(file, np.concatenate(rows))
    unfinished.replace(options.out)


if __name__ == "__main__":
    main()
