"""``init``: what is found stands in the file, what is not is asked for on a terminal only, and the file is always readable."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deploywatch.config import load_settings
from tests.cli.conftest import Run
from tests.gitrepo import GitRepo

SENTRY = {"SENTRY_AUTH_TOKEN": "a" * 64, "SENTRY_ORG": "acme", "SENTRY_PROJECT": "shop,web", "SENTRY_ENVIRONMENT": "production"}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    made.commit("start", {"shop.py": "1\n", "web/cart.ts": "1\n", ".github/CODEOWNERS": "* @acme/shop\n"})
    made.commit("ci", {".github/workflows/deploy.yml": "on: push\n"})
    made.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    monkeypatch.chdir(made.folder)
    for name in [name for name in os.environ if name.startswith(("SENTRY_", "DEPLOYWATCH_"))]:
        monkeypatch.delenv(name)
    return made


def test_what_is_found_stands_in_the_file(repo: GitRepo, run: Run) -> None:
    result = run("init", env=SENTRY)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "deploywatch doctor --environment production\n"
    settings = load_settings(repo.folder / "deploywatch.toml", {})
    assert (settings.sentry.org, settings.sentry.projects, settings.sentry.environment) == ("acme", ("shop", "web"), "production")
    text = (repo.folder / "deploywatch.toml").read_text("utf-8")
    assert '"acme/shop"' in text
    assert ".github/CODEOWNERS says who owns what" in text
    assert "a" * 64 not in text
    assert re.search(r"CI system +GitHub Actions", result.stderr)
    assert re.search(r"languages +(python|javascript), (python|javascript)", result.stderr)


def test_sentryclirc_is_read(repo: GitRepo, run: Run) -> None:
    (repo.folder / ".sentryclirc").write_text(
        "[defaults]\norg=rc\nproject=web\nurl=https://sentry.acme.example\n[auth]\ntoken=x\n"
    )
    assert run("init").exit_code == 0
    settings = load_settings(repo.folder / "deploywatch.toml", {})
    assert (settings.sentry.url, settings.sentry.org, settings.sentry.projects) == ("https://sentry.acme.example", "rc", ("web",))


def test_elsewhere_than_on_a_terminal_nothing_is_asked(repo: GitRepo, run: Run) -> None:
    result = run("init", input="")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "export SENTRY_AUTH_TOKEN=...   # scopes: project:releases, event:read, org:read",
        "deploywatch doctor --environment production",
    ]
    assert load_settings(repo.folder / "deploywatch.toml", {}).sentry.org is None


def test_every_key_that_is_a_comment_is_a_key(repo: GitRepo, run: Run) -> None:
    run("init")
    file = repo.folder / "deploywatch.toml"
    lines = file.read_text("utf-8").splitlines()
    wanted = [re.sub(r"^# (?=\[|[a-z_]+ = )", "", line) for line in lines]
    assert wanted != lines
    file.write_text("\n".join(wanted), "utf-8")
    assert load_settings(file, {"SLACK_WEBHOOK_URL": "https://x.example"}).watch.dry_run_gate is True


def test_a_file_that_is_there_stays(repo: GitRepo, run: Run) -> None:
    (repo.folder / "deploywatch.toml").write_text("# mine\n", "utf-8")
    result = run("init", env=SENTRY)
    assert (result.exit_code, "is there already" in result.stderr) == (2, True)
    assert (repo.folder / "deploywatch.toml").read_text("utf-8") == "# mine\n"
    assert run("init", "--force", env=SENTRY).exit_code == 0
    assert "acme" in (repo.folder / "deploywatch.toml").read_text("utf-8")


def test_from_a_folder_inside_it_is_written_to_the_root(repo: GitRepo, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.folder / "web")
    assert run("init", env=SENTRY).exit_code == 0
    assert (repo.folder / "deploywatch.toml").is_file()


def test_no_repository_is_one_error(run: Run) -> None:
    result = run("init")
    assert (result.exit_code, "is not in a git repository" in result.stderr) == (1, True)


def test_a_hostile_name_stays_a_text(repo: GitRepo, run: Run) -> None:
    repo.git("remote", "set-url", "origin", 'git@github.com:acme/x"\u2028\x7f[sentry].git')
    assert run("init").exit_code == 0
    tomllib.loads((repo.folder / "deploywatch.toml").read_text("utf-8"))


def test_the_schema_is_for_editors(run: Run) -> None:
    assert '"title": "deploywatch.toml"' in run("init", "--print-schema").stdout


def on_terminal(folder: Path, answers: str, **environ: str) -> tuple[str, int]:
    """What a person sees, and the exit code."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(Path(__file__).resolve().parents[2]), **environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "deploywatch", "init"], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, answers.encode())
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # Linux's way to say that the other side is closed
        pass
    os.close(ours)
    return seen.decode(), process.wait()


def test_on_a_terminal_three_questions_at_most(repo: GitRepo) -> None:
    seen, exit_code = on_terminal(repo.folder, "acme\nshop, web\n\n")
    assert exit_code == 0, seen
    settings = load_settings(repo.folder / "deploywatch.toml", {})
    assert (settings.sentry.org, settings.sentry.projects, settings.sentry.environment) == ("acme", ("shop", "web"), "production")


def test_an_answer_that_is_no_short_name_is_refused(repo: GitRepo) -> None:
    seen, exit_code = on_terminal(repo.folder, "https://acme.sentry.io/\nshop\n\n")
    assert exit_code == 2
    assert "sentry.org" in seen
    assert not (repo.folder / "deploywatch.toml").exists()
