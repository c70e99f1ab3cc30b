"""`sipbot`: the command line of the one who runs the bot."""

from __future__ import annotations

import asyncio
import gc
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.admin.directory_command import directory_app
from bot.admin.profile_command import profile_app
from bot.admin.terminal import fail, in_words, leave_to_do, require_keys, require_usable, settings

app = typer.Typer(
    name="sipbot",
    help="Chat bot for the Swedish samordnad individuell plan (SIP).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit_app = typer.Typer(help="The journal.", no_args_is_help=True)
keys_app = typer.Typer(help="The secret keys.", no_args_is_help=True)
matrix_app = typer.Typer(help="The Matrix account.", no_args_is_help=True, callback=lambda: None)
app.add_typer(directory_app, name="directory")
app.add_typer(profile_app, name="profile")
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


@app.command()
def init() -> None:
    """Set up: ask what must be known, write the settings and a directory file to fill in, and say what comes next."""
    from bot.admin.env_file import NotWritable
    from bot.admin.set_up import Stopped, set_up

    try:
        set_up(Path())
    except Stopped:
        fail("Stopped: nothing was written.")
    except NotWritable as wrong:
        fail(f"Nothing was written: {wrong}.")


@app.command()
def serve(
    role: Annotated[
        Role, typer.Option(help="web: hears people; worker: sends letters and watches the clock; all: both.")
    ] = Role.ALL,
) -> None:
    """Run the bot: web server, courier and clock in one process."""
    gc.disable()  # until it has started: what is loaded stays, and would be looked through again and again meanwhile
    from uvloop import new_event_loop

    from bot import serving
    from bot.logs import set_up_logs
    from bot.profile_file import BadProfile

    found = settings()
    require_keys(found, may_begin=True)
    require_usable(found)
    set_up_logs(found.sipbot_log_level)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(serving.serve(found, role.value, typer.echo))
    except BadProfile as wrong:
        fail(str(wrong))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot.admin.keeping import is_kept
    from storage.encryption.cipher import Keyring
    from storage.engine.database import kind_of
    from storage.migrate import migrate as bring

    found = settings()
    made = kind_of(found.sipbot_database_url) == "sqlite" and not is_kept(found)
    bring(found.sipbot_database_url, Keyring(found.keys) if found.keys else None)  # an empty database needs none
    made_new = f"{found.sipbot_database_url} was not there: a new database is at the newest schema."
    typer.echo(made_new if made else "The database is at the newest schema.")


@app.command()
def doctor() -> None:
    """Check settings, database, chat, mail and clock; one line each with the mend."""
    from bot.admin.doctor import examine, next_of

    chosen = settings()
    found = asyncio.run(examine(chosen))
    for line in found:
        typer.echo(str(line))
    typer.echo(next_of(chosen, found), err=True)
    if any(line.failed for line in found):
        raise typer.Exit(1)


@app.command()
def manifest(
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode, also with a public address.")] = False,  # noqa: FBT002
) -> None:
    """Print the Slack app manifest: paste it at api.slack.com/apps when creating the app.

    It is for Socket Mode where SIPBOT_PUBLIC_URL is not set, and else for HTTP.
    """
    import json

    import templates
    from bot.slack.manifest import address_fault, after_pasting
    from bot.slack.manifest import manifest as slack_manifest

    found = settings()
    over_socket = socket or found.socket_mode or not found.sipbot_public_url
    fault = "" if over_socket else address_fault(found.sipbot_public_url)
    if fault:
        fail(f"SIPBOT_PUBLIC_URL: {fault}. With --socket none is needed.")
    words = templates.load(found.sipbot_language)
    made = slack_manifest(words, found.sipbot_public_url, socket_mode=over_socket)
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))
    typer.echo(after_pasting(socket_mode=over_socket), err=True)


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
    require_keys(found)
    try:
        result = maintenance.verify_journal(found, anchor)
    except LookupError as wrong:
        fail(str(wrong))
    if result.broken:
        fail(f"The journal is broken: {result.broken}")
    chains = f"{result.chains} chain{'' if result.chains == 1 else 's'}"
    typer.echo(f"The journal is whole: {result.rows} rows in {chains}.\nAnchor: {result.anchor}")


@audit_app.command("report")
def report(
    case: Annotated[str, typer.Argument(help="The case's code; without one all open cases.", metavar="[CASE]")] = "",
) -> None:
    """Tell who has looked at which case, and when: one line a look, for the log control."""
    from bot.admin import looks

    found = settings()
    require_keys(found)
    try:
        lines, unread = looks.looks(found, case)
    except LookupError as wrong:
        fail(str(wrong))
    typer.echo("\n".join(lines) if lines else "Nobody has looked.")
    leave_to_do([f"{code}: its journal cannot be read; `sipbot audit verify` names the row." for code in unread])


@matrix_app.command("login")
def matrix_login(
    password: Annotated[str, typer.Option(help="asked for when not given")] = "",
) -> None:
    """Log in to Matrix, make the bot's signed identity or take it up again, and print what to keep."""
    found = settings()
    require_keys(found, may_begin=True)
    from bot.matrix.command import CannotLogIn, login, require_settings

    try:
        require_settings(found)
        typer.echo(login(found, password or typer.prompt("Password", hide_input=True)))
    except CannotLogIn as why:
        fail(str(why))


@keys_app.command("rotate")
def rotate() -> None:
    """Wrap everything that is kept with the first key. Older keys stay: they prove the journal's older rows."""
    from bot.admin import maintenance

    found = settings()
    require_keys(found)
    typer.echo(maintenance.rotate_keys(found))


