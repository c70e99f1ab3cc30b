"""`sipbot directory`: the file of agencies and staff, looked at, taken in and written out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.admin.terminal import fail, require_keys, settings

if TYPE_CHECKING:
    from domain.directory import Directory

directory_app = typer.Typer(help="Agencies and staff.", no_args_is_help=True)


@directory_app.command("check")
def check(file: Annotated[Path, typer.Argument(help="TOML file; see the README.")]) -> None:
    """Look at a directory file: each fault with its line and its mend. Nothing is read or written but the file."""
    from bot.admin.directory_file import BadDirectory, check_directory

    try:
        checked = check_directory(file)
    except BadDirectory as wrong:
        faults = str(wrong).splitlines()
        typer.echo("\n".join(f"FAIL  {fault}" for fault in faults))
        fail(f"{len(faults)} to mend in {file}.")
    typer.echo("\n".join([*(f"note  {line}" for line in checked.notes), f"ok    {size_of(checked.directory)}"]))
    typer.echo(f"Next: sipbot directory import {file}")


@directory_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="TOML file; see the README.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Load agencies and staff; repeatable; says what changed, and asks before it removes anybody."""
    from bot.admin import directory_import
    from bot.admin.directory_file import BadDirectory, check_directory

    found = settings()
    require_keys(found, may_begin=True)
    try:
        checked = check_directory(file)
    except BadDirectory as wrong:
        fail(f"Nothing was changed.\n{wrong}")
    directory = checked.directory
    changes = directory_import.directory_changes(found, directory)
    removed = [change for change in changes if change.kind.value == "removed"]
    if removed and not yes:
        typer.echo("\n".join(directory_import.change_in_words(change) for change in removed))
        if not typer.confirm(f"Remove these {len(removed)}? They get nothing more from the bot", default=False):
            fail("Nothing was changed. With --yes nobody is asked.")
    lines = directory_import.replace_directory(found, directory)
    typer.echo("\n".join(lines) if lines else "Nothing has changed.")
    typer.echo("\n".join([*(f"note  {line}" for line in checked.notes), size_of(directory)]))


@directory_app.command("export")
def export() -> None:
    """Print the directory as it is kept, in the form that `import` takes: importing it again changes nothing."""
    from bot.admin import directory_import
    from bot.admin.directory_writing import written

    found = settings()
    require_keys(found)
    typer.echo(written(directory_import.kept_directory(found)), nl=False)


def size_of(directory: Directory) -> str:
    """Return how many there are, in words."""
    return f"{len(directory.agencies)} agencies, {len(directory.staff)} staff."
