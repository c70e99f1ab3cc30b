"""Packages of npm that tests compare the bot with: installed once into the cache, whoever needs them first."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache"
PATIENCE = 300.0  # seconds that an installation may take


def missing() -> str:
    """Say which program this machine lacks, or nothing."""
    lacking = [name for name in ("node", "npm") if shutil.which(name) is None]
    return f"this needs {' and '.join(lacking)}" if lacking else ""


def installed(name: str, *packages: str) -> Path:
    """Return the `node_modules` of a folder of the cache with these packages in it.

    It is made elsewhere and then moved there, so that one which was broken off is never taken for whole; workers
    that run side by side wait for the one that makes it.
    """
    place = CACHE / name
    CACHE.mkdir(parents=True, exist_ok=True)
    with _alone(CACHE / f"{name}.lock"):
        if not (place / "node_modules").exists():
            fresh = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=CACHE))
            command = ["npm", "install", "--prefix", str(fresh), "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run([*command, *packages], check=True, capture_output=True, timeout=PATIENCE)
            shutil.rmtree(place, ignore_errors=True)
            fresh.rename(place)
    return place / "node_modules"


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
