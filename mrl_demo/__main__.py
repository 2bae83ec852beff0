"""`python -m mrl_demo <command>`: one parser whose flags are made from each command's frozen dataclass.

A command is a config class and a function; both live in the room that does the work. This file knows their
names and turns the package's errors into one plain line and exit code 2; not what a command does.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import sys
import types
import typing
from pathlib import Path
from typing import Any

from mrl_demo.errors import MatryoshkaError


@dataclasses.dataclass(frozen=True)
class Command:
    """Where a command lives: module `home` holds `function(config)` and knows the class `config`."""

    home: str
    function: str
    config: str
    summary: str
    # Flags that are given by place, without dashes.
    positional: tuple[str, ...] = ()


COMMANDS = {
    "serve": Command("app", "run", "ServeConfig", "bring the page up"),
    "index": Command(
        "mrl_demo.cli",
        "index",
        "IndexConfig",
        "make a collection of a folder of images, or of vectors",
        ("folder",),
    ),
    "search": Command(
        "mrl_demo.cli", "search", "SearchConfig", "search a collection by text, image or vector", ("query",)
    ),
    "plan": Command(
        "mrl_demo.vector_cli",
        "plan",
        "PlanConfig",
        "find the fastest search of vectors, or of a collection, that holds a recall",
        ("vectors",),
    ),
    "embed": Command(
        "mrl_demo.cli", "embed", "EmbedConfig", "embed a collection again with a checkpoint", ("collection",)
    ),
    "train": Command(
        "mrl_demo.training.trainer", "run", "TrainConfig", "train an encoder, or go on after a kill"
    ),
    "evaluate": Command(
        "mrl_demo.cli", "evaluate", "EvaluateConfig", "measure a collection; write one result file"
    ),
    "probes": Command(
        "mrl_demo.evaluation.probes",
        "run",
        "ProbesConfig",
        "measure what each prefix knows of each attribute",
    ),
    "zero-shot": Command(
        "mrl_demo.cli", "zero_shot", "ZeroShotConfig", "measure classification that stops early"
    ),
    "compare": Command(
        "mrl_demo.compare_cli",
        "compare",
        "CompareConfig",
        "train and measure MRL against fixed sizes, as the paper does",
    ),
    "compare-captions": Command(
        "mrl_demo.compare_cli",
        "compare_captions",
        "CompareCaptionsConfig",
        "the same for search by caption, on image-text models",
    ),
    "score": Command(
        "mrl_demo.compare_cli",
        "score",
        "ScoreConfig",
        "score checkpoints, side by side, on what their training held out",
        ("checkpoints",),
    ),
    "cut-off": Command(
        "mrl_demo.cli", "cut_off", "CutOffConfig", "measure from which cosine on a hit is a good match"
    ),
    "render": Command(
        "mrl_demo.still_life.command", "run", "RenderConfig", "render still lifes (development only)"
    ),
}


def add_flags(parser: argparse.ArgumentParser, config: type[Any], positional: tuple[str, ...]) -> None:
    """One flag a dataclass field: its name, type, default and the `help` in its metadata."""
    hints = typing.get_type_hints(config)
    for field in dataclasses.fields(config):
        kind = hints[field.name]
        if typing.get_origin(kind) in (typing.Union, types.UnionType):
            kind = next(option for option in typing.get_args(kind) if option is not type(None))
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        default = field.default_factory() if callable(field.default_factory) else field.default
        options: dict[str, Any] = {"help": field.metadata.get("help", "")}
        if not required:
            options["default"] = default
            options["help"] += f" [{default}]" if default not in (None, "") else ""
        if typing.get_origin(kind) is tuple:
            options |= {"nargs": "+", "type": typing.get_args(kind)[0]}
        elif kind is bool:
            options["action"] = argparse.BooleanOptionalAction
        else:
            options["type"] = kind
        options["help"] = options["help"].replace("%", "%%")
        if field.name in positional:
            if not required:
                options["nargs"] = "?"
            parser.add_argument(field.name, **options)
        else:
            parser.add_argument(f"--{field.name.replace('_', '-')}", required=required, **options)


def build(command: Command, arguments: list[str], name: str) -> Any:
    """The config of `command` from its command-line `arguments`; argparse exits with 2 on a bad flag."""
    config = getattr(importlib.import_module(command.home), command.config)
    parser = argparse.ArgumentParser(prog=f"python -m mrl_demo {name}", description=command.summary)
    add_flags(parser, config, command.positional)
    given = vars(parser.parse_args(arguments))
    return config(**{key: tuple(v) if isinstance(v, list) else v for key, v in given.items()})


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 2 when it cannot be done (stderr says why)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    lines = "\n".join(f"  {name:16} {command.summary}" for name, command in COMMANDS.items())
    if not arguments or arguments[0] not in COMMANDS:
        wanted = bool(arguments) and arguments[0] in ("-h", "--help")
        complaint = "" if wanted or not arguments else f"there is no command {arguments[0]!r}\n\n"
        print(
            f"{complaint}python -m mrl_demo <command> --help\n\n{lines}",
            file=sys.stdout if wanted else sys.stderr,
        )
        return 0 if wanted else 2
    name, rest = arguments[0], arguments[1:]
    command = COMMANDS[name]
    if command.home == "app":
        # app.py stands beside the package, not in it: it is the file that a Space starts.
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    try:
        config = build(command, rest, name)
        getattr(importlib.import_module(command.home), command.function)(config)
    except (MatryoshkaError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{name}: stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
