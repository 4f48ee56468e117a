"""Without the extra there is one clear error."""

from __future__ import annotations

import pytest

from deploywatch.errors import UsageError
from deploywatch.sandbox.extra import MODULES, require_demo_extra


def test_with_everything_installed_nothing_is_said() -> None:
    require_demo_extra()


@pytest.mark.parametrize("missing", [("uvicorn",), ("starlette", "sentry_sdk"), MODULES])
def test_what_is_missing_is_named_with_the_command_that_gets_it(missing: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=", ".join(missing)) as raised:
        require_demo_extra(find=lambda name: None if name in missing else object())
    assert raised.value.hint == "pip install 'deploywatch[demo]'"
    assert raised.value.exit_code == 2
