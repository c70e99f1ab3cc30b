"""`sipbot`: the command line of the one who runs the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError

if TYPE_CHECKING:
    from bot.settings import Settings

app = typer.Typer(
    name="sipbot",
    help="Chat bot for the Swedish samordnad individuell plan (SIP).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
directory_app = typer.Typer(help="Agencies and staff.", no_args_is_help=True)
audit_app = typer.Typer(help="The journal.", no_args_is_help=True)
keys_app = typer.Typer(help="The secret keys.", no_args_is_help=True)
matrix_app = typer.Typer(help="The Matrix account.", no_args_is_help=True, callback=lambda: None)
app.add_typer(directory_app, name="directory")
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="keys")
app.add_typer(matrix_app, name="matrix")


class Role(StrEnum):
    """What one process does: answer people, remind and deliver, or both."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


class Language(StrEnum):
    """The languages that the bot speaks."""

    SV = "sv"
    EN = "en"


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


def _require_keys(found: Settings) -> None:
    from storage.encryption.cipher import Keyring, fresh_key

    if not found.keys:
        fail(
            "SIPBOT_SECRET_KEYS is missing: without a key nothing can be kept safely.\n"
            "Here is a fresh one; keep it where only the bot can read it, and a copy in your vault:\n"
            f"  SIPBOT_SECRET_KEYS={fresh_key()}"
        )
    Keyring(found.keys)


def _require_mail(found: Settings) -> None:
    """End where mail is wanted and cannot work: a bot that quietly sends no invites would be worse."""
    from bot.mail.imap import Mailbox
    from bot.mail.sender import SmtpPlace

    places = (
        ("SIPBOT_SMTP_URL", found.smtp_url, SmtpPlace.from_url),
        ("SIPBOT_IMAP_URL", found.sipbot_imap_url.get_secret_value(), Mailbox.from_url),
    )
    for name, url, read in places:
        try:
            if url:
                read(url)
        except ValueError as wrong:
            fail(f"{name} cannot be used: {wrong}")
    if found.smtp_url and "@" not in found.sipbot_mail_from:
        fail("SIPBOT_MAIL_FROM is missing: whom do invites come from? For example sip@kalender.example.se")


@app.command()
def serve(role: Annotated[Role, typer.Option(help="What this process does.")] = Role.ALL) -> None:
    """Run the bot: web server, courier and clock in one process."""
    from uvloop import new_event_loop

    from bot import app as bot_app
    from bot.logs import set_up_logs
    from bot.profile_file import BadProfile

    found = settings()
    _require_keys(found)
    _require_mail(found)
    set_up_logs(found.sipbot_log_level)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(bot_app.serve(found, role.value))
    except BadProfile as wrong:
        fail(str(wrong))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from storage.migrate import migrate as bring

    found = settings()
    bring(found.sipbot_database_url)
    typer.echo("The database is at the newest schema.")


@directory_app.command("import")
def import_directory(
    file: Annotated[Path, typer.Argument(help="TOML file; see the README.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Load agencies and staff; repeatable; says what changed, and asks before it removes anybody."""
    from bot.admin import maintenance
    from bot.admin.directory_file import BadDirectory, read_directory

    found = settings()
    _require_keys(found)
    try:
        directory = read_directory(file)
    except BadDirectory as wrong:
        fail(f"Nothing was changed. {wrong}")
    removed = [change for change in maintenance.directory_changes(found, directory) if change.kind.value == "removed"]
    if removed and not yes:
        typer.echo("\n".join(maintenance.change_in_words(change) for change in removed))
        if not typer.confirm(f"Remove these {len(removed)}? They get nothing more from the bot", default=False):
            fail("Nothing was changed. With --yes nobody is asked.")
    lines = maintenance.replace_directory(found, directory)
    typer.echo("\n".join(lines) if lines else "Nothing has changed.")
    typer.echo(f"{len(directory.agencies)} agencies, {len(directory.staff)} staff.")


@app.command()
def doctor() -> None:
    """Check settings, database, chat, mail and clock; one line each with the mend."""
    from bot.admin.doctor import examine

    found = asyncio.run(examine(settings()))
    for line in found:
        typer.echo(str(line))
    if any(line.failed for line in found):
        raise typer.Exit(1)


@app.command()
def manifest() -> None:
    """Print the Slack app manifest: paste it at api.slack.com/apps when creating the app."""
    import json

    import templates
    from bot.slack.manifest import manifest as slack_manifest

    found = settings()
    words = templates.load(found.sipbot_language)
    made = slack_manifest(words, found.sipbot_public_url, socket_mode=found.socket_mode)
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="Port of the page, on this machine only.", min=1, max=65535)] = None,
    keep: Annotated[Path | None, typer.Option(help="Folder in which the demo is kept until the next time.")] = None,
    language: Annotated[Language, typer.Option(help="Language of the demo.")] = Language.SV,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,  # noqa: FBT002 - a switch
    play: Annotated[bool, typer.Option("--play", help="Tell the main job here, and end.")] = False,  # noqa: FBT002
) -> None:
    """Try the bot in a web page, on embedded parts only: no account, no token, nothing leaves this machine."""
    from demo.command import show, tell

    fault = tell(language.value, typer.echo) if play else show(keep, language.value, port, typer.echo, browser=browser)
    if fault:
        fail(fault)


