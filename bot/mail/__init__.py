"""The way in and out through mail: invites and notices go out, calendar answers come in."""
