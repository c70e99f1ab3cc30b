"""The TypeScript compiler with Slack's own types: what it says of JSON that is written down as typed literals."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import npm

PACKAGES = ("typescript@7.0.2", "@slack/types@3.2.0", "@slack/web-api@8.2.0")
PATIENCE = 120.0

# The library's views hold any block that has a type; these hold those that Slack knows.
HEAD = """\
import type { HomeView, KnownBlock, MessageMetadata, ModalView } from "@slack/types";
import type { Manifest } from "@slack/web-api/dist/types/request/manifest";
type Message = { text: string; blocks: KnownBlock[]; metadata?: MessageMetadata };
type Modal = Omit<ModalView, "blocks"> & { blocks: KnownBlock[] };
type Home = Omit<HomeView, "blocks"> & { blocks: KnownBlock[] };
"""
SETTINGS = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
    },
    "files": ["cases.ts"],
}
# Properties that hold any string: to the compiler all words in them are alike.
WORDS = {
    "action_id",
    "alt_text",
    "block_id",
    "callback_id",
    "initial_value",
    "private_metadata",
    "text",
    "url",
    "value",
}
_FAULT = re.compile(r"cases\.ts\((\d+),\d+\): (error .*)")


@dataclass(frozen=True, slots=True)
class Case:
    """A payload under the name that a fault is told by; `kind` is one of the types above."""

    name: str
    kind: str
    payload: Mapping[str, Any]


def faults(cases: Sequence[Case], folder: Path) -> dict[str, str]:
    """Return what the compiler says against the cases that it refuses: of those that are alike to it, the first."""
    literals = {(case.kind, json.dumps(_shape(case.payload))): case for case in reversed(cases)}
    modules = npm.installed("slack-types-3.2.0", *PACKAGES)
    (folder / "node_modules").symlink_to(modules)
    (folder / "tsconfig.json").write_text(json.dumps(SETTINGS))
    lines = [f"export const c{n}: {kind} = {literal};" for n, (kind, literal) in enumerate(literals)]
    (folder / "cases.ts").write_text(HEAD + "\n".join(lines) + "\n")
    command = ["node", str(modules / "typescript" / "bin" / "tsc"), "-p", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True, timeout=PATIENCE)
    found: dict[str, str] = {}
    judged = list(literals.values())
    for line, fault in _FAULT.findall(done.stdout):
        number = int(line) - HEAD.count("\n") - 1
        assert number >= 0, fault
        found.setdefault(judged[number].name, fault)
    assert bool(found) == bool(done.returncode), done.stdout + done.stderr
    return found


def _shape(value: Any, name: str = "") -> Any:
    """Return a value as the compiler sees it: without its words, and with one of the things of a list that are alike.

    A choice of two hundred people in every form of a tour is most of what there is to compile.
    """
    if isinstance(value, Mapping):
        return {key: _shape(value[key], key) for key in sorted(value)}
    if isinstance(value, list):
        return list({json.dumps(shape): shape for shape in map(_shape, value)}.values())
    return "" if isinstance(value, str) and name in WORDS else value
