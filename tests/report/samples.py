"""Made-up values of the nouns that a report is made of: one realistic incident, and the degenerate ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deploywatch.model import (
    Bucket,
    ChangeType,
    CodeExcerpt,
    CodeLine,
    Commit,
    CommitWindow,
    Contributor,
    Event,
    Evidence,
    FailingService,
    FileChange,
    Finding,
    Frame,
    Issue,
    Link,
    MappedFrame,
    Owner,
    OwnerStep,
    Person,
    Raised,
    Ranking,
    RankingVerdict,
    Rate,
    Regression,
    RegressionKind,
    Report,
    Request,
    Revert,
    RevertOutcome,
    RuleRef,
    Severity,
    StackTrace,
    Suspect,
    Verdict,
    WatchResult,
)
from deploywatch.report.build import Setting, build_report

DEPLOYED = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BASE = "2f6d0c5c9d5f4b1f8a51b9e7d8c3a0b1c2d3e4f5"
HEAD = "9c1e44ab03d7f2b6a85c0d9e7f61b2a3c4d5e6f7"
REMOTE = "https://github.com/acme/shop"

ANA = Person("Ana Bell", "ana@acme.example")
TOM = Person("Tomás Ruiz", "tomas@acme.example")
BOT = Person("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")


def commit(
    sha: str, message: str, author: Person = ANA, *, path: str = "shop/checkout.py", pull_request: int | None = None
) -> Commit:
    """A commit of one file, written two hours before the deploy."""
    at = DEPLOYED - timedelta(hours=2)
    files = (FileChange(ChangeType.MODIFIED, path),)
    return Commit(sha * 5, ("1" * 40,), author, author, at, at, message, files, pull_request=pull_request)


CURRENCY = commit(
    "4be1a90c", "Read the currency from the cart, not from the shop (#128)\n\nOne cart, one currency.", pull_request=128
)
CACHE = commit("77d0e2f3", "Cache price lists for a minute (#131)", TOM, path="shop/prices.py", pull_request=131)
BUMP = commit("c05519aa", "Bump httpx from 0.27 to 0.28", BOT, path="requirements.txt")


def raising_line_evidence() -> tuple[Evidence, ...]:
    """What the signals would say about CURRENCY, strongest first, one of them against it."""
    return (
        Evidence(
            "raising_line",
            3.1,
            "The line that raised, shop/checkout.py:42, was last changed by this commit.",
            file="shop/checkout.py",
            line=42,
            hunk="@@ -40,2 +40,3 @@",
            frame=0,
            removed=('    currency = shop["currency"]', "    total = price(cart, currency)"),
            added=("    # one cart, one currency", "    lines = cart.lines()", '    currency = cart["currency"]'),
        ),
        Evidence(
            "message",
            1.2,
            "The error names 'currency', and the commit added a line that reads it.",
            file="shop/checkout.py",
            line=42,
        ),
        Evidence("function", 0.6, "It changed checkout(), which is on the stack.", file="shop/checkout.py", line=38, frame=0),
        Evidence("size", -0.3, "It touched 9 files; a large change explains any one failure a little less."),
    )


def suspects() -> tuple[Suspect, ...]:
    """Three suspects that leave 0.02 for "none of these"."""
    near = Evidence(
        "nearest_hunk", 0.4, "Its nearest hunk is in a file of the stack, 55 lines away.", file="shop/prices.py", line=12, frame=1
    )
    return (
        Suspect(1, CURRENCY, 0.93, raising_line_evidence(), (Contributor(ANA, "author", "@ana-bell"),)),
        Suspect(2, CACHE, 0.04, (near,)),
        Suspect(3, BUMP, 0.01, (Evidence("dependency", 0.1, "It changed the requirements, and no frame is in httpx."),)),
    )


def frames() -> tuple[Frame, ...]:
    """Oldest call first, as Raised holds them."""
    return (
        Frame("werkzeug/serving.py", 363, "run_wsgi", in_app=False),
        Frame("shop/app.py", 88, "dispatch", in_app=True),
        Frame("shop/checkout.py", 42, "checkout", in_app=True, context_line='    currency = cart["currency"]'),
    )


def mapped_frames() -> tuple[MappedFrame, ...]:
    """The same frames in the order of ``StackTrace.frames``."""
    app, dispatch, raising = frames()
    return (
        MappedFrame(0, raising, "shop/checkout.py", True, "exact", 42),
        MappedFrame(1, dispatch, "shop/app.py", True, "exact", 88),
        MappedFrame(2, app, None, False, "library", 363),
    )


def ranking(verdict: RankingVerdict = RankingVerdict.SUSPECT) -> Ranking:
    """A ranking of each verdict; the probabilities add up to 1."""
    if verdict is RankingVerdict.SUSPECT:
        return Ranking(
            BASE, HEAD, 17, verdict, suspects(), 0.02, mapped_frames(), (), ("2 merge commits brought nothing of their own.",)
        )
    if verdict is RankingVerdict.UNSURE:
        leads = (
            Suspect(
                1,
                CACHE,
                0.41,
                (Evidence("file", 0.5, "It changed shop/prices.py, which is on the stack.", file="shop/prices.py"),),
            ),
            Suspect(
                2,
                CURRENCY,
                0.33,
                (Evidence("file", 0.4, "It changed shop/checkout.py, which is on the stack.", file="shop/checkout.py"),),
            ),
        )
        return Ranking(BASE, HEAD, 17, verdict, leads, 0.26, mapped_frames())
    return Ranking(
        BASE,
        HEAD,
        17,
        verdict,
        (Suspect(1, BUMP, 0.08),),
        0.92,
        mapped_frames(),
        ("No frame of the stack maps to a file at head.",),
    )


def buckets() -> tuple[Bucket, ...]:
    """Ten minutes before the deploy and fifteen after, breaking two minutes after it."""
    counts = (0,) * 12 + (9, 27, 38, 44, 41, 47, 39, 43, 45, 40, 42, 44, 41)
    return tuple(Bucket(DEPLOYED + MINUTE * (index - 10), MINUTE, count) for index, count in enumerate(counts))


def issue(number: int = 1, **changes: object) -> Issue:
    """Sentry's issue SHOP-<number>."""
    made = Issue(
        id=f"45{number}",
        short_id=f"SHOP-{number}",
        title="KeyError: 'currency'",
        culprit="shop.checkout in checkout",
        project="shop",
        permalink=f"https://acme.sentry.io/issues/45{number}/",
        level="error",
        status="unresolved",
        substatus="new",
        is_unhandled=True,
        count=541,
        user_count=318,
        first_seen=DEPLOYED + timedelta(minutes=2, seconds=11),
        last_seen=DEPLOYED + timedelta(minutes=15),
        first_release="shop@1.4.0",
        last_release="shop@1.4.0",
        error_type="KeyError",
        error_value="'currency'",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def event() -> Event:
    """The latest event of SHOP-1."""
    return Event(
        id="0f5a7f2f6d0c4c5c9d5f4b1f8a51b9e7",
        stacktrace=StackTrace((Raised("KeyError", "'currency'", frames()),), "python"),
        transaction="POST /checkout",
        release="shop@1.4.0",
        environment="production",
        occurred_at=DEPLOYED + timedelta(minutes=14),
        request=Request("POST", "https://shop.example/checkout"),
        trace_id="771a43a4192642f0b136d5159a501700",
    )


def owner() -> Owner:
    """Decided by CODEOWNERS line 7, which outranked line 1."""
    everyone = RuleRef("CODEOWNERS", 1, "*", ("@acme/shop",))
    rule = RuleRef("CODEOWNERS", 7, "/shop/checkout*", ("@acme/payments", "@ana-bell"))
    why = "CODEOWNERS line 7 gives shop/checkout.py to them; it comes after line 1, and the last match wins."
    steps = (OwnerStep("service", "the failure belongs to none of the services"), OwnerStep("raising-frame", why))
    return Owner(rule.owners, why, "shop/checkout.py", rule, (everyone,), steps)


def fallback_owner() -> Owner:
    """No rule matched."""
    why = "No line of CODEOWNERS matches, so it is the default owner of deploywatch.toml."
    service = FailingService("basket", "project shop", "holds what people want to buy", "Shop")
    return Owner(("@acme/on-call",), why, steps=(OwnerStep("fallback", why),), service=service)


def regression(**changes: object) -> Regression:
    """The KeyError of POST /checkout."""
    made = Regression(
        kind=RegressionKind.NEW,
        severity=Severity.CRITICAL,
        issue=issue(),
        rate=Rate(0.0, 41.2),
        why="First seen 2 minutes after the deploy and never in an earlier release.",
        event=event(),
        buckets=buckets(),
        ranking=ranking(),
        owner=owner(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def excerpt() -> CodeExcerpt:
    """shop/checkout.py around line 42 at head."""
    source = (
        "",
        "def checkout(cart, shop):",
        '    """Take the money for a cart."""',
        "    # one cart, one currency",
        "    lines = cart.lines()",
        '    currency = cart["currency"]',
        "    total = sum(price(line, currency) for line in lines)",
        "    if total <= 0:",
        "        raise EmptyCart(cart.id)",
        "    return pay(total, currency)",
    )
    return CodeExcerpt("shop/checkout.py", tuple(CodeLine(37 + at, text, 37 + at == 42) for at, text in enumerate(source)))


def regressions() -> tuple[Regression, ...]:
    """Four, in no particular order: two of one commit, one unsure, one that nothing explains."""
    cart = regression(
        severity=Severity.HIGH,
        issue=issue(2, title="TypeError: unsupported operand type(s)", error_type="TypeError", count=88, user_count=61),
        rate=Rate(0.2, 6.1),
        kind=RegressionKind.SPIKING,
        why="30 times as many events a minute as in the hour before the deploy.",
        event=replace(event(), transaction="GET /cart/{id}", request=Request("GET", "https://shop.example/cart/9")),
        buckets=(),
    )
    mail = regression(
        severity=Severity.MEDIUM,
        issue=issue(3, title="TimeoutError: smtp did not answer", error_type="TimeoutError", count=12, user_count=None),
        rate=Rate(None, 0.8),
        ranking=ranking(RankingVerdict.UNSURE),
        owner=fallback_owner(),
        event=replace(event(), transaction="send_receipt", request=None),
    )
    stray = regression(
        severity=Severity.LOW,
        issue=issue(4, title="ValueError: bad postcode", error_type="ValueError", count=3, user_count=2),
        rate=Rate(0.0, 0.2),
        ranking=ranking(RankingVerdict.NONE),
        event=None,
        buckets=(),
    )
    return (stray, cart, mail, regression())


def watch_result(**changes: object) -> WatchResult:
    """Fifteen minutes after the deploy of shop@1.4.0."""
    made = WatchResult(
        release="shop@1.4.0",
        environment="production",
        verdict=Verdict.REGRESSION,
        why="4 issues first seen in shop@1.4.0, the worst with 41 events a minute.",
        started_at=DEPLOYED,
        ended_at=DEPLOYED + timedelta(minutes=15),
        regressions=regressions(),
        events_seen=644,
        polls=60,
        blind_spots=("No request counts: the rate is in events a minute, not a share of requests.",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def revert(outcome: RevertOutcome = RevertOutcome.CONFLICTS, **changes: object) -> Revert:
    """How to undo CURRENCY: a later commit stands in the way."""
    command = f"git revert --no-edit {CURRENCY.sha}"
    if outcome is not RevertOutcome.CONFLICTS:
        return replace(Revert(outcome, HEAD, command), **changes)  # type: ignore[arg-type]
    both = f"git revert --no-edit {CACHE.sha} {CURRENCY.sha}"
    made = Revert(outcome, HEAD, both, (CACHE,), with_later=True, conflicts=("shop/checkout.py",))
    return replace(made, **changes)  # type: ignore[arg-type]


def finding(**changes: object) -> Finding:
    """The finding of the KeyError, complete."""
    links = (
        Link("Issue SHOP-1", "https://acme.sentry.io/issues/451/"),
        Link(f"Commit {CURRENCY.short_sha}", f"{REMOTE}/commit/{CURRENCY.sha}"),
        Link("Pull request #128", f"{REMOTE}/pull/128"),
    )
    made = Finding(regression(), "POST /checkout", excerpt(), f"git revert --no-edit {CURRENCY.sha}", links, revert())
    return replace(made, **changes)  # type: ignore[arg-type]


def bare_regression() -> Regression:
    """Everything optional missing."""
    empty = Issue("9", "SHOP-9", "(no title)", None, "shop")
    return Regression(RegressionKind.NEW, Severity.LOW, empty, Rate(None, 0.1), "First seen in this release.")


def bare_report() -> Report:
    """A regression of which nearly nothing is known."""
    return Report("shop@1.4.0", None, Verdict.REGRESSION, "1 new issue.", DEPLOYED, findings=(Finding(bare_regression()),))


def healthy_report() -> Report:
    """Watched long enough, nothing found."""
    return Report(
        "shop@1.4.0",
        "production",
        Verdict.HEALTHY,
        "15 minutes, 2,310 events seen, no new issue.",
        DEPLOYED + timedelta(minutes=15),
        base=BASE,
        head=HEAD,
        commits=17,
        deployed_at=DEPLOYED,
        watched=timedelta(minutes=15),
    )


def inconclusive_report() -> Report:
    """Could not see enough."""
    return replace(
        healthy_report(),
        verdict=Verdict.INCONCLUSIVE,
        why="Sentry stopped answering after 4 of 15 minutes.",
        watched=timedelta(minutes=4),
        not_visible=("Nothing after 14:09 UTC: Sentry answered 503.", "No event of any release has reached this environment."),
    )


def report(**changes: object) -> Report:
    """The whole incident as build_report makes it."""
    window = CommitWindow(
        BASE, HEAD, (CURRENCY, CACHE, BUMP, *(commit(f"{number:08x}", f"Change {number}") for number in range(14)))
    )
    setting = Setting(
        made_at=DEPLOYED + timedelta(minutes=15, seconds=20),
        window=window,
        deployed_at=DEPLOYED,
        remote_url=f"{REMOTE}.git",
        excerpts={"451": excerpt()},
        reverts={CURRENCY.sha: revert()},
    )
    return replace(build_report(watch_result(), setting), **changes)  # type: ignore[arg-type]
