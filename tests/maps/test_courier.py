"""Tiles fetched from a real host on this machine, and hosts that are not asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from maps.courier import MOST_BYTES, NOTHING, Courier, Refused, media_type, networks_of
from tests.maps.tile_host import TileHost, png, tile_host

HERE = networks_of("127.0.0.1/32")


def with_host(
    act: Callable[[Courier, TileHost], Awaitable[object]],
    *,
    timeout_s: float = 8.0,
    networks: str = "127.0.0.1/32",
) -> None:
    async def run() -> None:
        courier = Courier(networks_of(networks), timeout_s=timeout_s)
        try:
            await act(courier, host)
        finally:
            await courier.close()

    with tile_host() as host:
        asyncio.run(run())


def test_a_tile_comes_and_its_host_is_named() -> None:
    async def act(courier: Courier, host: TileHost) -> None:
        port = host.address.rpartition(":")[2]
        assert await courier.fetch("a", f"http://localhost:{port}/1/2/3?tk=k") == host.body
        assert host.asked == ["/1/2/3?tk=k"]
        assert host.hosts == [f"localhost:{port}"]

    with_host(act, networks="127.0.0.1/32,::1/128")


def test_a_tile_asked_for_by_many_is_fetched_once() -> None:
    async def act(courier: Courier, host: TileHost) -> None:
        host.go.clear()
        askers = [asyncio.create_task(courier.fetch("a", f"{host.address}/1")) for _ in range(20)]
        await asyncio.sleep(0)
        askers.pop().cancel()  # one goes away, the others still get it
        host.go.set()
        assert {await each for each in askers} == {host.body}
        assert host.asked == ["/1"]

    with_host(act)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": 302, "location": "http://127.0.0.1:1/"}, "answered 302"),
        ({"status": 500}, "answered 500"),
        ({"status": 403}, "refused the key"),
        ({"kind": "text/html", "body": b"<html>"}, "no picture"),
        ({"body": b"<svg onload=alert(1)>"}, "no picture"),
        ({"body": png(1, 1, 1) + bytes(MOST_BYTES)}, "larger than 1 MiB"),
    ],
)
def test_what_is_no_tile_is_refused(change: dict[str, object], why: str) -> None:
    async def act(courier: Courier, host: TileHost) -> None:
        for name, value in change.items():
            setattr(host, name, value)
        with pytest.raises(Refused, match=why):
            await courier.fetch("a", f"{host.address}/1")
        assert len(host.asked) == 1

    with_host(act)


def test_a_tile_that_the_service_does_not_have() -> None:
    async def act(courier: Courier, host: TileHost) -> None:
        host.status = 404
        assert await courier.fetch("a", f"{host.address}/1") == NOTHING

    with_host(act)


def test_a_host_that_says_nothing_is_left_alone_for_a_while() -> None:
    async def act(courier: Courier, host: TileHost) -> None:
        host.go.clear()
        for n in range(3):
            with pytest.raises(Refused, match="in time"):
                await courier.fetch("a", f"{host.address}/{n}")
        host.go.set()
        with pytest.raises(Refused, match="some seconds"):
            await courier.fetch("a", f"{host.address}/9")
        assert "/9" not in host.asked
        assert await courier.fetch("b", f"{host.address}/9") == host.body

    with_host(act, timeout_s=0.2)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:1/",
        "https://localhost:1/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fd00::1]/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "http://93.184.215.14/",
    ],
)
def test_addresses_that_are_not_public_are_never_asked(url: str) -> None:
    async def run() -> None:
        courier = Courier()
        with pytest.raises(Refused, match="not asked from here"):
            await courier.fetch("a", url)
        await courier.close()

    asyncio.run(run())


def test_nothing_that_is_logged_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    async def act(courier: Courier, host: TileHost) -> None:
        await courier.fetch("a", f"{host.address}/1?tk=SECRET")
        host.status = 500
        with pytest.raises(Refused) as told:
            await courier.fetch("a", f"{host.address}/2?tk=SECRET")
        assert "SECRET" not in str(told.value)

    with caplog.at_level(logging.INFO):
        with_host(act)
    assert "SECRET" not in caplog.text


def test_pictures_are_known_by_their_bytes() -> None:
    assert media_type(png(0, 0, 0)) == "image/png"
    assert media_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert media_type(b"RIFF0000WEBP") == "image/webp"
    assert media_type(b"<svg") == media_type(b"") == ""


def test_networks_that_are_none_are_told() -> None:
    assert networks_of("") == ()
    with pytest.raises(ValueError, match=r"10\.0\.0\.0\.0"):
        networks_of("10.0.0.0.0")
