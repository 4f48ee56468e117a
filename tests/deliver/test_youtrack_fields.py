from __future__ import annotations

from typing import Any

import pytest

from deploywatch.deliver.youtrack_fields import as_issue_field, filled_value, kinds_of


@pytest.mark.parametrize(
    ("kind", "shape", "value"),
    [
        (None, "SingleEnumIssueCustomField", {"name": "7"}),
        ("enum[1]", "SingleEnumIssueCustomField", {"name": "7"}),
        ("enum[*]", "MultiEnumIssueCustomField", [{"name": "7"}]),
        ("ownedField[1]", "SingleOwnedIssueCustomField", {"name": "7"}),
        ("version[*]", "MultiVersionIssueCustomField", [{"name": "7"}]),
        ("build[1]", "SingleBuildIssueCustomField", {"name": "7"}),
        ("user[1]", "SingleUserIssueCustomField", {"login": "7"}),
        ("user[*]", "MultiUserIssueCustomField", [{"login": "7"}]),
        ("group[1]", "SingleGroupIssueCustomField", {"name": "7"}),
        ("state[1]", "StateIssueCustomField", {"name": "7"}),
        ("string", "SimpleIssueCustomField", "7"),
        ("integer", "SimpleIssueCustomField", 7),
        ("float", "SimpleIssueCustomField", 7.0),
        ("text", "TextIssueCustomField", {"text": "7"}),
        ("something new", "SingleEnumIssueCustomField", {"name": "7"}),
    ],
)
def test_each_kind_has_its_shape(kind: str | None, shape: str, value: Any):
    field = as_issue_field("Team", "7", kind)
    assert field == {"name": "Team", "$type": shape, "value": value}
    assert filled_value(field) in ("7", "7.0")


def test_a_number_that_is_none_is_left_to_youtrack_to_refuse():
    assert as_issue_field("Points", "many", "integer")["value"] == "many"


def test_what_a_project_says_of_its_fields():
    told = [{"field": {"name": "Team", "fieldType": {"id": "enum[1]"}}}, {"field": None}, None]
    assert kinds_of(told) == {"Team": "enum[1]", "": ""}
