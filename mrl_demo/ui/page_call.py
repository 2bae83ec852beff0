"""How a function of a tab answers the browser: never with an exception, always in plain words.

Knows the package's errors; nothing of what is asked.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from mrl_demo.errors import MatryoshkaError, NotYet, QueryError

log = logging.getLogger(__name__)

Answer = dict[str, Any]


def plainly(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """`function` of one object (and perhaps the request), whose faults come back as `{"error": ...}`, or as
    `{"wait": ...}` while what it needs is on its way.
    """

    @functools.wraps(function)
    def answered(asked: Any, *rest: Any) -> Answer:
        try:
            if not isinstance(asked, dict):
                raise QueryError("a question is an object with named values")
            return function(asked, *rest)
        except NotYet as error:
            return {"wait": str(error)}
        except (MatryoshkaError, ValueError) as error:
            return {"error": str(error)}
        except Exception:
            log.exception("%s could not be answered", function.__name__)
            return {"error": "Something went wrong on the server; its log says what. Other parts go on."}

    return answered
