from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.errors import SentryNotFound, SentryRejected, SentryUnavailable, SentryUnknownEnvironment, UsageError
from deploywatch.sentry.issues import IssueQuery, first_seen_in, issue, quoted, regressed_in, search
from tests.sentry.support import DETAIL_404, NOW, link, page, raw, reply, stage

ISSUES = "/organizations/acme/issues/"
SINCE = NOW - timedelta(minutes=15)
QUERY = IssueQuery("app@1.2.3+45", "prod", ("shop",), SINCE)
LISTED = {
    "id": "901",
    "shortId": "SHOP-4F",
    "title": "TypeError: x",
    "culprit": "shop.cart in total",
    "count": "37",
    "userCount": 12,
    "firstSeen": "2026-11-21T11:59:00Z",
    "lastSeen": "2026-11-21T11:59:30Z",
    "level": "error",
    "status": "unresolved",
    "substatus": "new",
    "isUnhandled": True,
    "metadata": {"type": "TypeError", "value": "x", "filename": "shop/cart.py", "function": "total"},
    "project": {"id": "3", "slug": "shop"},
    "assignedTo": None,
    "permalink": "https://sentry.example/organizations/acme/issues/901/",
    "lifetime": {"count": "40", "firstSeen": "2026-11-20T10:00:00.123456Z", "lastSeen": "2026-11-21T11:59:30Z"},
    "owners": None,
}
DETAIL = LISTED | {"firstRelease": {"id": 5, "version": "app@1.2.3+45"}, "lastRelease": {"version": "app@1.2.4"}}


@pytest.mark.parametrize(
    ("value", "text"),
    [("app@1.2.3+45", '"app@1.2.3+45"'), ('say "hi"', r'"say \"hi\""'), ("a*b", r'"a\*b"'), ("two words", '"two words"')],
)
def test_values_of_the_search_language_are_quoted(value, text):
    assert quoted(value) == text


@given(st.text())
def test_no_value_can_leave_its_quotes(value):
    inside = quoted(value)[1:-1]
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")


# --- new in a release ----------------------------------------------------------------------------------------------


def test_query_and_window_are_always_explicit():
    s = stage(reply([LISTED]))
    first_seen_in(s.client, QUERY)
    asked = s.script.asked[0]
    assert asked.line == f"GET {ISSUES}"
    assert dict(asked.query) == {
        "query": 'firstRelease:"app@1.2.3+45"',
        "start": "2026-11-21T11:45:00Z",
        "end": "2026-11-21T12:01:00Z",
        "limit": "100",
        "environment": "prod",
        "project": "shop",
    }


def test_an_issue_of_a_list():
    s = stage(reply([LISTED]))
    [found] = first_seen_in(s.client, QUERY)
    assert (found.id, found.short_id, found.project, found.count, found.user_count) == ("901", "SHOP-4F", "shop", 37, 12)
    assert (found.error_type, found.error_value, found.is_unhandled, found.substatus) == ("TypeError", "x", True, "new")
    assert (found.first_release, found.filename) == (None, "shop/cart.py")


def test_first_seen_is_of_its_lifetime_not_of_the_window():
    [found] = first_seen_in(stage(reply([LISTED])).client, QUERY)
    assert found.first_seen == datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "owner", [None, {}, {"type": "team", "id": "2", "name": "cart"}, {"type": "user", "email": "a@b"}, [], "x"]
)
def test_nulls_and_odd_values_anywhere_are_read(owner):
    bare = dict.fromkeys(LISTED) | {"id": 901, "assignedTo": owner, "count": None, "surprise": {"new": "key"}}
    [found] = first_seen_in(stage(reply([bare])).client, QUERY)
    assert (found.id, found.short_id, found.title, found.project, found.count) == ("901", "901", "(no title)", "", 0)
    assert found.assigned_to in (None, "cart", "a@b")


@pytest.mark.parametrize(("count", "number"), [("37", 37), (37, 37), ("1e3", 0), ("", 0), (None, 0), (True, 0), (-1, 0), ([], 0)])
def test_counts_are_strings_or_numbers_or_nonsense(count, number):
    [found] = first_seen_in(stage(reply([LISTED | {"count": count}])).client, QUERY)
    assert found.count == number


def test_an_issue_without_an_id_is_no_issue():
    with pytest.raises(SentryUnavailable, match="id"):
        first_seen_in(stage(reply([{"title": "x"}])).client, QUERY)


def test_all_pages_are_read_up_to_a_limit():
    pages = [
        reply([LISTED | {"id": str(page * 100 + n)} for n in range(100)], headers=link(f"0:{page}:0", more=True))
        for page in range(5)
    ]
    assert len(first_seen_in(stage(*pages).client, QUERY)) == 500


def test_where_the_search_is_empty_the_releases_fresh_issues_are_given():
    fresh = LISTED | {"id": "1", "lifetime": None, "firstSeen": "2026-11-21T11:50:00Z"}
    old = LISTED | {"id": "2"}
    unknown = LISTED | {"id": "3", "lifetime": None, "firstSeen": None}
    s = stage(reply([]), reply([fresh, old, unknown]))
    assert [found.id for found in first_seen_in(s.client, QUERY)] == ["1"]
    assert s.script.asked[1].values("query") == ['release:"app@1.2.3+45"']


def test_nothing_new_is_an_empty_answer():
    assert first_seen_in(stage(reply([]), reply([])).client, QUERY) == ()


