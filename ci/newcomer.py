"""Follow the README word by word: every shell block of it, in one shell, in a fresh clone, with Python, git and node alone.

Run: ``python -m ci.newcomer``. The dots of ``SENTRY_AUTH_TOKEN=...`` are filled in, and SENTRY_URL leads to a stand-in; nothing
else is changed. A command that is not there, or ends as its reader would not expect, is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from deploywatch.sandbox.standin.server import StandIn

ROOT: Final = Path(__file__).resolve().parent.parent
TOOLS: Final = ("python3", "git", "node")
ENDS: Final = {"deploywatch run": (0, 3, 4), "deploywatch doctor": (0, 1)}
"""What may come out where it depends on what is seen: this Sentry never had an event of production."""
_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE: Final = 420


def script(readme: str, token: str) -> str:
    """The blocks as one script that stops at the first command whose end nobody would expect."""
    lines = ["set -u", 'check() { case " $2 " in *" $1 "*) ;; *) echo "NOT AS EXPECTED: exit code $1"; exit 1;; esac; }']
    for line in "".join(_BLOCK.findall(readme)).splitlines():
        command = line.replace("SENTRY_AUTH_TOKEN=...", f"SENTRY_AUTH_TOKEN={token}")
        expected = next((ends for start, ends in ENDS.items() if line.startswith(start)), (0,))
        shown = line.replace("'", "'\\''")
        lines += [f"printf '\\n$ %s\\n' '{shown}'", command, f"check $? '{' '.join(map(str, expected))}'"]
    return "\n".join(lines) + "\n"


def environment(folder: Path, sentry: StandIn) -> dict[str, str]:
    """A new user's: a home without anything in it, three tools, and the system's own commands."""
    tools = folder / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = getattr(sys, "_base_executable", sys.executable) if tool == "python3" else shutil.which(tool)
        if found:
            (tools / tool).symlink_to(found)
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in ("LANG", "SSL_CERT_FILE")}
    return {**kept, "HOME": str(folder), "PATH": f"{tools}:/usr/bin:/bin", "SENTRY_URL": sentry.url, "CI": "true"}


def main() -> int:
    """Follow it, and show what a newcomer sees."""
    readme = (ROOT / "README.md").read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="deploywatch-newcomer-") as name, StandIn() as sentry:
        folder = Path(name)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "deploywatch")], check=True)
        done = subprocess.run(
            ["bash", "-c", script(readme, sentry.environ("shop")["SENTRY_AUTH_TOKEN"])],
            cwd=folder / "deploywatch",
            env=environment(folder, sentry),
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    print("a newcomer got through" if done.returncode == 0 else f"a newcomer was stopped (exit code {done.returncode})")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
