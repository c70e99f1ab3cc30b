"""The file `.env`: read, changed line by line, and written so that its owner alone can read it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

_PLAIN = re.compile(r"[A-Za-z0-9_./:@,+=~%?&-]*", re.ASCII)


class NotWritable(ValueError):
    """The file is written in a way that cannot be changed safely. The operator changes it by hand."""


def read_env(path: Path) -> dict[str, str]:
    """Return the settings that a file holds; none where there is no file."""
    return _read(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _read(text: str) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}


def changed(text: str, values: Mapping[str, str]) -> str:
    """Return the text of a file with these settings in it; comments and all other lines stay as they are.

    Raises:
        NotWritable: the text would not be read back as what was meant.
    """
    lines = text.splitlines()
    for name, value in values.items():
        line = f"{name}={_quoted(value)}"
        at = [number for number, old in enumerate(lines) if re.match(rf"\s*(?:export\s+)?{name}\s*=", old)]
        if at:
            lines[at[-1]] = line
        else:
            lines.append(line)
    after = "\n".join(lines) + "\n"
    if _read(after) != {**_read(text), **values}:
        raise NotWritable("a value in .env would not be read as it was given; write that line by hand")
    return after


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def write_env(path: Path, text: str) -> None:
    """Write the file as a whole or not at all, to be read by its owner alone."""
    target = path.resolve()
    # mkstemp makes files that nobody else can read.
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".env.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
