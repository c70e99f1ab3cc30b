"""`files.*`: the three-step upload, and what became of a file."""

from __future__ import annotations

from demo.slack.api.call import TIER_3, TIER_4, Call, Method
from demo.slack.api.methods.chat import as_bot, thread_of, writable
from demo.slack.errors import ApiError
from demo.slack.state.records import File, Json
from demo.slack.state.shapes import file_json


def _upload_url(call: Call) -> Json:
    name = call.args.required("filename")
    size = call.args.number("length", 0, 1 << 30)
    if size < 1:
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: length"])
    file = call.state.files.promise(call.install, name, size)
    return {"upload_url": f"{call.state.base_url}/upload/v1/{file.id}", "file_id": file.id}


def _complete(call: Call) -> Json:
    wanted = call.args.structure("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(item, dict) for item in wanted):
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    names = call.args.words("channels") or call.args.words("channel_id")
    directory = call.state.directory
    channels = [writable(call, directory.seen_by_app(call.install, name)) for name in names]
    threads = [thread_of(call, channel) for channel in channels]
    done = [
        call.state.files.complete(call.install, str(item.get("id")), str(item.get("title") or "")) for item in wanted
    ]
    for channel, thread in zip(channels, threads, strict=True):
        _share(call, done, channel.id, thread)
    return {"files": [{"id": file.id, "title": file.title} for file in done]}


def _share(call: Call, files: list[File], channel: str, thread: str | None) -> None:
    message = call.state.messages.post(
        channel,
        text=call.args.text("initial_comment"),
        files=[file.id for file in files],
        thread_ts=thread,
        **as_bot(call),
    )
    for file in files:
        file.shares.append((channel, message.ts, thread))


def _found(call: Call) -> File:
    file = call.state.files.find(call.args.required("file"))
    if file is None or file.team != call.install.team:
        raise ApiError("file_not_found")
    return file


def _info(call: Call) -> Json:
    return {"file": file_json(call.state, _found(call)), "comments": []}


def _delete(call: Call) -> Json:
    file = _found(call)
    if file.user != call.install.bot_user:
        raise ApiError("cant_delete_file")
    call.state.files.delete(file)
    return {}


METHODS = {
    "files.getUploadURLExternal": Method(_upload_url, TIER_4, "files:write"),
    "files.completeUploadExternal": Method(_complete, TIER_4, "files:write"),
    "files.info": Method(_info, TIER_4, "files:read"),
    "files.delete": Method(_delete, TIER_3, "files:write"),
}
