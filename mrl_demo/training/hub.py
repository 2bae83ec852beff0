"""The Parquet files of a data set on the Hugging Face Hub, at one revision, in the library's own cache.

A revision is fixed when a run begins: a branch that moves on afterwards changes nothing. What is in the cache
is used without asking the Hub, so that a run goes on without a network. Knows nothing of what files hold.
"""

from __future__ import annotations

import dataclasses
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mrl_demo.errors import CollectionError
from mrl_demo.whole import whole

PREFIX = "hub:"
# The revisions that were looked at; others are fixed to what the Hub's main branch is at the first use.
PINNED = {"zh-plus/tiny-imagenet": "5a77092c28e51558c5586e9c5eb71a7e17a5e43f"}
_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LISTINGS = "matryoshka-listings"  # beside the library's own folders in its cache


@dataclasses.dataclass(frozen=True)
class HubFiles:
    """The files of a set: `root` / each of `names`, and the commit they are of."""

    root: Path
    names: tuple[str, ...]
    revision: str


@dataclasses.dataclass(frozen=True)
class _Listing:
    revision: str
    names: tuple[str, ...]
    reached: bool = True  # False: the Hub was asked in vain, so there is no use in asking it for files


def fetch(spec: str) -> HubFiles:
    """Every Parquet file of "hub:owner/name" or "hub:owner/name@revision", downloaded where need be.

    A bar on the terminal tells how each download goes on; one that was broken off is taken up again.
    HF_ENDPOINT names another Hub, HF_HUB_CACHE another cache, HF_TOKEN lets into sets that are not public.

    Raises:
        CollectionError: no such set, revision or Parquet files; or the Hub cannot be reached, and the cache
            has not got them all.
    """
    from huggingface_hub import hf_hub_download

    name, asked = _parse(spec)
    with _in_plain_words(spec):
        listing = _list(name, asked)
        if not listing.names:
            raise CollectionError(
                f"{spec} has no Parquet files; the Hub keeps some of most sets at {PREFIX}{name}"
                "@refs/convert/parquet"
            )
        paths = [
            Path(
                hf_hub_download(
                    name,
                    file,
                    repo_type="dataset",
                    revision=listing.revision,
                    local_files_only=not listing.reached,
                )
            )
            for file in listing.names
        ]
    root = paths[0].parents[len(Path(listing.names[0]).parts) - 1]
    return HubFiles(root, listing.names, listing.revision)


def _parse(spec: str) -> tuple[str, str]:
    name, _, revision = spec.removeprefix(PREFIX).partition("@")
    if not _NAME.fullmatch(name):
        raise CollectionError(
            f"a data set on the Hub is named hub:owner/name or hub:owner/name@revision, got {spec!r}"
        )
    return name, revision or PINNED.get(name, "main")


def _list(name: str, asked: str) -> _Listing:
    """What the set holds at the revision asked for. A commit never changes, so its listing is kept; that of a
    branch is asked for anew, and the one kept serves when the Hub cannot be reached."""
    from huggingface_hub import HfApi
    from huggingface_hub.constants import HF_HUB_CACHE

    kept = Path(HF_HUB_CACHE) / _LISTINGS / f"{name}@{asked}".replace("/", "--")
    if kept.exists() and _COMMIT.fullmatch(asked):
        return _read(kept)
    try:
        info = HfApi().dataset_info(name, revision=asked)
    except Exception as error:
        if kept.exists() and _unreachable(error):
            return dataclasses.replace(_read(kept), reached=False)
        raise
    names = sorted(file.rfilename for file in info.siblings or [] if file.rfilename.endswith(".parquet"))
    listing = _Listing(str(info.sha), tuple(names))
    with whole(kept) as beside:
        beside.write_text(json.dumps({"revision": listing.revision, "names": names}), encoding="utf-8")
    return listing


def _read(kept: Path) -> _Listing:
    try:
        stored = json.loads(kept.read_text(encoding="utf-8"))
        return _Listing(str(stored["revision"]), tuple(stored["names"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CollectionError(f"{kept} is damaged: remove it, and run the same command again") from error


@contextmanager
def _in_plain_words(spec: str) -> Iterator[None]:
    """The Hub library's errors as one that says what to do."""
    from huggingface_hub import errors
    from huggingface_hub.constants import ENDPOINT, HF_HUB_CACHE

    try:
        yield
    except CollectionError:
        raise
    except errors.GatedRepoError as error:
        raise CollectionError(
            f"{spec} is open only to those who accepted its terms: do so on {ENDPOINT}, then set HF_TOKEN"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise CollectionError(f"{spec}: the Hub has this data set, but not this revision") from error
    except errors.RepositoryNotFoundError as error:
        raise CollectionError(
            f"{spec}: the Hub at {ENDPOINT} has no such data set, or it is not public"
        ) from error
    except Exception as error:
        if not _unreachable(error):
            raise CollectionError(f"{spec} could not be read from {ENDPOINT}: {error}") from error
        raise CollectionError(
            f"{spec} is not all in the cache ({HF_HUB_CACHE}), and the Hub at {ENDPOINT} cannot be reached. "
            "Run the same command once with a network; or set HF_ENDPOINT to a mirror; or name a folder that "
            "holds the set's Parquet files: --data path/to/folder"
        ) from error


def _unreachable(error: BaseException | None) -> bool:
    """Whether it was the connection that failed: the library and its HTTP client, which has changed more than
    once, say so each in its own way, but what the system said lies below it."""
    from huggingface_hub import errors

    known = (errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError)
    while error is not None:
        if isinstance(error, (*known, ConnectionError, TimeoutError, socket.gaierror)):
            return True
        error = error.__cause__ or error.__context__
    return False
