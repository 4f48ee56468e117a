"""Check ci/examples: every file parses, fits its system's schema where one is at hand, and names commands that exist.

Run: ``python -m ci.check_examples``. Schemas of GitLab, CircleCI, Buildkite, Azure and Bitbucket are check-jsonschema's, those of
Kubernetes are kubernetes-validate's. Custom resources are checked where DEPLOYWATCH_CRDS names a folder with their definitions
(YAML, from Argo Rollouts and Flagger), and skipped with a line elsewhere. GitHub's examples are ``ci/workflows/check.sh``'s.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import jsonschema
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

from deploywatch.cli.main import COMMANDS, program

ROOT: Final = Path(__file__).resolve().parent / "examples"
KUBERNETES: Final = "1.31"
_COMMAND: Final = re.compile(r"\bdeploywatch (?=(?:" + "|".join(COMMANDS) + r")\b)(.+)")
_SHELL: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ENDS: Final = re.compile(r"\|\||&&|;|\s[|>]")

Complaints = Iterator[str]


class SkippedError(Exception):
    """There is nothing here to check it with; the message says what would be needed."""


def vendored(name: str, text: str) -> Complaints:
    """Against a schema that check-jsonschema ships. Of several documents the last one counts (a GitLab component's)."""
    schema = get_builtin_schema(name)
    validator = jsonschema.validators.validator_for(schema)(schema)
    *_, document = yaml.safe_load_all(text)
    yield from (f"{'.'.join(map(str, error.path))}: {error.message[:300]}" for error in validator.iter_errors(document))


def kubernetes(text: str) -> Complaints:
    """Against the schemas of Kubernetes itself, with no key beside theirs."""
    import kubernetes_validate

    for document in yaml.safe_load_all(text):
        try:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield str(error.message)


def custom_resource(text: str) -> Complaints:
    """Against the definition of its kind in DEPLOYWATCH_CRDS."""
    (document,) = yaml.safe_load_all(text)
    folder = os.environ.get("DEPLOYWATCH_CRDS", "")
    schema = next(_definitions(Path(folder), document["kind"]), None) if folder else None
    if schema is None:
        raise SkippedError(f"no definition of {document['kind']} is here: set DEPLOYWATCH_CRDS to a folder that has it")
    validator = jsonschema.Draft7Validator(schema)
    yield from (f"{'.'.join(map(str, error.path))}: {error.message[:300]}" for error in validator.iter_errors(document))


def _definitions(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.y*ml")):
        for document in yaml.safe_load_all(file.read_text("utf-8")):
            if document and document.get("spec", {}).get("names", {}).get("kind") == kind:
                yield from (version["schema"]["openAPIV3Schema"] for version in document["spec"]["versions"])


def groovy(text: str) -> Complaints:
    """Jenkins has no schema; the language has a grammar."""
    from tree_sitter import Language, Parser
    from tree_sitter_groovy import language

    if Parser(Language(language())).parse(text.encode()).root_node.has_error:
        yield "it is not Groovy"


def prose(text: str) -> Complaints:
    """A README."""
    if not text.startswith("# "):
        yield "it has no title"


CHECKS: Final[dict[str, Callable[[str], Complaints]]] = {
    "README.md": prose,
    "gitlab/deploywatch.yml": partial(vendored, "vendor.gitlab-ci"),
    "circleci/config.yml": partial(vendored, "vendor.circle-ci"),
    "jenkins/Jenkinsfile": groovy,
    "buildkite/pipeline.yml": partial(vendored, "vendor.buildkite"),
    "azure/azure-pipelines.yml": partial(vendored, "vendor.azure-pipelines"),
    "bitbucket/bitbucket-pipelines.yml": partial(vendored, "vendor.bitbucket-pipelines"),
    "kubernetes/job.yaml": kubernetes,
    "argocd/post-sync.yaml": kubernetes,
    "argo-rollouts/analysis-template.yaml": custom_resource,
    "flagger/canary.yaml": custom_resource,
}


def commands(text: str) -> Complaints:
    """Every ``deploywatch COMMAND ...`` of a file that the command line would refuse."""
    for found in _COMMAND.finditer(re.sub(r"\\\n\s*|(?<=[\"\w])\n\s+(?=--)", " ", text)):
        line = _filled(found[1])
        yield from _refused(shlex.split(_ENDS.split(line)[0].rstrip("'")))


def _filled(line: str) -> str:
    """A shell's line without variables and inputs: each is a minute here, which every option takes."""
    plain = re.sub(r"\$\{\w+:\+([^}]*)\}", r"\1", line)
    return re.sub(r"<<.*?>>|\$\[\[.*?\]\]|\$\{\{.*?\}\}|\$\$?\{?\w+\}?", "1m", plain)


def argument_lists(text: str) -> Complaints:
    """Every ``args:`` of a container that runs deploywatch itself."""
    for document in yaml.safe_load_all(text):
        yield from (complaint for words in _lists(document) for complaint in _refused(words))


def _lists(node: Any) -> Iterator[list[str]]:
    if isinstance(node, dict):
        words = node.get("args")
        if isinstance(words, list) and words and str(words[0]) in COMMANDS:
            yield [str(word) for word in words]
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for each in inner:
        yield from _lists(each)


def _refused(words: list[str]) -> Complaints:
    with click.Context(program, info_name="deploywatch") as root:
        command = program.get_command(root, words[0])
        assert command is not None
        try:
            # The folders of the examples are not here.
            given = [re.sub(r"^(--report=)?/\S*/(?=[^/]+$)", r"\1", word) for word in words[1:]]
            command.make_context(words[0], given, parent=root)
        except click.ClickException as error:
            yield f"deploywatch {shlex.join(words)}: {error.format_message()}"


def main() -> int:
    """Check all, and say of each what was found."""
    files = sorted(str(file.relative_to(ROOT)) for file in ROOT.rglob("*") if file.is_file())
    unknown = [name for name in files if name not in CHECKS and not name.startswith("github/")]
    missing = [name for name in CHECKS if name not in files]
    found = [f"{name}: nothing checks it" for name in unknown] + [f"{name}: it is not there" for name in missing]
    for name in (name for name in files if name in CHECKS):
        text = (ROOT / name).read_text("utf-8")
        lists = argument_lists(text) if name.endswith(".yaml") else iter(())
        try:
            said = [*commands(text), *lists, *CHECKS[name](text)]
            print(f"{'FAILED ' if said else 'ok     '} {name}")
            found += [f"{name}: {complaint}" for complaint in said]
        except SkippedError as reason:
            print(f"skipped {name}: {reason}")
    found += in_documentation()
    print("\n".join(found) or "every command of the documentation exists")
    return 1 if found else 0


def in_documentation() -> list[str]:
    """What the command line would refuse of the shell blocks of README.md and docs/."""
    pages = (ROOT.parent.parent / "README.md", *sorted((ROOT.parent.parent / "docs").glob("*.md")))
    blocks = ((page, block) for page in pages for block in _SHELL.findall(page.read_text("utf-8")))
    return [f"{page.name}: {complaint}" for page, block in blocks for complaint in commands(block)]


if __name__ == "__main__":
    sys.exit(main())
