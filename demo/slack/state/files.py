"""Files: promised, uploaded, completed and shared, as Slack's three-step upload has it."""

from __future__ import annotations

import mimetypes

from demo.slack.errors import ApiError
from demo.slack.state.identifiers import Identifiers
from demo.slack.state.records import Clock, File, Installation
from demo.slack.state.stream import EventStream

_PICTURES = frozenset({"image/gif", "image/jpeg", "image/png"})


class Files:
    """All files of the stand-in. A message can show a picture once it was asked for `read_after` times in vain."""

    read_after = 1

    def __init__(self, clock: Clock, ids: Identifiers, stream: EventStream) -> None:
        self._clock = clock
        self._ids = ids
        self._stream = stream
        self._held: dict[str, File] = {}

    def promise(self, install: Installation, name: str, size: int) -> File:
        """Note that a file of this name and size is about to be uploaded."""
        file = File(self._ids.fresh("F"), install.team, install.bot_user, name, size, int(self._clock()))
        self._held[file.id] = file
        return file

    def upload(self, file_id: str, content: bytes) -> File | None:
        """Take the bytes of a promised file; `None` when nothing of the kind was promised."""
        file = self._held.get(file_id)
        if file is None or file.complete or len(content) != file.size:
            return None
        file.content, file.uploaded = content, True
        return file

    def complete(self, install: Installation, file_id: str, title: str) -> File:
        """Finish an upload.

        Raises:
            ApiError: `file_not_found` when it was never uploaded.
        """
        file = self._held.get(file_id)
        if file is None or file.team != install.team or not file.uploaded or file.complete:
            raise ApiError("file_not_found")
        file.complete, file.title = True, title or file.name
        self._stream.publish("file_uploaded", file=file)
        return file

    def all(self) -> list[File]:
        """Return every file, also those that are promised only."""
        return list(self._held.values())

    def put_back(self, file: File) -> None:
        """Put a file where it was in another run."""
        self._held[file.id] = file

    def find(self, file_id: str) -> File | None:
        """Return a finished file that was not deleted."""
        file = self._held.get(file_id)
        return file if file is not None and file.complete and not file.deleted else None

    def to_show(self, install: Installation, file_id: object) -> File | None:
        """Return a picture that a message of the app's may show; None too while it is being read, as it is at first."""
        file = self.find(str(file_id))
        if file is None or file.team != install.team or media_type(file) not in _PICTURES:
            return None
        known = file.asked >= self.read_after
        file.asked += 1
        return file if known else None

    def delete(self, file: File) -> None:
        """Take a file away."""
        file.deleted = True
        self._stream.publish("file_deleted", file=file)


def media_type(file: File) -> str:
    """Return a file's media type by its name."""
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"
