"""`sipbot init`: asks what must be known, and writes the settings and a directory file to fill in."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import typer

from bot.admin.asking import Asking
from bot.admin.env_file import changed, read_env, write_env
from bot.admin.questions import APP_TOKEN, BOT_TOKEN, MATRIX_USER, PUBLIC_URL, SIGNING_SECRET, answers
from bot.settings import ENV_FILE
from storage.encryption.cipher import fresh_key

DIRECTORY_FILE = "directory.toml"
KEYS = "SIPBOT_SECRET_KEYS"
HEAD = "# Settings of sipbot; the README has them all. They hold keys and tokens: for the bot alone to read."


class Stopped(Exception):
    """Nobody answers any more, or somebody does not want to go on. Nothing was written."""


def set_up(folder: Path) -> None:
    """Ask, write, and tell what comes next. What stands in the folder is never written over without asking.

    Raises:
        Stopped: not all was answered; nothing was written.
        NotWritable: the file that is there cannot be changed safely.
    """
    env, directory = folder / ENV_FILE, folder / DIRECTORY_FILE
    before = read_env(env)
    asking = Asking(before)
    try:
        if env.exists() and not asking.agrees(f"{ENV_FILE} is there. Go through it? Enter keeps each answer"):
            raise Stopped
        typer.echo("What is asked for is not shown when it is a secret. Enter takes what stands in [brackets].")
        given = {name: answer for name, answer in answers(asking, before) if answer or name in before}
    except (EOFError, KeyboardInterrupt) as end:
        raise Stopped from end
    if not before.get(KEYS):
        given[KEYS] = fresh_key()
    write_env(env, changed(env.read_text(encoding="utf-8") if env.exists() else f"{HEAD}\n", given))
    typer.echo(f"Wrote {env}, for you alone to read.")
    if KEYS in given:
        typer.echo(f"A fresh key stands in it under {KEYS}: keep a copy in your vault, apart from any backup.")
    if directory.exists():
        typer.echo(f"{directory} is there and stays as it is.")
    else:
        directory.write_text(blank_directory(), encoding="utf-8")
        typer.echo(f"Wrote {directory}, with the agencies and staff to fill in.")
    typer.echo(f"Next: {_next({**before, **given})}")


def blank_directory() -> str:
    """Return the text of a directory file to fill in; as it is it cannot be imported."""
    return files("bot").joinpath("admin", "blank_directory.toml").read_text(encoding="utf-8")


def _next(known: dict[str, str]) -> str:
    slack = known.get(BOT_TOKEN.name)
    over_http = known.get(PUBLIC_URL.name) and known.get(SIGNING_SECRET.name)
    signed = known.get(APP_TOKEN.name) or over_http
    if not slack and known.get(MATRIX_USER.name):
        return "sipbot matrix login"
    if not slack or not signed:
        return "sipbot manifest, and make the Slack app of what it prints. Then sipbot init again, for its tokens."
    return f"fill in {DIRECTORY_FILE}, then sipbot directory check {DIRECTORY_FILE}"
