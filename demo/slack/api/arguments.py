"""A call's arguments: taken from a form, a JSON body or the query, and read by kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from yarl import URL

from demo.slack.errors import ApiError
from demo.slack.state.records import Json


def parse_arguments(content_type: str, body: bytes, query: str) -> Json:
    """Return a request's arguments by name, those of the body over those of the query.

    Raises:
        ApiError: `invalid_json` or `json_not_object`.
    """
    found: Json = _form(query)
    if not body.strip():
        return found
    if content_type.startswith("application/json"):
        try:
            held = json.loads(body)
        except ValueError as broken:
            raise ApiError("invalid_json") from broken
        if not isinstance(held, dict):
            raise ApiError("json_not_object")
        return found | held
    if content_type.startswith("multipart/form-data"):
        return found | {name: part.decode() for name, part in parse_multipart(content_type, body).items()}
    return found | _form(body.decode(errors="replace"))


def _form(text: str) -> Json:
    return dict(URL.build(query_string=text, encoded=True).query.items())


def parse_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """Return the parts of a multipart form by name."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: dict[str, bytes] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = content
    return parts


class Arguments:
    """The arguments of one call; form calls send everything as strings, JSON calls as what it is."""

    def __init__(self, held: Mapping[str, Any]) -> None:
        self._held = {name: value for name, value in held.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._held

    def text(self, name: str) -> str:
        """Return a string argument, empty when it is missing."""
        value = self._held.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def required(self, name: str) -> str:
        """Return a string argument that must be there.

        Raises:
            ApiError: `invalid_arguments`.
        """
        value = self.text(name)
        if not value:
            raise ApiError("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """Return a switch: `true`, `1` and the like are on."""
        return str(self._held.get(name, "")).lower() in ("true", "1", "yes")

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number between 1 and `most`.

        Raises:
            ApiError: `invalid_limit`.
        """
        if name not in self._held or self._held[name] == "":
            return default
        try:
            value = int(self._held[name])
        except (TypeError, ValueError) as broken:
            raise ApiError("invalid_limit") from broken
        if value < 0:
            raise ApiError("invalid_limit")
        return min(value, most) or default

    def structure(self, name: str, error: str) -> Any:
        """Return a list or object, sent as such or as a string of JSON; `None` when it is missing.

        Raises:
            ApiError: `error`, when the string is no JSON.
        """
        value = self._held.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as broken:
            raise ApiError(error) from broken

    def words(self, name: str) -> list[str]:
        """Return a list that came as such or with commas between."""
        value = self._held.get(name, "")
        found = value if isinstance(value, list) else str(value).split(",")
        return [str(word).strip() for word in found if str(word).strip()]
