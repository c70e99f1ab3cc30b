"""`sipbot profile`: a region's rules, looked at before the bot goes by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from bot.admin.terminal import fail, settings
from bot.toml_file import parsed, text_of
from domain.profile import Profile, ReminderPlan

profile_app = typer.Typer(help="A region's rules.", no_args_is_help=True, callback=lambda: None)


@profile_app.command("check")
def check(
    file: Annotated[str, typer.Argument(help="TOML file, or the name of a profile that is shipped.")],
) -> None:
    """Look at a profile: what is wrong and where, or what it says and what each number rests on."""
    from bot.profile_file import SHIPPED, BadProfile, read_profile
    from domain.reminders.kinds import KINDS

    try:
        profile = read_profile(file)
    except (BadProfile, ValueError, OSError) as wrong:
        fail(f"FAIL  {wrong}")
    obliged = sorted({kind.value for kind in profile.obliged} | profile.obliged_agencies)
    typer.echo(f"ok    must attend: {', '.join(obliged)}")
    for field in ("days_to_meeting", "plan_working_days", "notice_working_days", "consent_days"):
        days = getattr(profile, field)
        typer.echo(f"ok    {field} = {days.value} ({days.basis.value}) {days.rule}".rstrip())
    known = {str(kind.name): kind.number for kind in KINDS}
    for name, number in known.items():
        if name not in profile.reminders:
            typer.echo(f"note  [reminders.{name}] is not there: {number} is never sent")
    for name in profile.reminders:
        if name not in known:
            meant = get_close_matches(name, known, 1)
            hint = f"; did you mean {meant[0]}?" if meant else ""
            typer.echo(f"note  [reminders.{name}] is no reminder and changes nothing{hint}")
    for document in profile.documents:
        whose = f" (contacts for children: {document.for_children.value})" if document.for_children else ""
        typer.echo(f"ok    document {document.name}, {document.url}{whose}")
    for name in [] if file in SHIPPED else unread_in(Path(file)):
        typer.echo(f"note  {name} is read by nobody; is it misspelt?")
    for line in _running(profile):
        typer.echo(f"note  {line}")
    typer.echo(f"ok    {profile.title}. Next: SIPBOT_PROFILE={file}")


def _running(profile: Profile) -> Iterator[str]:
    """Yield what these rules would change for cases that are open, where there is a database to look into (R208)."""
    from bot.clock import SystemClock
    from bot.kept_profiles import changed_in, changed_in_a_sentence, in_use
    from domain.errors import SipError
    from storage.encryption.cipher import Keyring
    from storage.engine.database import open_database

    found = settings()
    if not found.keys:
        return  # nothing has been set up yet
    try:
        database = open_database(found.sipbot_database_url, Keyring(found.keys), SystemClock())
    except (SipError, OSError):
        yield "open cases were not looked at: the database cannot be opened; see `sipbot doctor`"
        return
    try:
        for name, count in changed_in(in_use(database), [profile]).items():
            yield changed_in_a_sentence(name, count)
    except SipError:
        yield "open cases were not looked at: the database cannot be read; see `sipbot doctor`"
    finally:
        database.close()


def unread_in(path: Path) -> Iterator[str]:
    """Yield the names of settings in a profile's file that nobody reads."""
    found = parsed(text_of(path))
    known, parts = ({field.name for field in fields(kind)} for kind in (Profile, ReminderPlan))
    yield from (name for name in found if name not in known | {"nags"})
    for name, plan in found.get("reminders", {}).items():
        yield from (f"{part} in [reminders.{name}]" for part in plan if part not in parts)
