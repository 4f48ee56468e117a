"""What kind of file a path is, told by its name."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import Final


class Kind(StrEnum):
    """What a changed file can do to a running program; ``TEST`` and ``DOCUMENTATION`` can do nothing."""

    CODE = "code"
    TEST = "test"
    DOCUMENTATION = "documentation"
    DEPENDENCY = "dependency"
    CONFIGURATION = "configuration"
    MIGRATION = "migration"
    TEMPLATE = "template"
    OTHER = "other"


_TEST: Final = re.compile(
    r"(^|/)(tests?|__tests__|specs?|testing|testdata|fixtures|e2e)/"
    r"|(^|/)(test_[^/]*|conftest|[^/]*_tests?|tests?)\.py$|_test\.(go|exs?|rb|php)$|_spec\.rb$|\.(test|spec)\.[cm]?[jt]sx?$|Tests?\.(java|kt|cs)$"
)
_DEPENDENCY: Final = re.compile(
    r"(^|/)(requirements[^/]*\.(txt|in)|constraints[^/]*\.txt|setup\.(py|cfg)|pyproject\.toml|Pipfile(\.lock)?|poetry\.lock|uv\.lock|pdm\.lock|package(-lock)?\.json"
    r"|yarn\.lock|pnpm-lock\.yaml|npm-shrinkwrap\.json|bun\.lockb?|go\.(mod|sum)|Cargo\.(toml|lock)|Gemfile(\.lock)?|[^/]*\.gemspec|composer\.(json|lock)|mix\.(exs|lock)"
    r"|pom\.xml|build\.gradle(\.kts)?|gradle\.lockfile|libs\.versions\.toml|[^/]*\.csproj|packages\.lock\.json|Directory\.Packages\.props)$|(^|/)requirements/[^/]*\.(txt|in)$",
)
_DOCUMENTATION: Final = re.compile(
    r"(^|/)(docs?|documentation|examples?|\.changeset|changelog\.d|newsfragments|whatsnew)/|\.(md|rst|adoc|markdown)$"
    r"|(^|/)(CHANGELOG|CHANGES|ChangeLog|HISTORY|History|README|LICEN[CS]E|AUTHORS|CONTRIBUTORS|NEWS|NOTICE|COPYING|CODEOWNERS|\.mailmap)(\.[a-z]+)?$"
    r"|(^|/)\.(github|gitlab|circleci|buildkite)/|(^|/)\.(travis|gitlab-ci|pre-commit-config|editorconfig|gitignore|gitattributes|git-blame-ignore-revs)[^/]*$"
    r"|\.(png|jpe?g|gif|svg|ico|pdf)$"
)
_MIGRATION: Final = re.compile(r"(^|/)(migrations?|migrate|alembic/versions|db/migrate|flyway|liquibase)/|\.sql$")
_TEMPLATE: Final = re.compile(
    r"\.(html?|jinja2?|j2|mako|erb|haml|slim|twig|ejs|hbs|handlebars|mustache|pug|tmpl|tpl|eex|heex|blade\.php|cshtml|liquid)$"
)
_CONFIGURATION: Final = re.compile(
    r"(^|/)(settings|config|configs|conf|deploy|k8s|helm|charts|terraform|ansible|environments?)/[^/]*|(^|/)(settings|config|configuration|\.env)[^/]*$"
    r"|(^|/)(Dockerfile|Procfile|docker-compose)[^/]*$|\.(ya?ml|toml|ini|cfg|conf|properties|env|tf|tfvars|hcl)$"
)
_CODE: Final = re.compile(
    r"\.(py|pyi|pyx|js|jsx|mjs|cjs|ts|tsx|mts|cts|vue|svelte|java|kts?|scala|groovy|go|rb|rake|php|cs|fs|vb|rs|exs?|erl|c|h|cc|cpp|hpp|cxx|m|mm|swift|dart|lua|pl|pm|sh|clj|hs)$"
)


@cache
def kind_of(path: str) -> Kind:
    """The kind of a path; the first rule that fits decides, tests before all."""
    for kind, pattern in (
        (Kind.TEST, _TEST),
        (Kind.DEPENDENCY, _DEPENDENCY),
        (Kind.DOCUMENTATION, _DOCUMENTATION),
        (Kind.MIGRATION, _MIGRATION),
        (Kind.TEMPLATE, _TEMPLATE),
    ):
        if pattern.search(path):
            return kind
    if _CODE.search(path):
        return Kind.CODE
    return Kind.CONFIGURATION if _CONFIGURATION.search(path) else Kind.OTHER


def is_inert(path: str) -> bool:
    """Whether a change of this file cannot change what the deployed program does."""
    return kind_of(path) in (Kind.TEST, Kind.DOCUMENTATION)
