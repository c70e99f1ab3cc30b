"""Which region's rules a case runs by: those it was opened by, whatever is set afterwards (R208; process 7E)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import build
from bot.kept_profiles import changed_in, in_use, require_known
from bot.profile_file import BadProfile, read_profile
from domain.profile import Profile
from tests.conftest import ROOT
from tests.handlers import town
from tests.handlers.story import Story, plain

# A region that waits two weeks for the first meeting, reminds of a receipt the same day, and opens at ten.
HURRIED = {
    'name = "gotland"': 'name = "hurried"',
    "opens = 08:00:00": "opens = 10:00:00",
    "value = 30": "value = 14",
    "steps = [2, 3]\nmailbox = 4": "steps = [1]\nmailbox = 4",
}


def hurried(folder: Path) -> str:
    text = (ROOT / "bot" / "profiles" / "gotland.toml").read_text(encoding="utf-8")
    for old, new in HURRIED.items():
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "hurried.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


async def restart(story: Story, profile: str, *others: str) -> None:
    """Start the bot again with another profile set."""
    settings = story.bot.settings.model_copy(update={"sipbot_profile": profile, "sipbot_other_profiles": tuple(others)})
    await story.bot.stop()
    story.bot = build(settings, story.clock)
    story.slack.connect(story.bot.web)
    await story.bot.start("web")


async def test_r208_a_case_goes_on_by_its_own_rules_when_another_profile_is_set(story: Story, folder: Path) -> None:
    """Deadlines, reminders, opening hours and the board are its own; a case opened afterwards has the new rules."""
    await story.summoned(agencies=["bup"])
    card = plain(story.shown("bup").blocks)
    board = (await story.command(story.anna, f"visa {story.code}"), story.whispered(story.anna))[1]
    await restart(story, hurried(folder))
    assert plain(story.shown("bup").blocks) == card
    await story.command(story.anna, f"visa {story.code}")
    assert story.whispered(story.anna).splitlines()[:6] == board.splitlines()[:6]
    first = story.code
    await story.opens(agencies=["bup"])
    await story.records_consent(agencies=["bup"])
    await story.summons(agencies=["bup"])
    assert (await story.case(first)).profile == "gotland"
    assert (await story.case()).profile == "hurried"
    await story.until("2026-11-25 12:00")
    # The list of Wednesday tells of the other case again.
    first_told = story.reminders("confirm_receipt", "bup")[:2]
    assert [reminder.at for reminder in first_told] == ["2026-11-24 10:00", "2026-11-25 08:00"]


async def test_r208_a_list_says_which_cases_follow_another_regions_rules(story: Story, folder: Path) -> None:
    await story.opens(agencies=["bup"])
    await restart(story, hurried(folder))
    first, title = story.code, story.bot.services.other_rules["gotland"].profile.title
    await story.opens(agencies=["bup"])
    await story.command(story.anna, "lista")
    shown = story.whispered(story.anna)
    assert shown.count(story.says("list.profile", title=title)) == 1
    assert shown.index(first) < shown.index(story.says("list.profile", title=title))


async def test_r208_a_start_names_the_profile_of_an_open_case_that_is_missing(story: Story, folder: Path) -> None:
    file = hurried(folder)
    await restart(story, file)
    await story.opens(agencies=["bup"])
    await restart(story, "gotland")
    with pytest.raises(BadProfile, match=r"'hurried' \(1 open cases\).*SIPBOT_OTHER_PROFILES"):
        require_known(story.bot.database, story.bot.services.known_profiles)
    await restart(story, "gotland", file)
    require_known(story.bot.database, story.bot.services.known_profiles)
    assert (await story.reading(lambda reader: reader.profiles.noted())) == {"hurried"}


async def test_r208_a_case_is_never_out_of_reach_because_its_rules_are_unknown(story: Story, folder: Path) -> None:
    """An ended one keeps nobody from starting the bot, and is shown by the rules of today."""
    await restart(story, hurried(folder))
    await story.summoned(agencies=["bup"])
    await story.withdraws()
    await restart(story, "gotland")
    require_known(story.bot.database, story.bot.services.known_profiles)
    await story.command(story.anna, f"visa {story.code}")
    assert story.code in story.whispered(story.anna)
    assert (await story.reading(lambda reader: reader.profiles.noted())) == set()


async def test_r208_cases_of_before_are_looked_at_once(story: Story) -> None:
    await story.opens(agencies=["bup"])
    await story.writing(lambda tx: tx.profiles.settle([""], ["gotland"]))
    require_known(story.bot.database, story.bot.services.known_profiles)
    assert (await story.reading(lambda reader: reader.profiles.noted())) == {"gotland"}


def edited(file: str, old: str, new: str) -> Profile:
    """Return the profile that a file holds once somebody has changed a word in it."""
    text = Path(file).read_text(encoding="utf-8")
    assert old in text
    changed = Path(file).with_name("edited.toml")
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_profile(str(changed))


async def test_r208_who_edits_a_profiles_file_under_open_cases_is_told_how_many_run_by_it(
    story: Story, folder: Path
) -> None:
    """The case keeps which rules they were; a title that is mended changes none."""
    file = hurried(folder)
    await restart(story, file)
    await story.opens(agencies=["bup"])
    kept = in_use(story.bot.database)
    assert changed_in(kept, [edited(file, 'title = "', 'title = "Nya ')]) == {}
    assert changed_in(kept, [edited(file, "value = 14", "value = 21")]) == {"hurried": 1}
    assert changed_in(kept, [read_profile("gotland")]) == {}


async def test_the_case_says_whose_rules_it_follows_once_others_are_set_and_what_agencies_are_called(
    story: Story, folder: Path
) -> None:
    """R208; law 4D.3: who acts for the case sees by which neutral names the agencies stand in mails."""
    await story.summoned(agencies=["bup"])
    await story.command(story.anna, f"visa {story.code}")
    title = read_profile("gotland").title
    assert story.says("show.profile", title=title) not in story.whispered(story.anna)
    aliases = story.says("show.aliases")
    assert aliases in story.whispered(story.anna)
    await story.command(story.julia, f"visa {story.code}")
    assert aliases not in story.whispered(story.julia)
    assert story.says("show.own_alias", alias=town.directory().agencies["bup"].alias) in story.whispered(story.julia)
    await restart(story, hurried(folder))
    await story.command(story.anna, f"visa {story.code}")
    assert story.says("show.profile", title=title) in story.whispered(story.anna)
