"""The stage of the steps' tests, for the whole of ``run``."""

from tests.steps.conftest import _server, stage

__all__ = ["_server", "stage"]
