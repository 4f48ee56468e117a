"""What kind of file a path is, by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.kinds import Kind, is_inert, kind_of

TABLE = {
    Kind.TEST: """
        tests/test_a.py tests/data/a.json src/app/test_models.py app/models_test.py conftest.py pkg/conftest.py app/tests.py
        server/handler_test.go spec/models/user_spec.rb app/user_spec.rb src/__tests__/a.js src/a.test.ts src/a.spec.tsx
        src/test/java/com/acme/ShopTest.java ShopTests.cs test/shop_test.exs testdata/a.txt e2e/login.js fixtures/users.json
    """,
    Kind.DOCUMENTATION: """
        README.md docs/conf.py docs/index.rst CHANGELOG LICENSE.txt CONTRIBUTING.md .github/workflows/ci.yml .gitignore .travis.yml
        CODEOWNERS .mailmap logo.png examples/a.py .git-blame-ignore-revs .pre-commit-config.yaml
    """,
    Kind.DEPENDENCY: """
        requirements.txt requirements-dev.txt requirements/prod.txt setup.py pyproject.toml poetry.lock uv.lock package.json
        web/package-lock.json yarn.lock go.mod go.sum Cargo.toml Cargo.lock Gemfile Gemfile.lock composer.json mix.exs pom.xml
        app/build.gradle build.gradle.kts gradle/libs.versions.toml App/App.csproj constraints.txt
    """,
    Kind.MIGRATION: "app/migrations/0002_price.py db/migrate/2024_add.rb alembic/versions/ab12.py schema.sql",
    Kind.TEMPLATE: "templates/base.html app/views/a.erb a.jinja2 views/a.cshtml resources/views/a.blade.php page.hbs lib/a.html.eex",
    Kind.CODE: """
        app.py src/shop/total.js a.tsx A.java a.kt main.go lib/a.rb a.php A.cs src/main.rs lib/a.ex run.sh contest.py src/latest.py
        app/attestation.py src/protest/a.py testing.py config/settings.py inspector.js
    """,
    Kind.CONFIGURATION: "settings.toml deploy/prod.env config/app.json Dockerfile docker-compose.yml k8s/a.txt a.ini .env .env.production a.tf",
    Kind.OTHER: "data.csv Makefile model.bin words.txt",
}


@pytest.mark.parametrize(("path", "kind"), [(path, kind) for kind, paths in TABLE.items() for path in paths.split()])
def test_kinds(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind


@pytest.mark.parametrize("kind", Kind)
def test_only_tests_and_documentation_can_do_nothing(kind: Kind) -> None:
    assert {is_inert(path) for path in TABLE[kind].split()} == {kind in (Kind.TEST, Kind.DOCUMENTATION)}


@given(st.text())
def test_every_path_has_a_kind(path: str) -> None:
    assert isinstance(kind_of(path), Kind)
