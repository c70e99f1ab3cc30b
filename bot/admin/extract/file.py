"""Writing the extract of a case as a PDF. No other command imports this: a PDF costs time and memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.admin.extract.paper import pdf_of
from bot.admin.extract.taking import extract_as_json
from bot.admin.extract.words import paper_of
from bot.app import build_services
from bot.settings import Settings
from storage.encryption.cipher import Keyring


def write_extract(settings: Settings, typed: str, target: Path) -> None:
    """Write all that is held on the case whose code was typed, in the region's language.

    The file is a new one that its owner alone may read. When it cannot be made, nothing is taken.

    Raises:
        LookupError: no such case, or a code that was mistyped.
        OSError: there is something under this name, were it a link, or no file can be made there.
    """
    services = build_services(settings, Keyring(settings.keys))
    words = services.words_for(services.language)
    with _new_file(target) as descriptor:
        drawn = memoryview(pdf_of(paper_of(json.loads(extract_as_json(settings, typed)), words), words))
        while drawn:
            drawn = drawn[os.write(descriptor, drawn) :]
        os.fsync(descriptor)


@contextmanager
def _new_file(target: Path) -> Iterator[int]:
    """Make a file that was not there, and take it away again when something goes wrong."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY, 0o600)
    try:
        yield descriptor
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
