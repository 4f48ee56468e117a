"""A failure that came out of a library, and what is installed."""

from __future__ import annotations

import pytest

from deploywatch.model import Frame, Raised, StackTrace
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

OWN = "def pay():\n    charge()\n"


def stack(path: str, history_frame: Frame, message: str | None = None) -> StackTrace:
    library = Frame(path, 12, "send", in_app=False)
    return StackTrace((Raised("OSError", message, (history_frame, library)),), "python")


@pytest.mark.parametrize(
    ("path", "file", "before", "after"),
    [
        ("/app/.venv/lib/python3.11/site-packages/pay_lib/api.py", "requirements.txt", "pay-lib==1.0\n", "pay-lib==2.0\n"),
        ("/srv/node_modules/@pay/lib/index.js", "package-lock.json", '"@pay/lib": "1"\n', '"@pay/lib": "2"\n'),
        ("/go/pkg/mod/github.com/pay/lib@v1.2.0/api.go", "go.mod", "github.com/pay/lib v1.2.0\n", "github.com/pay/lib v1.3.0\n"),
        ("/usr/lib/ruby/gems/3.2.0/gems/pay_lib-1.0.1/lib/api.rb", "Gemfile.lock", "pay_lib (1.0.1)\n", "pay_lib (1.1.0)\n"),
    ],
)
def test_the_library_that_failed_was_changed(deployed: Deployed, path: str, file: str, before: str, after: str) -> None:
    history = deployed({"shop.py": OWN, file: f"other 1\n{before}"})
    culprit = history.edit("Bump", file, (before, after))
    other = history.edit("Bump another", file, ("other 1", "other 2"))
    scene = history.scene_of(stack(path, history.frame(At("shop.py", "charge()", "pay"))))
    assert value(scene, "dependency", culprit) == 1
    assert 0 < value(scene, "dependency", other) < 1
    assert file in said(scene, "dependency", culprit)


def test_a_failure_in_the_repositorys_own_code_is_no_librarys(deployed: Deployed) -> None:
    history = deployed({"shop.py": OWN, "requirements.txt": "pay-lib==1.0\n"})
    bump = history.edit("Bump", "requirements.txt", ("1.0", "2.0"))
    assert hit(history.scene(At("shop.py", "charge()", "pay")), "dependency", bump) is None


def test_a_package_that_is_missing(deployed: Deployed) -> None:
    history = deployed({"shop.py": OWN, "requirements.txt": "yaml-lib==1.0\nother==1\n"})
    culprit = history.edit("Slim", "requirements.txt", ("yaml-lib==1.0\n", ""))
    scene = history.scene(At("shop.py", "charge()", "pay"), error="ModuleNotFoundError", message="No module named 'yaml_lib.api'")
    assert value(scene, "dependency", culprit) == 1
