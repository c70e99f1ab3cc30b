"""What stands in chat, which reminders have gone out, and what is remembered of people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage.posts import Post
from storage.reminders import Reminder
from tests.storage.specimens import ANNA, BO, CODE, MINUTE, OTHER_CODE, START, Store

SURFACE = f"summons:{CODE}:1:bup"
SHOWN = Post(SURFACE, "slack:channel:C0BUP", "C0BUP", "1700000000.000100", 3, START, "abc")
MONTH_AHEAD = START + timedelta(days=30)
REMINDER = Reminder(f"{CODE}:names:bup:1", CODE, "slack:channel:C0BUP", "", "names", "1", "summons:1:bup", START)


# ---- posts ---------------------------------------------------------------------------------------------------


def test_a_surface_shows_its_latest_post(store: Store) -> None:
    assert store.read(lambda reader: reader.posts.get(SURFACE)) is None
    store.write(lambda tx: tx.posts.put(SHOWN))
    later = replace(SHOWN, message="1700000000.000200", version=4, shown_at=START + MINUTE)
    store.write(lambda tx: tx.posts.put(later))
    assert store.read(lambda reader: reader.posts.get(SURFACE)) == later
    store.write(lambda tx: tx.posts.forget(SURFACE))
    assert store.read(lambda reader: reader.posts.get(SURFACE)) is None


def test_posts_are_found_by_their_case_and_by_their_platform(store: Store) -> None:
    surfaces = [SURFACE, f"summons:{CODE}:1:soc", f"board:{CODE}", f"board:{OTHER_CODE}", "home"]
    for surface in surfaces:
        store.write(lambda tx, surface: tx.posts.put(replace(SHOWN, surface=surface)), surface)
    of_case = store.read(lambda reader: reader.posts.of_case(CODE))
    assert {post.surface for post in of_case} == set(surfaces[:3])
    there = store.read(lambda reader: reader.posts.at("slack:"))
    assert [post.surface for post in there] == sorted(surfaces)
    assert store.read(lambda reader: reader.posts.at("matrix:")) == ()
    assert store.write(lambda tx: tx.posts.erase(CODE)) == 3
    assert store.read(lambda reader: reader.posts.get("home")) is not None


def test_old_posts_are_forgotten_once_their_case_has_ended_and_reminds_nobody_any_more(store: Store) -> None:
    codes = {"open": CODE, "ended": OTHER_CODE, "still told": "SIP-AAAA1-1"}
    store.add(codes["open"])
    store.add(codes["ended"], open=False)
    store.add(codes["still told"], MONTH_AHEAD, open=False)
    for code in codes.values():
        store.write(lambda tx, code: tx.posts.put(replace(SHOWN, surface=f"board:{code}", shown_at=START)), code)
    store.write(lambda tx: tx.posts.put(replace(SHOWN, surface="reminders:slack:channel:C0", shown_at=START)))
    assert store.write(lambda tx: tx.posts.forget_old(START)) == 0
    assert store.write(lambda tx: tx.posts.forget_old(START + MINUTE)) == 1
    assert store.read(lambda reader: reader.posts.get(f"board:{OTHER_CODE}")) is None


# ---- nags ----------------------------------------------------------------------------------------------------


def test_a_reminder_goes_out_once(store: Store) -> None:
    assert store.write(lambda tx: tx.reminders.add(REMINDER))
    assert not store.write(lambda tx: tx.reminders.add(replace(REMINDER, address="slack:channel:C0SOC")))
    found = store.read(lambda reader: reader.reminders.get(REMINDER.key))
    assert found is not None
    assert replace(found, key=REMINDER.key) == REMINDER


def test_old_reminders_are_forgotten_once_they_are_done_and_their_case_has_ended(store: Store) -> None:
    """While a case is open its reminders' keys are kept, or one of them might go out once more."""
    store.add(CODE)
    store.add(OTHER_CODE, open=False)
    for code in (CODE, OTHER_CODE):
        for key in ("done", "open"):
            fired = replace(REMINDER, key=f"{code}:{key}", code=code)
            store.write(lambda tx, fired: tx.reminders.add(fired), fired)
        store.write(lambda tx, code: tx.reminders.done(code, [f"{code}:done"], START), code)
    assert store.write(lambda tx: tx.reminders.forget(START)) == 0
    assert store.write(lambda tx: tx.reminders.forget(START + MINUTE)) == 1
    kept = [reminder.key for reminder in store.read(lambda reader: reader.reminders.of_case(OTHER_CODE))]
    assert kept == [marked(store, f"{OTHER_CODE}:open")]


def test_an_address_lists_what_is_not_done_the_oldest_first(store: Store) -> None:
    newer = replace(REMINDER, key="newer", fired_at=START + MINUTE)
    elsewhere = replace(REMINDER, key="elsewhere", address="slack:person:T0/U0ANNA", person=ANNA)
    for reminder in (newer, REMINDER, elsewhere):
        store.write(lambda tx, reminder: tx.reminders.add(reminder), reminder)
    read = {key: replace(fired, key=marked(store, key)) for key, fired in ((REMINDER.key, REMINDER), ("newer", newer))}
    assert store.read(lambda reader: reader.reminders.open_for(REMINDER.address)) == tuple(read.values())
    assert store.write(lambda tx: tx.reminders.done(CODE, [REMINDER.key, "unknown"], START)) == (REMINDER.address,)
    assert store.write(lambda tx: tx.reminders.done(CODE, [REMINDER.key], START)) == ()
    assert store.read(lambda reader: reader.reminders.open_for(REMINDER.address)) == (read["newer"],)


