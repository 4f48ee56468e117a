"""Which code host a repository is on, by the address of its remote, and whether there is a token for it.

A token goes to the host of the remote only: GITHUB_TOKEN to GitHub (or the server that GITHUB_SERVER_URL names), GITLAB_TOKEN to
gitlab.com (or the server that CI_SERVER_URL names).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from deploywatch.codehost.github import GitHub
from deploywatch.codehost.gitlab import GitLab
from deploywatch.codehost.host import CodeHost
from deploywatch.history.remote import host_name, repository_name
from deploywatch.http import Http

_GITHUB: Final = "https://github.com"
_GITLAB: Final = "https://gitlab.com"


def code_host(remote: str | None, environ: Mapping[str, str], connect: Callable[[], Http]) -> CodeHost | None:
    """The repository on its code host; ``None`` where there is no token for it. ``connect`` is called where there is one."""
    repository, host = repository_name(remote), host_name(remote)
    if repository is None or host is None:
        return None
    github, gitlab = _said(environ, "GITHUB_SERVER_URL") or _GITHUB, _said(environ, "CI_SERVER_URL") or _GITLAB
    token = _said(environ, "GITHUB_TOKEN")
    if token and host in (_host(_GITHUB), _host(github)):
        own = host == _host(github)
        return GitHub(connect(), _api(environ, github) if own else "https://api.github.com", repository, token)
    token = _said(environ, "GITLAB_TOKEN")
    if token and host in (_host(_GITLAB), _host(gitlab)):
        return GitLab(connect(), gitlab.rstrip("/") if host == _host(gitlab) else _GITLAB, repository, token)
    return None


def _api(environ: Mapping[str, str], server: str) -> str:
    default = "https://api.github.com" if server == _GITHUB else f"{server.rstrip('/')}/api/v3"
    return (_said(environ, "GITHUB_API_URL") or default).rstrip("/")


def _said(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
