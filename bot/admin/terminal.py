"""What every command of the operator begins and ends with: settings that can be used, and a sentence where it stops."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NoReturn

import typer
from pydantic import ValidationError

if TYPE_CHECKING:
    from bot.settings import Settings


# Bytes that are no UTF-8, as Python shows them in names of files and in what was typed (PEP 383).
_OF_THE_SYSTEM: Final = re.compile("[\udc80-\udcff]")

# The exit code of a command that did what it was to do, and leaves something that a person must do (docs/operate.md).
LEFT_TO_DO: Final = 3


def leave_to_do(lines: Sequence[str]) -> None:
    """Say what a person must do now, if anything, and have the exit code say so too: a script reads nothing else."""
    if lines:
        typer.echo("\n".join(lines))
        raise typer.Exit(LEFT_TO_DO)


def fail(message: str) -> NoReturn:
    """End with a sentence on standard error and exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def settings() -> Settings:
    """Read the settings; a wrong one is named with its mend, never with its value."""
    from bot.settings import Settings

    try:
        return Settings()
    except UnicodeDecodeError:
        fail("The file .env is not UTF-8 text.")
    except ValidationError as wrong:
        fail("These settings cannot be used:\n" + "\n".join(f"  {line}" for line in sorted(_faults(wrong))))


def _faults(wrong: ValidationError) -> Iterator[str]:
    for error in wrong.errors():
        name = f"{error['loc'][0]}: ".upper() if error["loc"] else ""
        yield name + error["msg"].removeprefix("Value error, ")


def require_keys(found: Settings, *, may_begin: bool = False) -> None:
    """End where there is no key, or one that is none; offer a fresh one only to what `may_begin` where nothing is kept.

    A fresh key in the place of a lost one reads nothing, and what is written with it only looks as if all were well.
    """
    from pathlib import Path

    from bot.admin.keeping import is_kept, with_its_own_key
    from bot.settings import ENV_FILE
    from storage.encryption.cipher import Keyring, fresh_key

    if found.keys:
        Keyring(found.keys)
        return
    file = Path(ENV_FILE).absolute()
    missing = f"SIPBOT_SECRET_KEYS is missing, in the environment and in {file}"
    missing += "" if file.exists() else ", which is not there"
    if not may_begin:
        fail(f"{missing}.\nRun this in the folder with the bot's .env, or with its settings in the environment.")
    if is_kept(found):
        fail(f"{missing}.\n{with_its_own_key(found)}")
    fail(
        f"{missing}: without a key nothing can be kept safely.\n"
        "`sipbot init` makes one, with the other settings. Or take this fresh one, where nothing is kept yet;\n"
        "keep it where only the bot can read it, and a copy in your vault:\n"
        f"  SIPBOT_SECRET_KEYS={fresh_key()}"
    )


def require_usable(found: Settings) -> None:
    """End where the bot could not do what the settings ask of it: one that quietly did less would be worse."""
    from bot.admin.starting import hindrances

    wrong = [hindrance.words for hindrance in hindrances(found)]
    if wrong:
        fail("With these settings the bot does not start:\n" + "\n".join(f"  {line}" for line in wrong))


def in_words(error: Exception) -> str:
    """Return what the operator is told of an error; "" for what nobody foresaw."""
    from sqlalchemy.exc import DBAPIError

    from bot.findings import in_english
    from domain.errors import SipError

    # These two have words for whoever is in the chat; all others say to the operator what is to be done.
    away = isinstance(error, SipError) and error.key in ("database.unavailable", "database.closed")
    if away or isinstance(error, DBAPIError):
        return "The database cannot be used; check SIPBOT_DATABASE_URL. `sipbot doctor` says more."
    if isinstance(error, SipError):
        return in_english(error)
    if isinstance(error, UnicodeEncodeError) and _OF_THE_SYSTEM.search(str(error.object)):
        return "A name that was given, or one in a path, is not UTF-8 text; rename it. Nothing was changed."
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    return ""
