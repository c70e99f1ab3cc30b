"""What is counted in the year, from what stands in the chat and in the database and not from the bot's own counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from bench.year.acting import lines_of
from demo.memory.chat import Posted, words_of
from demo.memory.world import World
from domain.case import Case
from domain.reminders.deadlines import deadlines
from domain.responsibility import receiver_of
from handlers.enqueue import What
from handlers.letters.render import compose
from handlers.ui.actions import Action
from handlers.ui.cards import Card, Section
from handlers.ui.outgoing import Show
from storage.outbox.letter import Letter
from storage.transaction import Reader

_NEXT_IS_A_SUMMONS = frozenset(
    {
        "reminder.first_meeting.summon",
        "reminder.first_meeting.book",
        "reminder.first_meeting.overdue",
        "reminder.follow_up.summon",
        "reminder.follow_up.passed",
    }
)
_LAST_AFTERNOON = ":last_pm"
_BUTTONS = (Action.REMINDER_DONE, Action.REMINDER_TAKE, Action.REMINDER_SNOOZE)


@dataclass(slots=True)
class Ledger:
    """The counts of a year. A ping is a message that is posted; a change in place notifies nobody.

    `lists_again` are lists at a place that had one on that day already, but for those that say that the last afternoon
    for a plan has come (T8); those are `last_afternoons`.
    """

    pings: int = 0
    to_managers: int = 0
    list_posts: int = 0
    lists_by_day: Counter[tuple[str, date]] = field(default_factory=Counter)
    lists_again: int = 0
    last_afternoons: int = 0
    posts_of_item: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    most_posts: int = 0
    contradictions: list[str] = field(default_factory=list)
    stale: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    weeks: int = 0
    weeks_of_nobody: int = 0
    weeks_without_a_next: int = 0
    pings_of_weeks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    in_week: Counter[str] = field(default_factory=Counter)


class Observer:
    """Looks at everything that is posted, and once a week at every open case."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ledger = Ledger()
        self.fresh_lists: list[Posted] = []
        self.left: list[str] = []
        self._last: dict[str, Posted] = {}
        world.chat.watch(self._posted)

    def _posted(self, message: Posted) -> None:
        """Count one message."""
        if message.only_for or not message.shown:
            return
        ledger, today = self.ledger, self._world.now().date()
        ledger.pings += 1
        ledger.in_week[message.room] += 1
        lines = [line for line in lines_of(message.card) if any(b.action in _BUTTONS for b in line.buttons)]
        if not lines:
            return
        taken = any(button.action == Action.REMINDER_TAKE for line in lines for button in line.buttons)
        kind = "manager" if taken else "own"
        ledger.list_posts += 1
        ledger.to_managers += taken
        if ledger.lists_by_day[f"{kind}:{message.room}", today]:
            waits = not self._cannot_wait(lines)
            ledger.lists_again += waits
            ledger.last_afternoons += not waits
        ledger.lists_by_day[f"{kind}:{message.room}", today] += 1
        self.fresh_lists.append(message)
        self._count_items(message, kind)

    def _cannot_wait(self, lines: list[Section]) -> bool:
        keys = [str(self._world.services.seal.open(line.buttons[0].token).get("k", "")) for line in lines]
        return any(key.endswith(_LAST_AFTERNOON) for key in keys)

    def _count_items(self, message: Posted, kind: str) -> None:
        ledger, place = self.ledger, f"{kind}:{message.room}"
        seen: set[tuple[str, str]] = set()
        asked: dict[str, str] = {}
        for line in lines_of(message.card):
            token = self._world.services.seal.open(line.buttons[0].token)
            code, matter = str(token.get("c", "")), str(token.get("k", "")).partition(":")[0]
            # One case may be asked about several agencies with the same words, and about nothing else.
            if asked.setdefault(code, matter) != matter:
                both = f"{asked[code]} and {matter}"
                ledger.contradictions.append(f"{code}: {both} in one list of {place}, {self._world.now():%F}")
            if line.text:
                seen.add((code, line.text))
        # What was away from the list in between is another matter: it was put off, or done and came anew. The list
        # before this one shows that too: it is changed in place until another is posted.
        before, stood = ledger.posts_of_item.get(place, Counter()), self._stood_in(place)
        now = Counter({item: (before[item] if item in stood else 0) + 1 for item in seen})
        self._last[place], ledger.posts_of_item[place] = message, now
        ledger.most_posts = max(ledger.most_posts, *now.values(), 0)

    def _stood_in(self, place: str) -> set[tuple[str, str]]:
        """Return the items of the list that stood at a place until now, as it was at last."""
        last = self._last.get(place)
        return set() if last is None else {item for line in lines_of(last.card) if (item := self._item(line))}

    def _item(self, line: Section) -> tuple[str, str] | None:
        code = str(self._world.services.seal.open(line.buttons[0].token).get("c", ""))
        return (code, line.text) if line.text else None

    # ---- once a week -----------------------------------------------------------------------------------------

    def look_at(self, reader: Reader, codes: list[str]) -> None:
        """Look whether each open case has somebody, a next reminder, and a board and cards that are the case."""
        ledger = self.ledger
        owned: Counter[str] = Counter()
        for code in codes:
            case = reader.cases.get(code)
            if not case.is_open:
                continue
            ledger.weeks += 1
            receiver = receiver_of(case, case.responsible, reader.directory)
            ledger.weeks_of_nobody += not receiver
            owned[receiver] += 1
            ledger.weeks_without_a_next += reader.cases.listing(code)[1] is None
            self._contradicts(case, reader, receiver)
            self._compare(reader, case)
        self._close_week(owned)

    def _contradicts(self, case: Case, reader: Reader, receiver: str) -> None:
        """Look whether the list of who answers for a case asks for a summons that has been sent, or may not be."""
        post = reader.posts.get(f"reminders:{receiver}")
        shown = None if post is None else self._world.chat.message(post.place, post.message)
        texts = {due.key: due.text for due in deadlines(case, self._world.services.rules_of(case), reader.now)}
        for line in lines_of(shown.card) if shown is not None else ():
            token = self._world.services.seal.open(line.buttons[0].token)
            if token.get("c") != case.code or texts.get(str(token.get("k", ""))) not in _NEXT_IS_A_SUMMONS:
                continue
            last = None if case.consent is None else case.consent.valid_until
            over = last is not None and last < self._world.now().date()
            if case.coming_meeting is not None or over:
                stands = f"{case.state.value}, consent until {last}, key {token['k']}, {self._world.now():%F %R}"
                self.ledger.contradictions.append(f"{case.code}: {line.text} ({stands})")

    def _compare(self, reader: Reader, case: Case) -> None:
        """Compare what stands in chat with what would be shown now."""
        for surface, letter in _surfaces(reader, case):
            post = reader.posts.get(surface)
            message = None if post is None else self._world.chat.message(post.place, post.message)
            if message is None:
                continue
            self.ledger.checked[letter.what] += 1
            now = compose(self._world.services, reader, letter)
            if isinstance(now, Show) and self._content(now.card) != self._content(message.card):
                self.ledger.stale[letter.what] += 1

    def _content(self, card: Card) -> str:
        """Return what people read on a card, but for when it was drawn and for names of people who have left since."""
        words = words_of(replace(card, footer=""))
        for name in self.left:
            words = words.replace(name, "–")
        return words

    def _close_week(self, owned: Counter[str]) -> None:
        for address, count in owned.items():
            room = f"direct-{address.partition('person:')[2].replace('/', '.')}"
            bucket = f"{count // 10 * 10}-{count // 10 * 10 + 9}"
            self.ledger.pings_of_weeks[bucket].append(self.ledger.in_week[room])
        self.ledger.in_week.clear()


def _surfaces(reader: Reader, case: Case) -> Iterator[tuple[str, Letter]]:
    """Yield the surfaces of a case that show how it stands, each with the letter that would show it now."""
    for post in reader.posts.of_case(case.code):
        name, _, rest = post.surface.partition(":")
        parts = rest.split(":")
        args: dict[str, str | int] = {"code": case.code}
        if name == "board":
            yield (
                post.surface,
                Letter("", post.address, What.BOARD, args | {"owner": rest.partition(":")[2]}, case.code),
            )
        elif name == "summons":
            args |= {"meeting": int(parts[1]), "agency": parts[2]}
            yield post.surface, Letter("", post.address, What.SUMMONS, args, case.code)
