"""Photos and signatures under their own hash."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import httpx2

from tests.tracking.platform import context_on, register, rows, running
from tracking.blobs import MAX_BYTES


def test_a_blob_is_kept_once_and_only_as_what_it_claims_to_be(database: str, tmp_path: Path) -> None:
    body = b"\xff\xd8 a photo"
    name = hashlib.sha256(body).hexdigest()

    async def scene() -> list[tuple[int, str]]:
        token = {"Authorization": f"Bearer {fleet.tokens[0]}"}
        jpeg = {**token, "Content-Type": "image/jpeg"}
        big = b"x" * (MAX_BYTES + 1)
        asked = [
            (name, body, jpeg),
            (name, body, jpeg),
            ("0" * 64, body, jpeg),
            (name, body, {"Content-Type": "image/jpeg"}),
            (name, body, {**jpeg, "Authorization": "Bearer nobody"}),
            (name, body, {**token, "Content-Type": "text/html"}),
            (hashlib.sha256(big).hexdigest(), big, jpeg),
        ]
        async with (
            running(context) as platform,
            httpx2.AsyncClient(base_url=f"http://{platform.address}", trust_env=False) as client,
        ):
            answers = [
                await client.put(f"/terminal/blobs/{sha256}", content=content, headers=headers)
                for sha256, content, headers in asked
            ]
        return [(answer.status_code, answer.text) for answer in answers]

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    answers = asyncio.run(scene())
    assert [status for status, _ in answers] == [204, 204, 400, 400, 400, 400, 400]
    for (_, text), said in zip(answers[2:], (name, "Pair", "Pair", "text/html", str(MAX_BYTES)), strict=True):
        assert said in text
    assert rows(database, "SELECT sha256, media_type, body FROM blob") == [
        (bytes.fromhex(name), "image/jpeg", body)
    ]
