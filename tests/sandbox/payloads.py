"""Events as an SDK sends them, made in a few words."""

from __future__ import annotations

import uuid
from typing import Any


def frame(filename: str, function: str, line: int, *, in_app: bool = True) -> dict[str, Any]:
    """One frame, in the SDK's snake_case."""
    return {
        "filename": filename,
        "abs_path": f"/srv/app/{filename}",
        "module": filename.removesuffix(".py").replace("/", "."),
        "function": function,
        "lineno": line,
        "pre_context": ["before"],
        "context_line": "    here",
        "post_context": ["after"],
        "in_app": in_app,
    }


def error(kind: str = "KeyError", value: str = "'spoon'", **changes: Any) -> dict[str, Any]:
    """An unhandled exception of ``price()`` in a web request; ``changes`` replace whole keys."""
    frames = changes.pop("frames", None) or [frame("shop/views.py", "checkout", 12), frame("shop/cart.py", "price", 7)]
    handled = changes.pop("handled", False)
    return {
        "event_id": uuid.uuid4().hex,
        "level": "error",
        "platform": "python",
        "transaction": "/checkout",
        "exception": {
            "values": [
                {
                    "type": kind,
                    "value": value,
                    "module": None,
                    "mechanism": {"type": "starlette", "handled": handled},
                    "stacktrace": {"frames": frames},
                }
            ]
        },
        "release": "shop@1.0.0",
        "environment": "production",
        "server_name": "web-1.example",
        "user": {"id": "7"},
        "request": {"url": "http://shop.example/checkout", "method": "POST", "headers": {"Host": "shop.example"}},
        "contexts": {
            "runtime": {"name": "CPython", "version": "3.11.7", "type": "runtime"},
            "trace": {"trace_id": "a" * 32, "span_id": "b" * 16},
        },
        "sdk": {"name": "sentry.python.starlette", "version": "2.75.0"},
        **changes,
    }


def message(text: str = "Hello", **changes: Any) -> dict[str, Any]:
    """A message event, as ``sentry-cli send-event`` sends it."""
    return {"event_id": uuid.uuid4().hex, "logentry": {"message": text}, "platform": "native", **changes}
