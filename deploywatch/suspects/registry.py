"""Every signal by its name in evidence, in the model's weights and in JSON. A new signal is one function and one line here."""

from __future__ import annotations

from typing import Final

from deploywatch.suspects.signals import (
    condition,
    dependency,
    environment,
    expression,
    file,
    function,
    guard,
    imports,
    line,
    message,
    missing,
    named,
    near,
    provenance,
    reaching,
    size,
    statement,
    text,
)
from deploywatch.suspects.signals.base import Signal

SIGNALS: Final[dict[str, Signal]] = {
    "failing-piece": expression.failing_piece,
    "introduced": expression.introduced,
    "raising-line": line.raising_line,
    "line": line.line,
    "missing-file": missing.missing_file,
    "write-removed": message.write_removed,
    "dependency": dependency.dependency,
    "migration": environment.migration,
    "configuration": environment.configuration,
    "named-file": environment.named_file,
    "import-line": imports.import_line,
    "near": near.near,
    "named-piece": named.named_piece,
    "condition": condition.condition,
    "reaching": reaching.reaching,
    "provenance": provenance.provenance,
    "guard": guard.guard,
    "line-besides": line.line_besides,
    "near-besides": near.near_besides,
    "removal": function.removal,
    "function": function.function,
    "function-share": function.function_share,
    "own-definition": statement.own_definition,
    "message-removed": message.message_removed,
    "message-added": message.message_added,
    "message-definition": message.message_definition,
    "message": message.message,
    "callee": statement.callee,
    "imported": imports.imported,
    "used-definition": statement.used_definition,
    "statement": statement.statement,
    "statement-anywhere": statement.statement_anywhere,
    "function-names": statement.function_names,
    "file": file.file,
    "only-one": file.only_one,
    "directory": file.directory,
    "size": size.size,
    "similarity": text.similarity,
    "caller-similarity": text.caller_similarity,
    "outstanding": text.outstanding,
    "caller-outstanding": text.caller_outstanding,
}
"""In the order in which they convince a person: the failing statement, what it misses, what is near, the function, the file."""

FAMILIES: Final[dict[str, str]] = {
    "raising-line": "line",
    "line-besides": "line",
    "near-besides": "near",
    "failing-piece": "introduced",
    "own-definition": "function",
    "function-share": "function",
    "only-one": "file",
    "directory": "file",
    "statement-anywhere": "statement",
    "message-added": "message",
    "message-removed": "message",
    "message-definition": "message",
    "outstanding": "similarity",
    "caller-outstanding": "caller-similarity",
}
"""Signals that say nearly the same to a person -> their family: one sentence stands for all, with the sum of their weights."""

TEXTUAL: Final = frozenset({"similarity", "caller-similarity"})
"""Families that count words. They weigh, but a person believes lines and functions first."""
