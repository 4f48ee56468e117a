from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.errors import UsageError
from deploywatch.sentry.issue_ref import IssueRef, host_of, parse_issue_ref, same_sentry


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("901", IssueRef(number="901")),
        (" 901\n", IssueRef(number="901")),
        ("SHOP-API-4F", IssueRef(short_id="SHOP-API-4F")),
        ("shop-api-4f", IssueRef(short_id="SHOP-API-4F")),
        ("123-A", IssueRef(short_id="123-A")),
        ("https://acme.sentry.io/issues/901/", IssueRef(number="901", host="acme.sentry.io")),
        ("https://acme.sentry.io/issues/901/?project=3&query=is%3Aunresolved", IssueRef(number="901", host="acme.sentry.io")),
        ("https://sentry.io/organizations/acme/issues/901/events/abc/", IssueRef(number="901", host="sentry.io")),
        ("http://sentry.local:9000/acme/shop/issues/901", IssueRef(number="901", host="sentry.local")),
        ("http://127.0.0.1:8320/web/issues/2", IssueRef(number="2", host="127.0.0.1")),
        ("https://acme.sentry.io/issues/shop-4f/", IssueRef(short_id="SHOP-4F", host="acme.sentry.io")),
        ("https://old.example/api/0/groups/7/", IssueRef(number="7", host="old.example")),
    ],
)
def test_the_ways_to_name_an_issue(text, ref):
    assert parse_issue_ref(text) == ref


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SHOP",
        "-4F",
        "SHOP-",
        "SHOP-4I",
        "a b-1",
        "https://acme.sentry.io/",
        "https:///issues/1",
        "https://[x/issues/1",
        "x" * 5000,
    ],
)
def test_anything_else_is_a_usage_error(text):
    with pytest.raises(UsageError) as caught:
        parse_issue_ref(text)
    assert len(caught.value.message) < 400


@given(st.text())
def test_whatever_is_typed_it_names_an_issue_or_is_refused(text):
    try:
        ref = parse_issue_ref(text)
    except UsageError:
        return
    assert (ref.number is None) != (ref.short_id is None)


@given(
    st.integers(1, 10**15),
    st.sampled_from(["https://h.example/issues/{}/", "https://h.example/organizations/a/issues/{}/events/latest/"]),
)
def test_the_number_in_an_address_is_read_back(number, pattern):
    assert parse_issue_ref(pattern.format(number)).number == str(number)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.example", "a.example", True),
        ("a.example", "b.example", False),
        ("acme.sentry.io", "de.sentry.io", True),
        ("sentry.io", "acme.sentry.io", True),
        ("sentry.io.evil.example", "sentry.io", False),
        (None, "a.example", True),
    ],
)
def test_hosts_of_one_sentry(one, other, same):
    assert same_sentry(one, other) is same_sentry(other, one) is same


def test_the_host_of_an_address():
    assert (host_of("https://A.Example/x"), host_of(None), host_of("http://[x"), host_of("/x")) == ("a.example", None, None, None)