@keys_app.command("new")
def new_key() -> None:
    """Print a fresh key."""
    from storage.encryption.cipher import fresh_key

    typer.echo(fresh_key())


@app.command()
def export(
    case: Annotated[str, typer.Argument(help="The case's code.", metavar="CASE")],
    pdf: Annotated[Path | None, typer.Option("--pdf", help="The PDF file to write; it must not exist.")] = None,
) -> None:
    """Print all that is held on one case, as JSON; or write it as a PDF that the person it is about can read.

    The case's journal tells that it was exported. The file is for the owner of this account alone to read: hand it over
    by a way that is as safe, and delete it.
    """
    found = settings()
    require_keys(found)
    try:
        if pdf is None:
            from bot.admin.extract.taking import extract_as_json

            typer.echo(extract_as_json(found, case))
        else:
            from bot.admin.extract.file import write_extract

            write_extract(found, case, pdf)
            typer.echo(f"Written: {pdf}")
    except FileExistsError:
        fail(f"{pdf} exists already; choose another file name")
    except LookupError as wrong:
        fail(str(wrong))


@app.command()
def statistics(
    quarter: Annotated[str, typer.Argument(help="Such as 2026-4; without one all that are settled.")] = "",
    *,
    spreadsheet: Annotated[
        bool, typer.Option("--spreadsheet", help="As Excel or LibreOffice in the bot's language reads it.")
    ] = False,
) -> None:
    """Print the figures by quarter, unit and track as CSV, without numbers below five and what would betray them.

    What is not told reads .. there, and * stands for all units or tracks.
    """
    from bot.admin import figures

    found = settings()
    require_keys(found)
    try:
        typer.echo(figures.figures_table(found, quarter, spreadsheet=spreadsheet), nl=False)
        if not quarter and (why := figures.why_empty(found)):
            typer.echo(why, err=True)
    except LookupError as wrong:
        fail(str(wrong))


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")]) -> None:
    """Copy the SQLite database while the bot runs, and check the copy."""
    from bot.admin import maintenance

    typer.echo(maintenance.back_up(settings(), target))


AlthoughBroken = Annotated[
    bool, typer.Option("--although-broken", help="Also one whose journal is broken, where there is no better one.")
]


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `sipbot backup` wrote.")],
    although_broken: AlthoughBroken = False,  # noqa: FBT002 - a switch
) -> None:
    """Put a backup in the place of the SQLite database, once the bot has stopped; what was there is kept.

    One that the keys do not prove changes nothing. Exit 3: it is in place, and the last lines say what you must do
    before the bot starts.
    """
    from bot.admin import maintenance

    found = settings()
    require_keys(found)
    try:
        done = maintenance.restore_backup(found, source, although_broken=although_broken)
    except maintenance.BrokenJournal as wrong:
        fail(f"Nothing was changed. The journal in {source} is broken: {wrong}")
    typer.echo("\n".join(done.told))
    leave_to_do(done.to_do)


@app.command()
def restored(
    before: Annotated[str, typer.Option(help="Name of the database that was replaced, on the same server.")] = "",
    *,
    although_broken: AlthoughBroken = False,
) -> None:
    """After `pg_restore`, before the bot starts: check what is there, have chat follow, and say what else follows.

    Exit 3: the last lines say what you must do before the bot starts.
    """
    from bot.admin import maintenance

    found = settings()
    require_keys(found)
    try:
        done = maintenance.restored(found, before, although_broken=although_broken)
    except maintenance.BrokenJournal as wrong:
        fail(f"Nothing was changed. The journal is broken: {wrong}. Start no bot on it.")
    typer.echo("\n".join(done.told))
    leave_to_do(done.to_do)


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
    require_keys(found)
    try:
        typer.echo(maintenance.erase_case(found, case, decision, admin))
    except (LookupError, NotErased) as wrong:
        fail(str(wrong))


@app.command("dead-letters")
def dead_letters(
    replay: Annotated[bool, typer.Option("--replay", help="Try them again.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """List what could not be delivered, one line each, nothing of what it says; exit 3 where there is something."""
    from bot.admin import maintenance

    found = settings()
    require_keys(found)
    lines = maintenance.dead_letters(found, replay=replay)
    if not lines:
        typer.echo("There are no dead letters.")
    elif replay:
        typer.echo("\n".join([*lines, f"{len(lines)} letters wait again."]))
    else:
        leave_to_do(lines)


@app.command("damaged-posts")
def damaged_posts(
    replace: Annotated[bool, typer.Option("--replace", help="Forget where they stand, and post them anew.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """List messages and reminders of which the database does not say what was written, one line each, without words.

    The bot neither changes nor takes back such a message. Look for it in the chat and delete it there; then --replace.
    A reminder stands in no list; --replace puts it back into the list of whoever is to do it.

    Exit 3 where there is one.
    """
    from bot.admin.damaged_posts import damaged_posts as listed

    found = settings()
    require_keys(found)
    lines = listed(found, replace=replace)
    if not lines:
        typer.echo("No message and no reminder is damaged.")
    elif replace:
        done = f"{len(lines)} forgotten; what can be drawn goes out anew. Delete in the chat what stood there before."
        typer.echo("\n".join([*lines, done]))
    else:
        leave_to_do(lines)


def _have_a_home() -> None:
    """Let the folder be the home of a user that has none, in a container say: Slack's SDK asks for it when loaded."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = str(Path.cwd())


def main() -> None:
    """Run the command line; an error that is meant for people ends with its words and exit code 1."""
    _have_a_home()
    try:
        app()
    except Exception as error:
        words = in_words(error)
        if not words:
            raise
        typer.echo(words, err=True)
        raise SystemExit(1) from None
