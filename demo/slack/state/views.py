"""Modals and home tabs: each person has a stack of at most three modals and one home per team."""

from __future__ import annotations

from bot.slack.block_kit.rules import check_view, elements_of
from demo.slack.errors import ApiError
from demo.slack.state.identifiers import Identifiers
from demo.slack.state.messages import named_blocks
from demo.slack.state.records import Clock, Json, View
from demo.slack.state.stream import EventStream

STACK_MOST = 3


class Views:
    """All views, the open modals of each person, and the homes."""

    def __init__(self, clock: Clock, ids: Identifiers, stream: EventStream) -> None:
        self._clock = clock
        self._ids = ids
        self._stream = stream
        self._held: dict[str, View] = {}
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[tuple[str, str], View] = {}

    def top(self, user: str) -> View | None:
        """Return the modal a person sees, if one is open."""
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def stack(self, user: str) -> list[View]:
        """Return a person's open modals, the lowest first."""
        return list(self._stacks.get(user, []))

    def home(self, user: str, team: str) -> View | None:
        """Return the home tab that a team's installation published for a person."""
        return self._homes.get((user, team))

    def find(self, view_id: str | None = None, external_id: str | None = None) -> View | None:
        """Return a view that is open or published, by its id or the app's own one."""
        for view in self._alive():
            if view.id == view_id or (external_id and view.payload.get("external_id") == external_id):
                return view
        return None

    def open(self, user: str, user_team: str, installed_team: str, payload: Json) -> View:
        """Open a modal; one that was open before is gone."""
        view = self._new(user, user_team, installed_team, payload)
        self._stacks[user] = [view]
        self._stream.publish("view_opened", view=view)
        return view

    def push(self, below: View, payload: Json) -> View:
        """Lay a modal over the one a person has on top.

        Raises:
            ApiError: `push_limit_reached`, `not_found` when the modal below is closed.
        """
        stack = self._stacks.get(below.user, [])
        if below not in stack:
            raise ApiError("not_found")
        if len(stack) >= STACK_MOST:
            raise ApiError("push_limit_reached")
        view = self._new(below.user, below.team, below.installed_team, payload)
        view.root, view.previous = stack[0].id, stack[-1].id
        stack.append(view)
        self._stream.publish("view_pushed", view=view)
        return view

    def change(self, view: View, payload: Json, view_hash: str | None = None) -> None:
        """Replace a view's content; what was filled in stays where block and action ids are the same.

        Raises:
            ApiError: `hash_conflict` when the view changed since the caller saw it.
        """
        if view_hash and view_hash != view.hash:
            raise ApiError("hash_conflict")
        self._refuse_external_id(payload, view)
        view.payload = self._named(payload)
        view.hash = self._hash()
        places = {block["block_id"]: _action_ids(block) for block in view.blocks}
        view.values = {
            name: {action: entry for action, entry in held.items() if action in places[name]}
            for name, held in view.values.items()
            if name in places
        }
        self._stream.publish("view_updated", view=view)

    def publish(self, user: str, user_team: str, team: str, payload: Json, view_hash: str | None = None) -> View:
        """Put a home tab before a person, or change the one they have."""
        view = self._homes.get((user, team))
        if view is not None:
            self.change(view, payload, view_hash)
            return view
        view = self._new(user, user_team, team, payload)
        self._homes[user, team] = view
        self._stream.publish("home_published", view=view)
        return view

    def close(self, view: View, *, everything: bool = False) -> list[View]:
        """Close a modal, or the whole stack, and return what is gone; the one below is seen again."""
        stack = self._stacks.get(view.user, [])
        gone = list(stack) if everything else [held for held in stack if held is view]
        for held in gone:
            stack.remove(held)
        if gone:
            self._stream.publish("view_closed", view=view)
        return gone

    def _new(self, user: str, user_team: str, installed_team: str, payload: Json) -> View:
        self._refuse_external_id(payload)
        view_id = self._ids.fresh("V")
        kind = payload["type"]
        named = self._named(payload)
        return View(view_id, user_team, installed_team, user, kind, named, self._hash(), root=view_id)

    def _named(self, payload: Json) -> Json:
        return {**payload, "blocks": named_blocks(payload["blocks"], self._ids)}

    def _hash(self) -> str:
        return f"{int(self._clock())}.{self._ids.token(8)}"

    def _refuse_external_id(self, payload: Json, own: View | None = None) -> None:
        name = payload.get("external_id")
        taken = self.find(external_id=name) if name else None
        if taken is not None and taken is not own:
            raise ApiError("duplicate_external_id")

    def _alive(self) -> list[View]:
        return [view for stack in self._stacks.values() for view in stack] + list(self._homes.values())


def _action_ids(block: Json) -> set[str]:
    return {str(element["action_id"]) for _, element in elements_of(block) if "action_id" in element}


def sound_view(payload: object, kinds: tuple[str, ...] = ("modal",)) -> Json:
    """Return a view's payload if it keeps Block Kit's rules.

    Raises:
        ApiError: `invalid_arguments` with Slack's lines on what is wrong.
    """
    if not isinstance(payload, dict):
        raise ApiError("invalid_arguments", messages=["[ERROR] must provide an object [json-pointer:/view]"])
    found = check_view(payload, "/view")
    if found:
        raise ApiError("invalid_arguments", violations=found)
    if payload["type"] not in kinds:
        text = f"[ERROR] unsupported type: {payload['type']} [json-pointer:/view/type]"
        raise ApiError("invalid_arguments", messages=[text])
    return payload
