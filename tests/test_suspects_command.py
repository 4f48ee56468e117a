"""``python -m deploywatch suspects`` as a user starts it: another process, a temporary repository, no configuration and no Sentry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import deploywatch
from tests.conftest import ROOT
from tests.gitrepo import GitRepo

SCHEMA = json.loads((Path(deploywatch.__file__).parent / "schemas" / "suspects.json").read_text())
SHOP = """\
PRICES = {
    "tea": 3,
    "mug": 9,
}


def total(basket):
    return sum(PRICES[item] for item in basket)


if __name__ == "__main__":
    print(total(["tea", "mug"]))
"""
EVENT = {
    "exception": {
        "values": [
            {
                "type": "KeyError",
                "value": "'mug'",
                "stacktrace": {
                    "frames": [
                        {"filename": "shop.py", "abs_path": "/srv/app/shop.py", "lineno": 7, "function": "total", "in_app": True}
                    ]
                },
            }
        ]
    }
}


@dataclass(frozen=True)
class Shop:
    """A repository whose second commit after the tag ``v1`` breaks the program."""

    repo: GitRepo
    culprit: str

    @property
    def folder(self) -> Path:
        return self.repo.folder

    def crash(self) -> str:
        """The traceback of the program as it stands, Python's own words."""
        done = subprocess.run([sys.executable, "-B", "shop.py"], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stderr


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    repo = GitRepo(tmp_path_factory.mktemp("command") / "shop")
    repo.commit("Open the shop", {"shop.py": SHOP, "README.md": "# Shop\n"})
    repo.git("tag", "v1")
    repo.commit("Fuller shelves", {"stock.py": "LEVEL = 2\n"})
    culprit = repo.commit("Mugs are sold out (#12)", {"shop.py": SHOP.replace('    "mug": 9,\n', "")})
    repo.commit("Notes", {"README.md": "# The shop\n"})
    return Shop(repo, culprit)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs it in an empty folder, in an environment that holds PATH and nothing else."""
    home = tmp_path / "home"
    home.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}

    def run(*arguments: object, text: str | bytes = "", **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "deploywatch", "suspects", *map(str, arguments)],
            input=text.encode() if isinstance(text, str) else text,
            cwd=home,
            env=env | more,
            capture_output=True,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def answers(done: subprocess.CompletedProcess[str]) -> Iterator[dict[str, Any]]:
    """Each line of the answer, checked against the schema that the package ships."""
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        jsonschema.validate(answer, SCHEMA, format_checker=jsonschema.FormatChecker())
        yield answer


# --- what it answers ---------------------------------------------------------------------------------------


def test_a_traceback_piped_into_it(command: Command, shop: Shop) -> None:
    done = command("--repo", shop.folder, "--base", "v1", text=shop.crash())
    assert done.returncode == 0, done.stderr
    assert "Mugs are sold out" in done.stdout
    assert shop.culprit[:7] in done.stdout
    assert "\x1b" not in done.stdout


def test_the_contract_of_its_json(command: Command, shop: Shop) -> None:
    (answer,) = answers(command("--repo", shop.folder, "--base", "v1", "--format", "json", text=shop.crash()))
    assert (answer["base"], answer["head"]) == (shop.repo.git("rev-parse", "v1"), shop.repo.head)
    assert (answer["commits"], len(answer["suspects"])) == (3, 2)
    assert abs(sum(suspect["probability"] for suspect in answer["suspects"]) + answer["none_probability"] - 1) < 1e-6
    assert [suspect["rank"] for suspect in answer["suspects"]] == [1, 2]
    first = answer["suspects"][0]
    assert (first["sha"], first["pull_request"]) == (shop.culprit, 12)
    assert first["author"] == {"name": "Ana", "email": "ana@acme.test"}
    assert any(e["file"] == "shop.py" and e["hunk"] for e in first["evidence"])
    raising = next(frame for frame in answer["frames"] if frame["function"] == "total")
    assert (raising["file"], raising["line"], raising["in_app"]) == ("shop.py", 7, True)
    assert "documentation" in answer["ruled_out"][0]


def test_json_lines_are_answered_line_by_line_in_order(command: Command, shop: Shop) -> None:
    other = {"message": "nothing that anybody knows", "exception": {"values": [{"type": "OSError", "value": "disk full"}]}}
    lines = "\n".join(json.dumps(event) for event in (EVENT, other, EVENT))
    one, two, three = answers(command("--repo", shop.folder, "--base", "v1", "--format", "json", text=lines))
    assert one == three
    assert one["suspects"][0]["sha"] == shop.culprit
    assert two["verdict"] != "suspect"
    assert two["warnings"]


def test_a_bare_repository_gives_the_same_answer(command: Command, shop: Shop, tmp_path: Path) -> None:
    shop.repo.git("clone", "-q", "--bare", str(shop.folder), str(tmp_path / "bare.git"))
    crash = shop.crash()
    here, bare = (
        command("--repo", folder, "--base", "v1", "--format", "json", text=crash)
        for folder in (shop.folder, tmp_path / "bare.git")
    )
    assert list(answers(here)) == list(answers(bare))


def test_head_is_the_deployed_commit_not_the_work_tree(command: Command, shop: Shop) -> None:
    """Neither what is not committed nor what the branch has since can be to blame."""
    crash = shop.crash()
    (at_head,) = answers(command("--repo", shop.folder, "--base", "v1", "--head", "HEAD~2", "--format", "json", text=crash))
    assert [suspect["subject"] for suspect in at_head["suspects"]] == ["Fuller shelves"]


def test_the_base_is_the_last_version_tag_where_none_is_given(command: Command, shop: Shop) -> None:
    shop.repo.git("tag", "v1.0.0", "v1")
    (answer,) = answers(command("--repo", shop.folder, "--format", "json", text=shop.crash()))
    shop.repo.git("tag", "-d", "v1.0.0")
    assert answer["base"] == shop.repo.git("rev-parse", "v1")


@pytest.mark.parametrize("subject", ["\x1b[2J\x1b]0;owned\x07 red", "<b>&amp; `code` [x](http://x)", "\u202eoops"])
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_hostile_text_stays_text(command: Command, tmp_path: Path, subject: str, form: str) -> None:
    repo = GitRepo(tmp_path / "repository")
    repo.commit("start", {"shop.py": SHOP})
    path = "new\nline \x1b[31m.py"
    culprit = repo.commit(
        subject, {"shop.py": SHOP.replace('    "mug": 9,\n', ""), path: "mug = 1\n", os.fsdecode(b"mug\xe9.py"): "mug\n"}
    )
    done = command("--repo", repo.folder, "--base", "HEAD~1", "--format", form, text=Shop(repo, culprit).crash())
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "Traceback" not in done.stderr
    if form == "json":
        (answer,) = (json.loads(line) for line in done.stdout.splitlines())
        assert answer["suspects"][0]["subject"] == subject


def test_a_hostile_environment_does_not_reach_git(command: Command, shop: Shop, tmp_path: Path) -> None:
    crash = shop.crash()
    done = command(
        "--repo", shop.folder, "--base", "v1", "--format", "json", text=crash, GIT_DIR=str(tmp_path / "x"), GIT_INDEX_FILE="x"
    )
    (answer,) = answers(done)
    assert answer["suspects"][0]["sha"] == shop.culprit


# --- what it cannot answer ---------------------------------------------------------------------------------


def refused(done: subprocess.CompletedProcess[str], *, code: int, said: str) -> None:
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--base", "v9"), 1, "there is no commit 'v9'"),
        (("--base", "v1", "--head", "v9"), 1, "there is no commit 'v9'"),
        (("--base", "HEAD", "--head", "v1"), 1, "is not an ancestor"),
        (("--base", "--output=x"), 1, "cannot be a revision"),
        (("--base", "v1", "absent.txt"), 1, "absent.txt cannot be read"),
        ((), 2, "no base"),
    ],
)
def test_wrong_revisions_and_files(command: Command, shop: Shop, arguments: tuple[str, ...], code: int, said: str) -> None:
    refused(command("--repo", shop.folder, *arguments, text=shop.crash()), code=code, said=said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        ("It was a dark and stormy night.\n", "no traceback in a known language"),
        ('{"exception": ', "JSON"),
        ('{"neither": "this"}', "event"),
        ("[1, 2]", "event"),
        (b"\x00\xff\xfe\x80 binary", "no traceback in a known language"),
    ],
)
def test_unreadable_failures(command: Command, shop: Shop, text: str | bytes, said: str) -> None:
    refused(command("--repo", shop.folder, "--base", "v1", text=text), code=1, said=said)


def test_not_a_repository(command: Command, shop: Shop, tmp_path: Path) -> None:
    refused(command("--repo", tmp_path, "--base", "v1", text=shop.crash()), code=1, said="is not in a git repository")
    refused(command("--repo", tmp_path / "absent", "--base", "v1", text=shop.crash()), code=1, said="is not a folder")


def test_a_shallow_clone_says_how_to_get_the_rest(command: Command, shop: Shop, tmp_path: Path) -> None:
    shop.repo.git("clone", "-q", "--depth=2", f"file://{shop.folder}", str(tmp_path / "shallow"))
    base = shop.repo.git("rev-parse", "v1")
    done = command("--repo", tmp_path / "shallow", "--base", base, text=shop.crash())
    refused(done, code=1, said="shallow")
    assert "fetch-depth: 0" in done.stderr


def test_a_window_that_ends_in_a_cut_is_refused_too(command: Command, shop: Shop, tmp_path: Path) -> None:
    """The base is there, its way to head is not."""
    shop.repo.git("clone", "-q", "--depth=1", f"file://{shop.folder}", str(tmp_path / "cut"))
    subprocess.run(["git", "fetch", "-q", "--depth=1", f"file://{shop.folder}", "tag", "v1"], cwd=tmp_path / "cut", check=True)
    refused(command("--repo", tmp_path / "cut", "--base", "v1", text=shop.crash()), code=1, said="shallow")


def test_errors_are_json_where_json_was_asked_for(command: Command, shop: Shop) -> None:
    done = command("--repo", shop.folder, "--base", "v9", "--format", "json", text=shop.crash())
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "UnknownRevision"
    assert error["hint"]


def test_an_empty_window_is_said_to_be_empty(command: Command, shop: Shop) -> None:
    done = command("--repo", shop.folder, "--base", "HEAD", "--format", "json", text=shop.crash())
    assert done.returncode == 1
    assert "the commit window is empty" in done.stderr
    assert "--base" in done.stderr
