from pathlib import Path

import pytest

from fleet import deps


@pytest.mark.parametrize(
    ("arguments", "environ", "home"),
    [
        (["demo", "--home", "/srv/x", "--speed", "2"], {}, "/srv/x"),
        (["demo", "--home=/srv/y"], {"CAREVAN_HOME": "/srv/z"}, "/srv/y"),
        (["demo"], {"CAREVAN_HOME": "/srv/z"}, "/srv/z"),
    ],
)
def test_the_home_is_what_was_said_nearest(arguments: list[str], environ: dict[str, str], home: str) -> None:
    assert deps.home_of(arguments, environ) == Path(home)


@pytest.mark.parametrize(
    ("arguments", "group"),
    [
        (["demo"], "run"),
        (["test"], "dev"),
        (["check"], "dev"),
        (["bench", "plan"], "bench"),
        (["--help"], "run"),
        ([], "run"),
    ],
)
def test_a_command_gets_the_packages_it_needs(arguments: list[str], group: str) -> None:
    assert deps.group_of(arguments) == group


def test_a_changed_lock_makes_another_environment() -> None:
    assert len({deps.stamp_of(group) for group in ("run", "dev", "bench")}) == 3
    assert deps.stamp_of("run") == deps.stamp_of("run")


def test_a_finished_environment_is_used_as_it_is(tmp_path: Path) -> None:
    env = tmp_path / "env-run"
    (env / "bin").mkdir(parents=True)
    (env / "bin/python").touch()
    (env / "carevan.stamp").write_text(deps.stamp_of("run"))
    assert deps.set_up(tmp_path, "run") == env / "bin/python"
