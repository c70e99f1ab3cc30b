"""A person at a screen: types, presses, fills in, and sees what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from demo.slack.delivery import payloads
from demo.slack.delivery.delivery import BotAnswer, Delivery, DeliveryKind, Forgery
from demo.slack.delivery.dispatch import Dispatch
from demo.slack.errors import ApiError, NotVisible
from demo.slack.people.answers import sound_answer, speak
from demo.slack.people.inputs import entry, first_entry, interactive, option
from demo.slack.people.modal import (
    client_refusals,
    dispatching,
    fill_in,
    names_of,
    offers_to_ask,
    respond_to_submission,
)
from demo.slack.people.outcome import Outcome
from demo.slack.people.screen import Control, Screen
from demo.slack.state.messages import copied
from demo.slack.state.records import Channel, Installation, Json, Message, User, View
from demo.slack.state.state import State

TIMED_OUT = "Operation timed out. Apps need to respond within 3 seconds."
TROUBLE = "We had some trouble connecting. Try again?"

# How often and how far apart somebody looks whether a form has changed: for as long as Slack waits. How many answers
# on end may each make a form ask something else.
_LOOKS, _A_MOMENT, _ROUNDS = 600, 0.005, 8


class Person(Screen):
    """One of the workspace's people; what they do reaches the bot as Slack would send it."""

    def __init__(self, state: State, user: User, dispatch: Dispatch) -> None:
        super().__init__(state, user)
        self._dispatch = dispatch

    # ---- writing -------------------------------------------------------------------------------------------

    async def type(self, text: str, channel: str | None = None, *, forgery: Forgery | None = None) -> Outcome:
        """Type a line: a slash command goes to the bot, anything else is said in the channel."""
        if not text.startswith("/"):
            return await self.say(text, channel)
        command, _, rest = text.partition(" ")
        install = self._state.directory.installations.get(self.user.team)
        if install is None or command not in self._state.app.commands:
            return Outcome(shown=f"{command} is not a valid command.")
        place = self.channel(channel)
        payload = payloads.slash_command(self._state, install, self.user, place, (command, rest.strip()))
        outcome = await self._send("slash_commands", payload, forgery)
        if outcome.failure:
            outcome.shown = f'{command} failed with the error "{outcome.failure}"'
        elif outcome.answer and outcome.answer.body.strip():
            self._speak_answer(outcome, outcome.answer, install, place, command)
        return outcome

    async def say(self, text: str, channel: str | None = None, thread_ts: str | None = None) -> Outcome:
        """Say something in a channel; the bot hears of it if it is subscribed to such events."""
        place = self.channel(channel)
        message = self._state.messages.post(
            place.id, team=self.user.team, user=self.user.id, text=text, thread_ts=thread_ts
        )
        install = self._hearing(place)
        kinds = {"message"}
        if install is not None and f"<@{install.bot_user}>" in text:
            kinds.add("app_mention")
        outcome = Outcome()
        for kind in sorted(kinds & self._state.app.events):
            if install is not None:
                heard = {"type": kind, "user": self.user.id, "text": text, "ts": message.ts}
                content = {**heard, "channel": place.id, "event_ts": message.ts, "team": self.user.team}
                content["channel_type"] = {"im": "im", "private": "group"}.get(place.kind, "channel")
                outcome = await self._event(install, content)
        return outcome

    def _hearing(self, place: Channel) -> Installation | None:
        held = self._state.directory.installations.values()
        return next((install for install in held if install.bot_user in place.members), None)

    def _speak_answer(
        self, outcome: Outcome, answer: BotAnswer, install: Installation, place: Channel, command: str
    ) -> None:
        payload = answer.json() or {"text": answer.body.decode(errors="replace")}
        refused, _ = sound_answer(payload)
        if refused:
            outcome.shown = f'{command} failed with the error "invalid_command_response"'
            return
        outcome.messages.append(speak(self._state, install, place, self.user.id, payload))

    # ---- pressing ------------------------------------------------------------------------------------------

    async def press(
        self,
        name: str,
        value: Any = None,
        *,
        source: Message | View | None = None,
        block: str | None = None,
        tampered: Mapping[str, Any] | None = None,
        forgery: Forgery | None = None,
    ) -> Outcome:
        """Press a button or choose in a menu, by its action id or its label.

        `source` narrows it to one message or view, `block` to one block of it; without them the newest on the
        screen is meant. `value` is what is chosen in a menu or picker, `tampered` overwrites what is sent of
        the action.

        Raises:
            NotVisible: the person does not see it.
        """
        control = self._reachable(name, source, block)
        if control.block["type"] == "input" and not control.block.get("dispatch_action"):
            raise NotVisible(f"nothing is told of changes in {name} before the form is sent")
        action = self._action(control, value) | dict(tampered or {})
        held = control.source
        if isinstance(held, View):
            payload = payloads.view_action(self._state, self.user, held, action)
        else:
            payload = payloads.message_action(self._state, self.user, held, action)
        outcome = await self._send("interactive", payload, forgery)
        if outcome.failure:
            outcome.shown = TIMED_OUT if outcome.failure == "operation_timeout" else TROUBLE
        return outcome

    async def press_twice(
        self, name: str, value: Any = None, *, source: Message | View | None = None
    ) -> tuple[Outcome, Outcome]:
        """Press so fast that the second press leaves before the first is answered."""
        first, second = await asyncio.gather(
            self.press(name, value, source=source), self.press(name, value, source=source)
        )
        return first, second

    def _reachable(self, name: str, source: Message | View | None, block: str | None) -> Control:
        if isinstance(source, Message) and not self.sees(source):
            raise NotVisible(f"{self.user.name} does not see that message")
        if isinstance(source, View) and source.user != self.user.id:
            raise NotVisible(f"{self.user.name} does not have that view")
        return self.button(name, source, block)

    def _action(self, control: Control, value: Any) -> Json:
        element, block = control.element, control.block
        kind = element["type"]
        # A menu's placeholder travels with the act, its list of options does not.
        action: Json = {
            name: copied(element[name]) for name in ("text", "value", "style", "placeholder") if name in element
        }
        if kind == "overflow":
            action["selected_option"] = option(element, value)
        elif kind not in ("button", "icon_button"):
            given = entry(element, self._resolved(value, kind))
            action |= given
            if isinstance(control.source, View):
                control.source.values.setdefault(block["block_id"], {})[element["action_id"]] = given
        return self._stamped(control, action)

    def _stamped(self, control: Control, action: Mapping[str, Any]) -> Json:
        named = {"action_id": control.action_id, "block_id": control.block["block_id"]}
        kind = {"type": control.element["type"]}
        return {**action, **kind, **named, "action_ts": f"{self._state.clock():.6f}"}

    def _named(self, view: View, values: Mapping[str, Any]) -> dict[str, Any]:
        kinds = {block["block_id"]: str(element["type"]) for block, element in interactive(view.blocks)}
        return {name: self._resolved(value, kinds.get(name, "")) for name, value in values.items()}

    def _resolved(self, value: Any, kind: str) -> Any:
        """Return user ids where a test or a demo gave short names."""
        if "users_select" not in kind or value is None:
            return value
        if isinstance(value, str):
            found = self._state.directory.person(value)
            return found.id if found else value
        return [self._resolved(item, "users_select") for item in value]

    # ---- forms ---------------------------------------------------------------------------------------------

    async def answer(
        self, values: Mapping[str, Any], view: View | None = None, *, forgery: Forgery | None = None
    ) -> bool:
        """Fill in fields of the modal on top (or `view`) without sending it; say whether the bot was told of it.

        It is told of a change in an input with `dispatch_action`, with all that is filled in by then. What it draws
        anew is waited for, as a person does who sees that something happens.

        Raises:
            NotVisible: no modal is open.
            UnknownField: the modal has no such field or option.
        """
        shown = self._shown(view)
        before = copied(shown.values)
        fill_in(shown, self._named(shown, values), {})
        told = next((held for held in dispatching(shown) if _is_changed(shown, held, before)), None)
        if told is None:
            return False
        drawn = shown.hash
        control = Control(shown, told, told["element"])
        held = shown.values[told["block_id"]][told["element"]["action_id"]]
        payload = payloads.view_action(self._state, self.user, shown, self._stamped(control, held))
        await self._send("interactive", payload, forgery)
        for _ in range(_LOOKS):
            if shown.hash != drawn or self.view is not shown:
                break
            await asyncio.sleep(_A_MOMENT)
        return True

    async def work_through(self, view: View, values: Mapping[str, Any]) -> None:
        """Answer what a form asks, until it asks nothing else any more because of these answers; do not send it."""
        for _ in range(_ROUNDS):
            missing = set(values) - names_of(view)
            told = {name: value for name, value in values.items() if name not in missing}
            if not await self.answer(told | offers_to_ask(view, missing), view):
                return

    def _shown(self, view: View | None) -> View:
        shown = view or self.view
        if shown is None:
            raise NotVisible(f"{self.user.name} has no modal open")
        return shown

    async def submit(
        self,
        values: Mapping[str, Any] | None = None,
        view: View | None = None,
        *,
        checked: bool = True,
        tampered: Mapping[str, Json] | None = None,
        altered: Mapping[str, Any] | None = None,
        forgery: Forgery | None = None,
    ) -> Outcome:
        """Fill in the modal on top (or `view`) by block id and submit it; what it asks only after an answer too.

        Slack's client refuses empty required fields, wrong lengths and the like without asking the bot;
        `checked=False` sends them all the same. `tampered` puts raw entries into the state by block id,
        `altered` overwrites the view's own properties, such as `private_metadata`.

        Raises:
            NotVisible: no modal is open.
            UnknownField: the modal has no such field or option.
        """
        shown = self._shown(view)
        await self.work_through(shown, values or {})
        fill_in(shown, self._named(shown, values or {}), tampered or {})
        refused = client_refusals(shown) if checked else {}
        if refused:
            return Outcome(view=shown, action="errors", errors=refused)
        payload = payloads.view_submission(self._state, self.user, shown)
        payload["view"] |= dict(altered or {})
        outcome = await self._send("interactive", payload, forgery)
        self._carry_out(outcome, shown)
        return outcome

    def _carry_out(self, outcome: Outcome, view: View) -> None:
        answer = outcome.answer
        payload = answer.json() if answer and answer.body.strip() else {}
        if answer is None or outcome.failure or payload is None:
            outcome.shown = TROUBLE
            return
        try:
            respond_to_submission(self._state.views, outcome, view, payload)
        except ApiError:
            # What Slack cannot show it does not show: the modal stays and says this.
            outcome.shown = TROUBLE

    async def cancel(self, view: View | None = None) -> Outcome:
        """Close the modal on top (or `view`) with its close button; the bot hears of it if it asked to.

        Raises:
            NotVisible: no modal is open.
        """
        shown = view or self.view
        if shown is None:
            raise NotVisible(f"{self.user.name} has no modal open")
        everything = shown.payload.get("clear_on_close") is True
        self._state.views.close(shown, everything=everything)
        if shown.payload.get("notify_on_close") is not True:
            return Outcome(action="closed")
        payload = payloads.view_closed(self._state, self.user, shown, is_cleared=everything)
        outcome = await self._send("interactive", payload)
        outcome.action = "closed"
        return outcome

    # ---- the rest ------------------------------------------------------------------------------------------

    async def open_home(self) -> Outcome:
        """Open the app's home tab.

        Raises:
            NotVisible: the app is not installed in this person's team.
        """
        install = self._state.directory.installations.get(self.user.team)
        if install is None:
            raise NotVisible(f"the app is not installed for {self.user.name}")
        if "app_home_opened" not in self._state.app.events:
            return Outcome()
        content: Json = {
            "type": "app_home_opened",
            "user": self.user.id,
            "channel": self.channel().id,
            "tab": "home",
            "event_ts": f"{self._state.clock():.6f}",
        }
        return await self._event(install, content)

    async def retry(self, outcome: Outcome, reason: str = "http_timeout") -> Outcome:
        """Have Slack send the same thing once more; an event says which try it is.

        Raises:
            NotVisible: that act sent nothing.
        """
        if outcome.delivery is None:
            raise NotVisible("that act sent nothing to the bot")
        again = outcome.delivery
        if again.kind == "events_api":
            again = replace(again, retry=again.retry + 1, retry_reason=reason)
        return await self._deliver(again)

    async def _event(self, install: Installation, content: Json) -> Outcome:
        return await self._send("events_api", payloads.event(self._state, install, content))

    async def _send(self, kind: DeliveryKind, payload: Json, forgery: Forgery | None = None) -> Outcome:
        return await self._deliver(Delivery(kind, payload, forgery=forgery))

    async def _deliver(self, delivery: Delivery) -> Outcome:
        before = {(held.channel, held.ts) for held in self.messages()}
        view, view_hash = self.view, self.view.hash if self.view else ""
        answer = await self._dispatch.send(delivery)
        appeared = [held for held in self.messages() if (held.channel, held.ts) not in before]
        now = self.view
        changed = now is not None and (now is not view or now.hash != view_hash)
        return Outcome(delivery, answer, view=now if changed else None, messages=appeared)


def _is_changed(view: View, block: Json, before: Mapping[str, Any]) -> bool:
    """Say whether an input's answer is another than it was; before anybody touched it, than what it began with."""
    name, element = block["block_id"], block["element"]
    was = before.get(name, {}).get(element["action_id"], first_entry(element))
    return bool(view.values[name][element["action_id"]] != was)
