import socket
from pathlib import Path

import pytest

from fleet.errors import Unavailable
from fleet.main import address
from fleet.settings import Settings


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port} .*--port"):
            address.check_port("127.0.0.1", port)
    address.check_port("127.0.0.1", port)


def test_what_people_type(tmp_path: Path) -> None:
    here = Settings(home=tmp_path, host="::", port=8600)
    assert address.of(here) == "http://127.0.0.1:8600"
    assert address.of(Settings(home=tmp_path, host="10.0.0.7", port=443), tls=True) == "https://10.0.0.7:443"