def test_a_reminder_that_is_read_is_done_and_counted_by_what_is_kept_of_its_key(store: Store) -> None:
    """Its words stand in the other columns: written out they were a third of what reminders took."""
    store.write(lambda tx: tx.reminders.add(REMINDER))
    (read,) = store.read(lambda reader: reader.reminders.of_case(CODE))
    assert len(read.key) == len("~") + 21
    store.write(lambda tx: tx.reminders.posted([read.key]))
    assert not store.write(lambda tx: tx.reminders.add(REMINDER))
    assert store.write(lambda tx: tx.reminders.done(CODE, [read.key], START)) == (REMINDER.address,)
    assert [r.posted for r in store.read(lambda reader: reader.reminders.of_case(CODE))] == [1]


def marked(store: Store, key: str) -> str:
    """Return what a reminder's key is found by."""
    return store.write(lambda tx: tx.reminders._found_by(key))  # noqa: SLF001


# ---- people and tokens ---------------------------------------------------------------------------------------


def test_each_thing_remembered_of_a_person_stays_when_another_changes(store: Store) -> None:
    assert store.read(lambda reader: (reader.people.locale(ANNA), reader.people.dm(ANNA))) == ("", None)
    store.write(lambda tx: tx.people.remember_locale(ANNA, "sv-SE"))
    store.write(lambda tx: tx.people.remember_dm(ANNA, "D0ANNA"))
    store.write(lambda tx: tx.people.remember_locale(ANNA, "en-GB"))
    store.write(lambda tx: tx.people.remember_locale(ANNA, ""))
    assert store.read(lambda reader: (reader.people.locale(ANNA), reader.people.dm(ANNA))) == ("en-GB", "D0ANNA")


def test_a_token_leads_to_its_case(store: Store) -> None:
    store.write(lambda tx: tx.tokens.keep(CODE, ["aaaa", "bbbb"], MONTH_AHEAD))
    store.write(lambda tx: tx.tokens.keep(CODE, ["bbbb", "cccc"], MONTH_AHEAD))
    for secret in ("aaaa", "bbbb", "cccc"):
        assert store.read(lambda reader, secret: reader.tokens.code_of(secret), secret) == CODE
    assert store.read(lambda reader: reader.tokens.code_of("dddd")) is None
    assert store.write(lambda tx: tx.tokens.erase(CODE)) == 3


def test_a_token_dies_in_its_time_and_is_then_forgotten(store: Store) -> None:
    store.write(lambda tx: tx.tokens.keep(CODE, ["aaaa", "bbbb"], MONTH_AHEAD))
    store.write(lambda tx: tx.tokens.keep(CODE, ["bbbb"], MONTH_AHEAD + timedelta(days=1)))
    store.clock.turn(timedelta(days=30))
    assert store.read(lambda reader: reader.tokens.code_of("aaaa")) is None
    assert store.read(lambda reader: reader.tokens.code_of("bbbb")) == CODE
    assert store.write(lambda tx: tx.tokens.forget()) == 1


# ---- overviews -----------------------------------------------------------------------------------------------


def test_an_address_leads_to_its_owner_until_it_is_exchanged_or_revoked(store: Store) -> None:
    store.write(lambda tx: tx.feeds.give(ANNA, "first"))
    store.write(lambda tx: tx.feeds.give(BO, "other"))
    store.write(lambda tx: tx.feeds.give(ANNA, "second"))
    owners = [store.read(lambda reader, s: reader.feeds.owner_of(s), s) for s in ("first", "second", "other")]
    assert owners == [None, ANNA, BO]
    assert store.read(lambda reader: reader.feeds.given_at(ANNA)) == START
    assert store.write(lambda tx: tx.feeds.revoke(ANNA))
    assert not store.write(lambda tx: tx.feeds.revoke(ANNA))
    assert store.read(lambda reader: (reader.feeds.owner_of("second"), reader.feeds.given_at(ANNA))) == (
        None,
        None,
    )


def test_the_cases_of_a_person_are_found_while_their_meetings_matter(store: Store) -> None:
    store.write(lambda tx: tx.feeds.enter(CODE, [ANNA, BO], MONTH_AHEAD))
    store.clock.turn(MINUTE)
    store.write(lambda tx: tx.feeds.enter(OTHER_CODE, [ANNA], MONTH_AHEAD + MINUTE))
    store.write(lambda tx: tx.feeds.leave(CODE, [BO]))

    def cases_of(who: str) -> dict[str, object]:
        return dict(store.read(lambda reader: reader.feeds.cases_of(who, 10)))

    assert cases_of(ANNA) == {CODE: START, OTHER_CODE: START + MINUTE}
    assert cases_of(BO) == {}
    store.clock.turn(timedelta(days=30) - MINUTE)
    assert cases_of(ANNA) == {OTHER_CODE: START + MINUTE}
    assert store.write(lambda tx: tx.feeds.forget()) == 1
    assert store.write(lambda tx: tx.feeds.erase(OTHER_CODE)) == 1
