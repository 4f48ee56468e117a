"""Build the documentation as a site in site/: ``python -m ci.docs``. A link or an anchor that leads nowhere is an error.

mkdocs.yml has everything but the order of the pages, which is here; a page that nobody put in order comes last, and is not lost.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
SECTIONS: Final = {
    "Start": ("index.md", "incident.md", "troubleshooting.md"),
    "How to": ("ci.md", "reports.md", "channels.md", "owners.md", "releases.md", "services.md"),
    "How it works": ("watching.md", "ranking.md", "deliveries.md", "security.md"),
    "Reference": ("commands.md", "configuration.md", "exit-codes.md", "errors.md"),
}
_UPWARDS: Final = re.compile(r"\]\(\.\./([^)#\s]+\.\w+)")
_LOADED: Final = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=["']?(?:https?:)?//([^/"'\s>]+)""")


def nav(folder: Path) -> list[dict[str, list[str]]]:
    """The sections with the pages that there are."""
    there = sorted(page.relative_to(folder).as_posix() for page in folder.rglob("*.md"))
    listed = [page for pages in SECTIONS.values() for page in pages]
    rest = [page for page in there if page not in listed]
    found = [{title: [page for page in pages if page in there]} for title, pages in SECTIONS.items()]
    return found + ([{"More": rest}] if rest else [])


def staged() -> Path:
    """The pages in build/docs, with whatever else of the repository they link to in a folder below them."""
    folder = ROOT / "build" / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    for page in folder.glob("*.md"):
        page.write_text(_UPWARDS.sub(lambda found: f"]({_brought(found[1], folder)}", page.read_text("utf-8")), "utf-8")
    return folder


def _brought(path: str, folder: Path) -> str:
    """Copy the folder of a linked file, because it may link to its neighbours."""
    source = (ROOT / path).parent
    shutil.copytree(source, folder / "repository" / source.relative_to(ROOT), dirs_exist_ok=True)
    return f"repository/{path}"


def main() -> int:
    """Build, and look whether a page loads anything from elsewhere."""
    ours = {"docs_dir": str(staged().relative_to(ROOT)), "nav": nav(ROOT / "docs")}
    config = (ROOT / "mkdocs.yml").read_text("utf-8") + yaml.safe_dump(ours)
    with tempfile.NamedTemporaryFile("w", dir=ROOT, prefix=".mkdocs-", suffix=".yml", encoding="utf-8") as file:
        file.write(config)
        file.flush()
        done = subprocess.run([Path(sys.executable).with_name("zensical"), "build", "--strict", "-f", file.name], check=False)
    pages = sorted((ROOT / "site").rglob("*.html"))
    outside = [f"{page.name} loads from {host}" for page in pages for host in _LOADED.findall(page.read_text("utf-8"))]
    print("\n".join(outside) or f"{len(pages)} pages, which load nothing from elsewhere")
    return 1 if done.returncode or outside or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
