"""JUnit XML: what broke is a failed case, a release that could not be seen is an error."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from deploywatch.model import Report
from deploywatch.report.render import render
from tests.report.hostile import ANY_TEXT, MIXES, poisoned, prefixed


def suite_of(report: Report) -> ET.Element:
    root = ET.fromstring(render(report, "junit"))
    (suite,) = root
    for name in ("tests", "failures", "errors"):
        assert root.get(name) == suite.get(name)
    assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    assert int(suite.get("errors", "")) == len(suite.findall("testcase/error"))
    return suite


def test_every_issue_is_one_failed_case(report: Report) -> None:
    suite = suite_of(report)
    whole, first, *others = suite.findall("testcase")
    assert suite.get("name") == "shop@1.4.0 in production"
    assert whole.get("time") == "900.000"
    assert list(whole) == []
    assert (first.get("name"), first.get("file"), first.get("line")) == ("SHOP-1: KeyError: 'currency'", "shop/checkout.py", "42")
    failure = first.find("failure")
    assert failure is not None
    assert failure.get("message") == "KeyError in POST /checkout: 41 events/min since the deploy"
    assert "4be1a90c4b" in str(failure.text)
    assert len(others) == 3


def test_health_passes_and_blindness_is_an_error(degenerate: Mapping[str, Report]) -> None:
    assert suite_of(degenerate["healthy"]).findall("testcase/*") == []
    error = suite_of(degenerate["inconclusive"]).find("testcase/error")
    assert error is not None
    assert error.get("message") == "Sentry stopped answering after 4 of 15 minutes."
    assert "Nothing after 14:09 UTC" in str(error.text)


@pytest.mark.parametrize("mix", MIXES)
def test_strangers_write_no_xml(report: Report, mix: tuple[str, ...]) -> None:
    loud = suite_of(poisoned(report, prefixed("]]></failure><testcase/>", "&evil;", "\x00\ufffe\x1b", *mix)))
    assert [each.tag for each in loud.iter()] == [each.tag for each in suite_of(poisoned(report, prefixed("x"))).iter()]


@settings(max_examples=20, deadline=None)
@given(text=ANY_TEXT)
def test_whatever_comes_is_well_formed(report: Report, text: str) -> None:
    suite_of(poisoned(report, prefixed(text)))
