"""`sipbot matrix login`: logs the bot in, makes or takes up its cross-signing, and looks at what the server serves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from bot.delivery.outcome import Never
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.session import MatrixSession, MatrixSettings
from storage.encryption.cipher import Keyring

# isort: split
from mautrix.api import Path as Route
from mautrix.crypto.signature import verify_signature_json
from mautrix.types import CrossSigningKeys, DeviceKeys, SigningKey, UserID

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What the operator has to keep among the secret settings."""

    user: str
    device: str
    token: str
    recovery_key: str


async def log_in(settings: MatrixSettings, password: str, keyring: Keyring) -> Kept:
    """Log in on a new device and have its owner's key sign it; with the recovery key the identity is taken up again.

    Raises:
        MatrixFailed: `identity_exists`, when the account has an identity already and no recovery key was given: making
            another would make everyone who trusts it doubt the bot. `not_signed`, when the server does not serve the
            signature that was just made.
    """
    answer = await _password(settings, password)
    found = replace(settings, user=answer["user_id"], token=answer["access_token"])
    session = MatrixSession(found, keyring)
    await session.open()
    try:
        recovery_key = settings.recovery_key
        if not recovery_key:
            if await _served_identity(session):
                raise MatrixFailed(Never("identity_exists"))
            # Without the gaps that make it readable: it is copied into settings and shells.
            recovery_key = "".join((await session.machine.generate_recovery_key()).split())
        if not await is_signed(session):
            raise MatrixFailed(Never("not_signed"))
    finally:
        await session.close()
    return Kept(found.user, answer["device_id"], found.token, recovery_key)


async def is_signed(session: MatrixSession) -> bool:
    """Say whether the server serves this device with a good signature of its owner's, as others will see it."""
    me, device = session.settings.user, str(session.client.device_id)
    answer = await _query(session)
    keys = answer.get("device_keys", {}).get(me, {}).get(device)
    signing = answer.get("self_signing_keys", {}).get(me)
    master = answer.get("master_keys", {}).get(me)
    if not (keys and signing and master):
        return False
    mine = session.account.signing_key
    signer = _first(CrossSigningKeys.deserialize(signing))
    first = _first(CrossSigningKeys.deserialize(master))
    return (
        DeviceKeys.deserialize(keys).ed25519 == mine
        and verify_signature_json(keys, UserID(me), signer, signer)
        and verify_signature_json(signing, UserID(me), first, first)
    )


async def _password(settings: MatrixSettings, password: str) -> dict[str, Any]:
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": settings.user},
        "password": password,
        "initial_device_display_name": "sipbot",
    }
    url = f"{settings.homeserver.rstrip('/')}/_matrix/client/v3/login"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as web,
            web.post(url, json=body) as answer,
        ):
            found: dict[str, Any] = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise MatrixFailed(Never("unreachable")) from error
    if "access_token" not in found:
        raise MatrixFailed(Never(str(found.get("errcode", "refused")).lower()))
    return found


async def _served_identity(session: MatrixSession) -> bool:
    return session.settings.user in (await _query(session)).get("master_keys", {})


async def _query(session: MatrixSession) -> dict[str, Any]:
    return await session.call("POST", Route.v3.keys.query, {"device_keys": {session.settings.user: []}})


def _first(keys: CrossSigningKeys) -> SigningKey:
    return SigningKey(next(iter(keys.keys.values())))
