"""`views.*`: triggers, hashes, the stack, and what Slack says to a view it cannot show."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.stand_in import StandIn
from tests.demo.slack.bolt_bot import form, plain
from tests.demo.slack.conftest import Clock

HOME = {"type": "home", "blocks": [{"type": "header", "text": plain("Hem")}]}


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def trigger(slack: StandIn, view: str | None = None) -> str:
    return slack.state.triggers.issue("U0ANNA", "T0", view)


async def test_a_trigger_opens_one_view(slack: StandIn, client: AsyncWebClient) -> None:
    held = trigger(slack)
    answer = await client.views_open(trigger_id=held, view=form())
    view = answer["view"]
    assert (view["type"], view["callback_id"], view["private_metadata"]) == ("modal", "new", "m")
    assert view["root_view_id"] == view["id"]
    assert (view["previous_view_id"], view["app_installed_team_id"]) == (None, "T0")
    assert slack.person("anna").view is not None
    assert await error_of(client.views_open(trigger_id=held, view=form())) == "exchanged_trigger_id"


async def test_a_trigger_lives_three_seconds(slack: StandIn, client: AsyncWebClient, clock: Clock) -> None:
    in_time, late = trigger(slack), trigger(slack)
    clock.on(3)
    await client.views_open(trigger_id=in_time, view=form())
    clock.on(0.1)
    assert await error_of(client.views_open(trigger_id=late, view=form())) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.abc", view=form())) == "invalid_trigger_id"


async def test_a_view_that_breaks_the_rules_is_refused_and_keeps_its_trigger(
    slack: StandIn, client: AsyncWebClient
) -> None:
    held = trigger(slack)
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=held, view=form("x" * 25))
    data = caught.value.response.data
    assert data["error"] == "invalid_arguments"
    assert data["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    await client.views_open(trigger_id=held, view=form())


@pytest.mark.parametrize("view", ["", "[]", "{", HOME])
async def test_only_a_modal_can_be_opened(slack: StandIn, client: AsyncWebClient, view: Any) -> None:
    call = client.api_call("views.open", json={"trigger_id": trigger(slack), "view": view})
    assert await error_of(call) == "invalid_arguments"


async def test_a_stack_holds_three_views(slack: StandIn, client: AsyncWebClient) -> None:
    view = (await client.views_open(trigger_id=trigger(slack), view=form()))["view"]
    for _ in range(2):
        answer = await client.views_push(trigger_id=trigger(slack, view["id"]), view=form())
        assert answer["view"]["previous_view_id"] == view["id"]
        view = answer["view"]
    full = client.views_push(trigger_id=trigger(slack, view["id"]), view=form())
    assert await error_of(full) == "push_limit_reached"
    assert await error_of(client.views_push(trigger_id=trigger(slack), view=form())) == "not_found"
    assert len(slack.state.views.stack("U0ANNA")) == 3


async def test_a_view_is_changed_unless_it_changed_meanwhile(slack: StandIn, client: AsyncWebClient) -> None:
    view = (await client.views_open(trigger_id=trigger(slack), view=form()))["view"]
    changed = await client.views_update(view_id=view["id"], hash=view["hash"], view=form("Nu"))
    assert changed["view"]["title"]["text"] == "Nu"
    stale = client.views_update(view_id=view["id"], hash=view["hash"], view=form())
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V0NONE", view=form())) == "not_found"


async def test_an_own_id_of_the_app_serves_once_at_a_time(slack: StandIn, client: AsyncWebClient) -> None:
    view = {**form(), "external_id": "mine"}
    await client.views_open(trigger_id=trigger(slack), view=view)
    again = client.views_open(trigger_id=trigger(slack), view=view)
    assert await error_of(again) == "duplicate_external_id"
    await client.views_update(external_id="mine", view=view)


async def test_what_was_filled_in_stays_where_the_field_stays(slack: StandIn, client: AsyncWebClient) -> None:
    answer = await client.views_open(trigger_id=trigger(slack), view=form())
    shown = slack.person("anna").view
    assert shown is not None
    shown.values = {"title": {"title": {"type": "plain_text_input", "value": "Mitt"}}, "gone": {}}
    changed = await client.views_update(view_id=answer["view"]["id"], view=form("Nu"))
    assert list(changed["view"]["state"]["values"]) == ["title"]


async def test_a_home_tab_is_published_and_changed(slack: StandIn, client: AsyncWebClient) -> None:
    first = await client.views_publish(user_id="U0ANNA", view=HOME)
    second = await client.views_publish(user_id="U0ANNA", view=HOME, hash=first["view"]["hash"])
    assert first["view"]["id"] == second["view"]["id"]
    stale = client.views_publish(user_id="U0ANNA", view=HOME, hash=first["view"]["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_publish(user_id="U0NONE", view=HOME)) == "user_not_found"
    assert slack.person("anna").home is not None
