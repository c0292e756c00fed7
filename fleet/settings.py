"""What an operator may set, from `CAREVAN_*` variables."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_home() -> Path:
    """Where everything that is not code lives when nobody says otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/carevan")
    return Path.home() / ".local/share/carevan"


class Settings(BaseSettings):
    """Read once, by `fleet.main`; handed down as a value."""

    model_config = SettingsConfigDict(env_prefix="CAREVAN_", frozen=True)

    home: Path = default_home()
    database_url: str = ""
    """Another PostgreSQL with PostGIS; empty: the private cluster in the home."""
    osrm_url: str = ""
    """An OSRM server; empty: the managed child, or great circles where there are no roads."""
    clock: str = ""
    """`fleet.clock.Clock` as text; empty: the clock on the wall."""
    host: str = "127.0.0.1"
    port: int = 8600
    public_url: str = ""
    """The address people type; empty: the one they used. WebSocket origins are checked against it."""
    trusted_proxies: str = ""
    """Comma-separated addresses whose forwarded headers are believed."""
    metrics_from: str = "127.0.0.1,::1"
    """Comma-separated addresses and networks that may ask for `/metrics` without logging in."""
    session_idle_min: int = 30
    session_max_h: int = 12
    accuracy_limit_m: float = 200.0
    """Fixes less accurate than this are kept and flagged."""
    queue_fixes: int = 20_000
    """Fixes in memory before sockets are no longer read."""
    retention_days: int = Field(default=90, ge=1)
    """How long raw tracks are kept after their receipt; see docs/retention.md."""
    jt808_port: int = 0
    """Where JT/T 808 devices connect by TCP; 0: nowhere."""
    terminal_rate: float = 1_000.0
    """Fixes and messages a second of one terminal; what is more is read later, never dropped."""
    address_rate: float = 200_000.0
    """The same of one address, which may stand for many vans."""
    address_sockets: int = 20_000
    """Terminals' sockets of one address."""
    fast_sockets: bool = True
    """Whether terminals' plain frames take the short way past uvicorn's own parser."""

    tile_networks: str = ""
    """Comma-separated networks of one's own where tile services may stand, asked by plain http too; elsewhere
    only public addresses are asked, by https."""
    tile_disk_mb: int = Field(default=512, ge=0)
    """How much of other services' tiles is kept on disk."""

    @property
    def provider_tiles_dir(self) -> Path:
        """Tiles of other services, kept for a while."""
        return self.home / "provider-tiles"

    @property
    def vendor_dir(self) -> Path:
        """Browser assets brought by npm at set-up."""
        return self.home / "vendor"

    @property
    def cluster_dir(self) -> Path:
        """The private PostgreSQL cluster."""
        return self.home / "pg"

    @property
    def roads_dir(self) -> Path:
        """Road extracts and what OSRM made of them."""
        return self.home / "roads"
