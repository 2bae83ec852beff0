"""The package's own errors: what went wrong and what is allowed, in words a visitor can be shown as they are.

Knows nothing of the rest of the package, so that every room can import it.
"""


class MatryoshkaError(Exception):
    """What this package raises on purpose, but for plain ValueErrors; its text is fit to be shown."""


class CheckpointError(MatryoshkaError):
    """A checkpoint is missing, damaged, or was made for another model."""


class CollectionError(MatryoshkaError):
    """A collection is missing, damaged, not embedded yet, or does not fit the encoder."""


class ImageError(MatryoshkaError, ValueError):
    """An image cannot be read, or is larger than is allowed."""


class NotYet(MatryoshkaError):
    """What was asked for is on its way: ask again in a moment."""


class QueryError(MatryoshkaError, ValueError):
    """A query, or what was asked of it (dim, k, a filter), is not one that can be searched."""