def test_issues_that_came_back():
    s = stage(reply([LISTED]))
    assert len(regressed_in(s.client, QUERY)) == 1
    assert s.script.asked[0].values("query") == ['regressed_in_release:"app@1.2.3+45"']


def test_without_environment_and_projects_nothing_is_filtered():
    s = stage(reply([LISTED]))
    search(s.client, IssueQuery("v", None, (), SINCE, until=NOW), "")
    assert {key for key, _ in s.script.asked[0].query} == {"query", "start", "end", "limit"}
    assert s.script.asked[0].values("query") == [""]


# --- environments and projects that are not known --------------------------------------------------------------------


def test_an_unknown_environment_until_its_first_event():
    s = stage(reply(DETAIL_404, 404), reply([]), reply([LISTED]))
    with pytest.raises(SentryUnknownEnvironment, match="'prod'"):
        first_seen_in(s.client, QUERY)
    assert s.script.asked[1].values("environment") == []
    assert s.script.asked[1].values("limit") == ["1"]
    assert len(first_seen_in(s.client, QUERY)) == 1


def test_a_404_of_something_else_is_not_blamed_on_the_environment():
    with pytest.raises(SentryNotFound) as caught:
        first_seen_in(stage(reply(DETAIL_404, 404), reply(DETAIL_404, 404)).client, QUERY)
    assert type(caught.value) is SentryNotFound


def test_a_404_without_an_environment_is_plain():
    with pytest.raises(SentryNotFound):
        search(stage(reply(DETAIL_404, 404)).client, IssueQuery("v", None, (), SINCE), "")


@pytest.mark.parametrize(
    "refusal",
    [reply({"detail": "Invalid project parameter. Values must be numbers."}, 400), reply({"detail": "Internal Error"}, 500)],
)
def test_a_server_that_wants_numbers_for_projects_gets_them(refusal):
    s = stage(refusal, reply({"id": "3", "slug": "shop"}), reply([LISTED]), reply([LISTED]))
    for _ in range(2):
        search(s.client, QUERY, "")
    assert s.script.lines == [f"GET {ISSUES}", "GET /projects/acme/shop/", f"GET {ISSUES}", f"GET {ISSUES}"]
    assert [asked.values("project") for asked in s.script.asked] == [["shop"], [], ["3"], ["3"]]


def test_a_refusal_for_another_reason_stays_that():
    s = stage(reply({"detail": "Error parsing search query"}, 400), reply(DETAIL_404, 404))
    with pytest.raises(SentryRejected, match="parsing search query"):
        search(s.client, QUERY, "((")


def test_trouble_with_numbers_already_given_is_told():
    with pytest.raises(SentryUnavailable, match="Internal Error"):
        search(stage(reply({"detail": "Internal Error"}, 500)).client, IssueQuery("v", None, ("3",), SINCE), "")


# --- one issue -----------------------------------------------------------------------------------------------------


def test_by_number_with_its_releases():
    s = stage(reply(DETAIL))
    found = issue(s.client, "901")
    assert (found.first_release, found.last_release) == ("app@1.2.3+45", "app@1.2.4")
    assert s.script.lines == [f"GET {ISSUES}901/"]


def test_by_short_id():
    s = stage(reply({"groupId": "901", "shortId": "SHOP-4F", "group": LISTED}), reply(DETAIL))
    assert issue(s.client, "shop-4f").id == "901"
    assert s.script.lines == ["GET /organizations/acme/shortids/SHOP-4F/", f"GET {ISSUES}901/"]


def test_by_short_id_on_a_server_without_them():
    s = stage(page(404), reply([LISTED | {"id": "7", "shortId": "SHOP-4FX"}, LISTED]), reply(DETAIL))
    assert issue(s.client, "SHOP-4F").id == "901"
    assert s.script.asked[1].query == (("query", "SHOP-4F"), ("shortIdLookup", "1"))


def test_an_unknown_short_id():
    with pytest.raises(SentryNotFound):
        issue(stage(reply(DETAIL_404, 404)).client, "SHOP-4F")
    with pytest.raises(SentryNotFound, match="SHOP-4F"):
        issue(stage(page(404), reply([])).client, "SHOP-4F")


def test_by_address():
    s = stage(reply(DETAIL))
    assert issue(s.client, "https://sentry.example/organizations/acme/issues/901/?project=3").id == "901"


def test_an_address_of_another_sentry_is_refused():
    with pytest.raises(SentryNotFound, match="another Sentry"):
        issue(stage(reply(DETAIL)).client, "https://other.example/organizations/acme/issues/901/")


@pytest.mark.parametrize(
    "missing", [raw("", 404, "text/html; charset=utf-8"), raw("Method not allowed", 405, "text/html"), page(200)]
)
def test_a_server_without_the_organisations_issues_is_asked_the_old_way(missing):
    s = stage(missing, reply(DETAIL))
    assert issue(s.client, "901").id == "901"
    assert s.script.lines == [f"GET {ISSUES}901/", "GET /issues/901/"]


def test_an_issue_that_does_not_exist_is_asked_for_once():
    s = stage(reply(DETAIL_404, 404))
    with pytest.raises(SentryNotFound):
        issue(s.client, "901")
    assert len(s.script.asked) == 1


def test_a_name_of_nothing_is_not_asked_for():
    with pytest.raises(UsageError):
        issue(stage().client, "what?")
