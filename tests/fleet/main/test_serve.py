from pathlib import Path

import pytest

from fleet.errors import InvalidInput
from fleet.main import serve
from tests.world import context_on
from tracking import fastws


def test_sockets_are_bounded_and_proxies_trusted_only_when_named(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        config = serve.config_of(context)
        assert (config.ws, config.proxy_headers) == (fastws.FastWS, False)
        assert config.ws_max_size == serve.MAX_MESSAGE
    with context_on(database, tmp_path, trusted_proxies="10.0.0.1") as context:
        assert serve.config_of(context).proxy_headers is True


def test_a_missing_certificate_is_named(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context, pytest.raises(InvalidInput, match=r"cert\.pem"):
        serve.config_of(context, tmp_path / "cert.pem")
