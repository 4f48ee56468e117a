"""The adapter to Sentry keeps the contract of the port: against the stand-in, over real HTTP, with events that an SDK sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import sentry_sdk

from deploywatch.errors import SentryAuthError, SentryUnavailable, SentryUnknownEnvironment
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.sandbox.standin.server import StandIn
from deploywatch.sentry.client import Client
from deploywatch.sentry.connection import Connection
from deploywatch.sentry.failures import ANSWERED
from deploywatch.sentry.issue_source import SentryIssueSource
from deploywatch.sentry.retry import Retry
from deploywatch.sentry.tokens import Secret
from deploywatch.watch.source import EndpointTally, IssueSource
from tests.fakes.watching import DEPLOYED, EARLIER, ENVIRONMENT, RELEASE, FakeClock, Happening
from tests.sandbox.payloads import frame
from tests.watch.contract import NOW, SCENE, IssueSourceContract, known
from tests.watch.worlds import after

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def _server() -> Iterator[StandIn]:
    with StandIn(organization="acme", projects=("shop",), now=FakeClock(NOW).now) as server:
        yield server


@pytest.fixture
def sentry(_server: StandIn) -> StandIn:
    _server.reset()
    return _server


def send(sentry: StandIn, happening: Happening, *, environment: str = ENVIRONMENT) -> None:
    sdk = sentry_sdk.Client(
        dsn=sentry.dsn("shop"), release=happening.release, environment=environment, default_integrations=False
    )
    raised = {
        "type": "ValueError",
        "value": happening.issue,
        "mechanism": {"type": "test", "handled": False},
        "stacktrace": {"frames": [frame("shop/cart.py", happening.issue.lower(), 3)]},
    }
    user = {"user": {"id": happening.client}} if happening.client else {}
    endpoint = {"transaction": happening.endpoint} if happening.endpoint else {}
    sdk.capture_event({"timestamp": happening.at.isoformat(), "exception": {"values": [raised]}, **user, **endpoint})
    sdk.close(timeout=5)


def source(sentry: StandIn, *, token: str | None = None, attempts: int = 2, **more: object) -> IssueSource:
    clock = FakeClock(NOW)
    connection = Connection(url=sentry.url, token=Secret(token or sentry.token), org="acme", projects=("shop",))
    client = Client(connection, sleep=clock.sleep, now=clock.now, retry=Retry(attempts=attempts, jitter=lambda: 0.5))
    return SentryIssueSource(client, **{"release": RELEASE, "environment": ENVIRONMENT, "projects": ("shop",)} | more)


class TestSentry(IssueSourceContract):
    @pytest.fixture(autouse=True)
    def _fresh(self, sentry: StandIn) -> None:
        self.sentry = sentry

    def make(self, happenings: Sequence[Happening]) -> IssueSource:
        for happening in happenings:
            send(self.sentry, happening)
        return source(self.sentry)


# --- what only a server can get wrong ------------------------------------------------------------------------------------


def test_an_issue_that_another_environment_knew_before_is_a_candidate_with_its_true_past(sentry):
    send(sentry, Happening("FRESH", after(minutes=-30), EARLIER), environment="staging")
    send(sentry, Happening("FRESH", after(minutes=1)))
    looking = source(sentry)
    (issue,) = looking.new_issues(DEPLOYED)
    detail = looking.detail(issue)
    assert (detail.first_release, detail.first_seen, detail.count) == (EARLIER, after(minutes=-30), 1)


def test_without_an_environment_every_one_is_seen(sentry):
    send(sentry, Happening("FRESH", after(minutes=1)), environment="staging")
    looking = source(sentry, environment=None)
    (issue,) = looking.new_issues(DEPLOYED)
    assert len(looking.event_times(issue, DEPLOYED).events) == 1


def test_an_issue_that_was_resolved_and_came_back(sentry):
    send(sentry, Happening("OLD", after(hours=-3), EARLIER))
    sentry.state.issues[1].status = "resolved"
    send(sentry, Happening("OLD", after(minutes=1)))
    assert [issue.error_value for issue in source(sentry).regressed_issues(DEPLOYED)] == ["OLD"]


def test_the_environment_is_unknown_until_its_first_event(sentry):
    send(sentry, Happening("OLD", after(hours=-3), EARLIER), environment="staging")
    with pytest.raises(SentryUnknownEnvironment):
        source(sentry).new_issues(DEPLOYED)
    send(sentry, Happening("FRESH", after(minutes=1)))
    assert len(source(sentry).new_issues(DEPLOYED)) == 1


def test_nothing_to_be_seen_is_not_sight(sentry):
    send(sentry, Happening("OLD", after(days=-20), EARLIER))
    sight = source(sentry).can_see()
    assert (sight.visible, sight.release_heard) == (False, False)


def test_an_event_of_the_release_elsewhere_is_no_sign_of_it_here(sentry):
    send(sentry, Happening("FRESH", after(minutes=-30)), environment="staging")
    send(sentry, Happening("OLD", after(minutes=-20), EARLIER))
    sight = source(sentry).can_see()
    assert (sight.visible, sight.release_heard) == (True, False)
    assert [name.partition(" ")[0] for name in sight.others] == [EARLIER]
    send(sentry, Happening("FRESH", after(minutes=1)))
    assert source(sentry).can_see().release_heard


def test_unhandled_errors_are_the_failures_where_nothing_is_traced(sentry):
    for happening in SCENE:
        send(sentry, happening)
    looking = source(sentry)
    before = looking.failures(after(hours=-1), DEPLOYED, MINUTE, release=None)
    since = looking.failures(DEPLOYED, NOW, MINUTE, release=RELEASE)
    assert (before.definition, sum(tally.failed for tally in before.tallies)) == (ANSWERED.name, 5)
    assert (sum(tally.failed for tally in since.tallies), {tally.total for tally in since.tallies}) == (4, {None})


def test_an_older_server_counts_by_another_endpoint(sentry):
    for happening in SCENE:
        send(sentry, happening)
    sentry.faults.add(Fault("GET", "*/events-timeseries/", html=True, status=404, times=None))
    counted = source(sentry).failures(DEPLOYED, NOW, MINUTE, release=RELEASE)
    assert sum(tally.failed for tally in counted.tallies) == 4
    assert "/api/0/organizations/acme/events-stats/" in [seen.path for seen in sentry.seen]


def test_a_server_that_cannot_count_says_so(sentry):
    send(sentry, SCENE[0])
    for path in ("*/events-timeseries/", "*/events-stats/"):
        sentry.faults.add(Fault("GET", path, html=True, status=404, times=None))
    assert source(sentry).failures(DEPLOYED, NOW, MINUTE, release=RELEASE) is None


def test_of_a_narrowed_search_there_are_no_counts(sentry):
    send(sentry, SCENE[0])
    assert source(sentry, narrowed="level:error").failures(DEPLOYED, NOW, MINUTE, release=None) is None


# --- endpoints -----------------------------------------------------------------------------------------------------------


def ask(sentry: StandIn, name: str, *, failed: int, of: int, release: str = RELEASE, environment: str = ENVIRONMENT) -> None:
    """So many requests to an endpoint, as an SDK tells of them."""
    sdk = sentry_sdk.Client(dsn=sentry.dsn("shop"), release=release, environment=environment, default_integrations=False)
    for number in range(of):
        status = "internal_error" if number < failed else "ok"
        trace = {"trace_id": f"{number:032x}", "span_id": f"{number:016x}", "op": "http.server", "status": status}
        at = after(minutes=1 + 3 * number / of).isoformat()
        times = {"start_timestamp": at, "timestamp": at}
        sdk.capture_event({"type": "transaction", "transaction": name, "contexts": {"trace": trace}, "spans": [], **times})
    sdk.close(timeout=5)


HOSTILE = ["POST /checkout", "GET /files/*", 'say "hi" OR (a:b)', r"App\Cart\*", "überall/日本", "[a,b]", "a, b OR c", "x\\"]


def test_the_requests_to_each_endpoint_are_those_of_this_release_here_by_whatever_name(sentry):
    for number, name in enumerate(HOSTILE):
        ask(sentry, name, failed=number, of=20)
        ask(sentry, name + "2", failed=9, of=9)
    ask(sentry, HOSTILE[0], failed=50, of=60, release=EARLIER)
    ask(sentry, HOSTILE[0], failed=50, of=60, environment="staging")
    counted = source(sentry).endpoints(HOSTILE, DEPLOYED, NOW)
    assert counted == tuple(
        sorted((EndpointTally(name, 20, n, 20) for n, name in enumerate(HOSTILE)), key=lambda one: one.endpoint)
    )


def test_requests_are_counted_of_the_release_alone_and_of_all(sentry):
    ask(sentry, "GET /", failed=1, of=4)
    ask(sentry, "GET /", failed=2, of=12, release=EARLIER)
    looking = source(sentry)
    counted = [looking.failures(DEPLOYED, NOW, MINUTE, release=release).tallies for release in (RELEASE, None)]
    assert [(sum(one.failed for one in found), sum(one.total or 0 for one in found)) for found in counted] == [(1, 4), (3, 16)]


def test_an_endpoint_that_nobody_asked_is_not_told_of(sentry):
    ask(sentry, "GET /", failed=0, of=3)
    assert source(sentry).endpoints(("POST /checkout",), DEPLOYED, NOW) == ()


def test_what_is_extrapolated_is_told_as_such(sentry):
    ask(sentry, "GET /", failed=2, of=4)

    def sampled(answer):
        for line in answer["timeSeries"]:
            for value in line["values"]:
                value |= {"value": value["value"] * 10, "sampleRate": 0.1, "confidence": "low"}
        return answer

    sentry.faults.add(Fault("GET", "*/events-timeseries/", change=sampled))
    assert source(sentry).endpoints(("GET /",), DEPLOYED, NOW) == (EndpointTally("GET /", 40, 20, 4),)


@pytest.mark.parametrize("dialect", ["sentry-23.7.1", "sentry-9.1.2", "glitchtip"])
def test_an_old_or_another_server_cannot_tell_of_endpoints(dialect):
    with StandIn(organization="acme", projects=("shop",), now=FakeClock(NOW).now, dialect=dialect) as old:
        assert source(old).endpoints(("GET /",), DEPLOYED, NOW) is None


def test_an_event_says_which_endpoint_it_is_of(sentry):
    for happening in (Happening("FRESH", after(minutes=1), endpoint="POST /checkout"), Happening("FRESH", after(minutes=2))):
        send(sentry, happening)
    looking = source(sentry)
    events = looking.event_times(looking.new_issues(DEPLOYED)[0], DEPLOYED).events
    assert sorted(str(event.endpoint) for event in events) == ["None", "POST /checkout"]


# --- trouble ---------------------------------------------------------------------------------------------------------------


def test_a_wrong_token(sentry):
    with pytest.raises(SentryAuthError):
        source(sentry, token="sntryu_" + "0" * 64).new_issues(DEPLOYED)


@pytest.mark.parametrize("fault", [{"cut": True}, {"status": 503}, {"html": True, "status": 502}])
def test_one_bad_answer_is_asked_for_again_and_two_are_no_empty_list(sentry, fault):
    for happening in SCENE:
        send(sentry, happening)
    looking = source(sentry)
    sentry.faults.add(Fault("GET", "*/issues/", times=1, **fault))
    assert len(looking.new_issues(DEPLOYED)) == 1
    sentry.faults.add(Fault("GET", "*/issues/", times=2, **fault))
    with pytest.raises(SentryUnavailable):
        looking.new_issues(DEPLOYED)
    sentry.faults.add(Fault("GET", "*/events/", times=2, **fault))
    with pytest.raises(SentryUnavailable):
        looking.event_times(known(looking), DEPLOYED)