@audit_app.command("verify")
def verify(
    anchor: Annotated[
        Path | None, typer.Option(help="File of anchors, kept elsewhere; compared, then added to.")
    ] = None,
) -> None:
    """Walk the journal's hash chain and look at every case; exit 1 at the first broken link, naming it."""
    from bot.admin import maintenance

    found = settings()
    _require_keys(found)
    try:
        result = maintenance.verify_journal(found, anchor)
    except LookupError as wrong:
        fail(str(wrong))
    if result.broken:
        fail(f"The journal is broken: {result.broken}")
    typer.echo(f"The journal is whole: {result.rows} rows in {result.chains} chains.\nAnchor: {result.anchor}")


@matrix_app.command("login")
def matrix_login(
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, help="asked for when not given")],
) -> None:
    """Log in to Matrix, make the bot's signed identity or take it up again, and print what to keep."""
    found = settings()
    _require_keys(found)
    from bot.matrix.command import CannotLogIn, login

    try:
        typer.echo(login(found, password))
    except CannotLogIn as why:
        fail(str(why))


@keys_app.command("rotate")
def rotate() -> None:
    """Wrap everything that is kept with the first key. Older keys stay: they prove the journal's older rows."""
    from bot.admin import maintenance

    found = settings()
    _require_keys(found)
    typer.echo(maintenance.rotate_keys(found))


@keys_app.command("new")
def new_key() -> None:
    """Print a fresh key."""
    from storage.encryption.cipher import fresh_key

    typer.echo(fresh_key())


@app.command()
def export(case: Annotated[str, typer.Argument(help="The case's code.", metavar="CASE")]) -> None:
    """Print all that is held on one case, as JSON."""
    from bot.admin import maintenance

    found = settings()
    _require_keys(found)
    try:
        typer.echo(maintenance.export_all(found, case))
    except LookupError as wrong:
        fail(str(wrong))


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")]) -> None:
    """Copy the SQLite database while the bot runs, and check the copy."""
    from bot.admin import maintenance

    typer.echo(maintenance.back_up(settings(), target))


@app.command()
def restore(source: Annotated[Path, typer.Argument(help="A file that `sipbot backup` wrote.")]) -> None:
    """Put a backup in the place of the SQLite database, once the bot has stopped; what was there is kept."""
    from bot.admin import maintenance

    found = settings()
    _require_keys(found)
    for line in maintenance.restore_backup(found, source):
        typer.echo(line)


@app.command()
def erase(
    case: Annotated[str, typer.Argument(help="The case's code.", metavar="CASE")],
    decision: Annotated[str, typer.Option(help="Number of the authority's decision in your register.")],
    admin: Annotated[list[str], typer.Option(help="Staff id of an administrator; give two.")],
) -> None:
    """Erase a case by an authority's decision: its key and all that is held on it but the journal."""
    from bot.admin import maintenance
    from bot.admin.erasure import NotErased

    found = settings()
    _require_keys(found)
    try:
        typer.echo(maintenance.erase_case(found, case, decision, admin))
    except (LookupError, NotErased) as wrong:
        fail(str(wrong))


@app.command("dead-letters")
def dead_letters(
    replay: Annotated[bool, typer.Option("--replay", help="Try them again.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """List what could not be delivered, one line each; nothing of what it says."""
    from bot.admin import maintenance

    found = settings()
    _require_keys(found)
    lines = maintenance.dead_letters(found, replay=replay)
    typer.echo("\n".join(lines) if lines else "No letter is dead.")
    if lines and replay:
        typer.echo(f"{len(lines)} letters wait again.")


def main() -> None:
    """Run the command line; an error that is meant for people ends with its words and exit code 1."""
    try:
        app()
    except Exception as error:
        words = in_words(error)
        if not words:
            raise
        typer.echo(words, err=True)
        raise SystemExit(1) from None


def in_words(error: Exception) -> str:
    """Return what the operator is told of an error; "" for what nobody foresaw."""
    from sqlalchemy.exc import DBAPIError

    import templates
    from domain.errors import SipError, Unavailable

    if isinstance(error, Unavailable | DBAPIError):
        return "The database cannot be used; check SIPBOT_DATABASE_URL. `sipbot doctor` says more."
    if isinstance(error, SipError):
        return templates.load("en")(error.key, **error.params)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    return ""
