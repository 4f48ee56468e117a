"""Every signal by its name in evidence, in the model's weights and in JSON. A new signal is one function and one line here."""

from __future__ import annotations

from typing import Final

from deploywatch.suspects.signals import (
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
    near,
    provenance,
    reaching,
    size,
    statement,
    text,
)
from deploywatch.suspects.signals.base import Signal

SIGNALS: Final[dict[str, Signal]] = {
    "raising-line": line.raising_line,
    "line": line.line,
    "line-besides": line.line_besides,
    "introduced": expression.introduced,
    "guard": guard.guard,
    "provenance": provenance.provenance,
    "failing-piece": expression.failing_piece,
    "near": near.near,
    "near-besides": near.near_besides,
    "reaching": reaching.reaching,
    "function": function.function,
    "function-share": function.function_share,
    "removal": function.removal,
    "own-definition": statement.own_definition,
    "file": file.file,
    "only-one": file.only_one,
    "directory": file.directory,
    "statement": statement.statement,
    "statement-anywhere": statement.statement_anywhere,
    "function-names": statement.function_names,
    "callee": statement.callee,
    "used-definition": statement.used_definition,
    "message": message.message,
    "message-added": message.message_added,
    "message-removed": message.message_removed,
    "message-definition": message.message_definition,
    "write-removed": message.write_removed,
    "missing-file": missing.missing_file,
    "named-file": environment.named_file,
    "imported": imports.imported,
    "import-line": imports.import_line,
    "dependency": dependency.dependency,
    "configuration": environment.configuration,
    "migration": environment.migration,
    "size": size.size,
    "similarity": text.similarity,
    "caller-similarity": text.caller_similarity,
    "outstanding": text.outstanding,
    "caller-outstanding": text.caller_outstanding,
}

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
