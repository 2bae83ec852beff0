"""The architecture as a test: which room may import which, and which library has one home.

Imports go one way; a new room or a new arrow is a decision, made here.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mrl_demo"

# What each room may import of the others. A room that is missing here fails the test until someone decides.
MAY_IMPORT: dict[str, set[str]] = {
    "prefix": set(),
    "errors": set(),
    "whole": set(),
    "circumstances": set(),
    "collection": {"prefix", "errors", "whole"},
    "still_life": {"errors", "whole", "collection"},
    "model": {"prefix", "errors", "whole", "collection"},
    "training": {"prefix", "errors", "whole", "circumstances", "collection", "model", "still_life"},
    "search": {"prefix", "errors", "whole", "collection"},
    "evaluation": {"prefix", "errors", "whole", "circumstances", "collection", "search"},
    "ui": {"prefix", "errors", "whole", "circumstances", "collection", "search", "evaluation"},
}
COMPOSERS = {"__init__", "__main__", "cli", "compare_cli", "vector_cli"}

# Libraries with one home: library -> the paths (from mrl_demo/) that may import it.
HOMES: dict[str, tuple[str, ...]] = {
    "torch": ("model/", "training/", "prefix.py", "search/torch_scan.py"),
    "open_clip": ("model/",),
    "timm": ("model/",),
    "usearch": ("search/usearch_index.py",),
    "xxhash": ("search/checksums.py",),
    "mitsuba": ("still_life/",),
    "drjit": ("still_life/",),
    "pyoidn": ("still_life/",),
    "gradio": ("ui/",),
    "plotly": ("ui/",),
    "huggingface_hub": ("training/hub.py",),
}


def imported(path: Path) -> list[str]:
    """Every module a file imports, at any depth, as dotted names; `if TYPE_CHECKING` counts too."""
    names: list[str] = []
    package = ["mrl_demo", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names += [f"{module}.{alias.name}" if module == "mrl_demo" else module for alias in node.names]
    return names


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_import_only_what_the_plan_allows(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in COMPOSERS:
        return
    assert room in MAY_IMPORT, f"{room} is a new room: say in MAY_IMPORT what it may import"
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "mrl_demo" and len(parts) > 1 and parts[1] != room:
            assert parts[1] in MAY_IMPORT[room], f"{path}: {room} must not import {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_is_imported_only_in_its_home(path: Path) -> None:
    inside = path.relative_to(PACKAGE).as_posix()
    for name in imported(path):
        homes = HOMES.get(name.split(".")[0])
        if homes is not None:
            assert any(inside.startswith(home) for home in homes), f"{inside} must not import {name}"


@pytest.mark.parametrize(
    "statement",
    [
        "from mrl_demo import Cascade, Collection, Engine, Pack, truncate",
        "import mrl_demo.evaluation.evaluate",
        "import mrl_demo.ui.blocks",
        "import mrl_demo.still_life.scene, mrl_demo.still_life.captions",
        "import mrl_demo.__main__",
    ],
)
def test_light_rooms_load_no_heavy_library(statement: str) -> None:
    heavy = ["torch", "open_clip", "timm", "mitsuba", "pyoidn"]
    check = f"import sys\n{statement}\nprint([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
