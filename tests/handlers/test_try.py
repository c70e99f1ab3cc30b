from tests.handlers.calendars import *
import pytest
async def test_x(folder, empty_database):
    async with answering(folder, empty_database) as cal:
        story=cal.story
        await story.summoned()
        await story.names(story.julia,"julia","sven")
        inv=cal.newest("julia")
        print(inv.mail.as_string()[:1500]); print(inv.data.decode())
        print(await cal.answers("julia","ACCEPTED"))
        from tests.handlers.story import plain
        for who in ("anna","bup"):
            for m in story.messages(who): print("==",who, plain(m.blocks))
        await story.command(story.anna, f"visa {story.code}")
        print(story.whispers(story.anna)[-1] if story.whispers(story.anna) else None)
        for r in await story.journal(): print(r.entry)
