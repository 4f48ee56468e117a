"""Each verdict from plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploywatch.doctor.channels import channel_findings
from deploywatch.doctor.code import Clone, Coverage, clone_findings, mapping_findings, owner_findings
from deploywatch.doctor.finding import Code
from deploywatch.doctor.server import Answering, clock_findings, doubts, server_findings
from deploywatch.doctor.token import NEEDS, scope_findings
from deploywatch.doctor.traffic import Bearing, Proposal, environment_findings, naming_findings, no_project, project_findings
from deploywatch.model import Frame, MappedFrame

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SHA = "e64a778a95f15cf5c07a844c91a75ea4917dbba7"
WEEKS = timedelta(days=14)


def codes(findings) -> list[Code]:
    return [finding.code for finding in findings]


# --- the server and the clock --------------------------------------------------------------------------------------------


def test_a_server_tells_who_it_is_and_what_it_lacks() -> None:
    plain, lacks = server_findings(Answering("https://s", "GlitchTip", "5.2", timedelta(seconds=0.0421), ("deploys", "sessions")))
    assert plain.text == "https://s answers as GlitchTip 5.2, within 42 ms"
    assert (lacks.code, lacks.text) == (Code.SENTRY_LACKS, "this server has no deploys, sessions")
    (unknown,) = server_findings(Answering("https://s", "", "", timedelta(0)))
    assert "of a version that it does not tell" in unknown.text


@pytest.mark.parametrize(("region", "told"), [(None, False), ("https://sentry.io", False), ("https://de.sentry.io", True)])
def test_another_region_is_told_with_its_address(region: str | None, told: bool) -> None:
    found = list(server_findings(Answering("https://sentry.io", "sentry.io", "", timedelta(0), region=region)))
    assert (Code.SENTRY_REGION in codes(found)) is told
    assert not told or "https://de.sentry.io" in found[-1].fix


def test_what_is_odd_about_the_connection_is_told() -> None:
    assert codes(doubts(["http://s is not encrypted"])) == [Code.SENTRY_DOUBTFUL]


@pytest.mark.parametrize(
    ("skew", "code", "says"),
    [
        (None, Code.CLOCK_UNTOLD, "no date"),
        (timedelta(seconds=-44), Code.CLOCK_RIGHT, "agrees"),
        (timedelta(seconds=90), Code.CLOCK_WRONG, "1m30s behind Sentry's"),
        (timedelta(hours=-2), Code.CLOCK_WRONG, "2h ahead of Sentry's"),
    ],
)
def test_the_clocks(skew: timedelta | None, code: Code, says: str) -> None:
    (finding,) = clock_findings(skew)
    assert finding.code is code
    assert says in finding.text


# --- the token -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.scopes[0])
def test_each_scope_that_is_missing_is_named_with_what_it_costs(need) -> None:
    everything = {scope for one in NEEDS for scope in one.scopes}
    found = list(scope_findings(everything - set(need.scopes), "SENTRY_AUTH_TOKEN", comments=False, organisation_token=False))
    lost = next(finding for finding in found if finding.code is not Code.SCOPE_GRANTED)
    assert lost.code is (Code.SCOPE_MISSING if need.required else Code.SCOPE_OPTIONAL)
    assert need.without in lost.text
    assert lost.fix == f"give the token of SENTRY_AUTH_TOKEN the scope {need.scopes[0]}"


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.scopes[0])
def test_any_scope_of_a_need_will_do(need) -> None:
    for scope in need.scopes:
        found = scope_findings({scope}, "x", comments=False, organisation_token=False)
        assert any(finding.text == f"may {need.what} ({scope})" for finding in found)


def test_comments_are_needed_where_a_channel_writes_them() -> None:
    held = {"project:releases", "event:read"}
    assert Code.SCOPE_MISSING not in codes(scope_findings(held, "x", comments=False, organisation_token=False))
    (lost,) = [f for f in scope_findings(held, "x", comments=True, organisation_token=False) if f.code is Code.SCOPE_MISSING]
    assert "event:write" in lost.fix


def test_an_organisation_token_cannot_be_given_scopes() -> None:
    found = list(scope_findings({"org:ci"}, ".sentryclirc", comments=False, organisation_token=True))
    assert codes(found)[:2] == [Code.SCOPE_GRANTED, Code.SCOPE_MISSING]
    assert found[1].fix == "use the token of a user or of an internal integration"


def test_a_server_that_does_not_tell_scopes() -> None:
    assert codes(scope_findings(None, "x", comments=True, organisation_token=False)) == [Code.SCOPE_UNTOLD]


# --- what Sentry knows ----------------------------------------------------------------------------------------------------


def test_a_project_that_is_spelled_differently() -> None:
    (finding,) = project_findings("shopp", ["shop", "web"], found=False, organisation="acme")
    assert (finding.code, finding.fix) == (Code.PROJECT_UNKNOWN, "write shop")
    (hidden,) = project_findings("other", None, found=False, organisation="acme")
    assert "its projects cannot be listed" in hidden.text
    (there,) = project_findings("shop", None, found=True, organisation="acme")
    assert there.code is Code.PROJECT_FOUND
    assert no_project().code is Code.PROJECT_UNNAMED


@pytest.mark.parametrize(
    ("name", "known", "newest", "code", "says"),
    [
        (None, ["prod"], None, Code.ENVIRONMENT_UNNAMED, "it knows prod"),
        ("prod", None, NOW - timedelta(minutes=5), Code.ENVIRONMENT_SEEN, "5m ago"),
        ("production", ["prod", "staging"], None, Code.ENVIRONMENT_UNKNOWN, "prod, staging"),
        ("prod", ["prod"], None, Code.ENVIRONMENT_SILENT, "in the last 14d"),
        ("prod", None, None, Code.ENVIRONMENT_SILENT, "in the last 14d"),
    ],
)
def test_the_environment(name, known, newest, code: Code, says: str) -> None:
    (finding,) = environment_findings(name, known, newest, now=NOW, within=WEEKS)
    assert finding.code is code
    assert says in finding.text


def test_an_environment_that_is_spelled_differently() -> None:
    (finding,) = environment_findings("Production", ["production"], None, now=NOW, within=WEEKS)
    assert finding.fix == "write production"


@pytest.mark.parametrize(
    ("version", "package", "commit", "bearing", "code"),
    [
        ("shop@2", "shop", False, Bearing(3, ("shop@1",)), Code.NAMING_FITS),
        ("shop@2", "shop", False, Bearing(3, ("web@1", "shop@1")), Code.NAMING_FITS),
        ("shop@2", "shop", False, Bearing(3, ("web@1",)), Code.NAMING_DIFFERS),
        ("shop@2", "shop", False, Bearing(3, (SHA,)), Code.NAMING_DIFFERS),
        (SHA, None, True, Bearing(3, (SHA[::-1],)), Code.NAMING_FITS),
        (SHA, None, True, Bearing(3, ("1.2.3",)), Code.NAMING_DIFFERS),
        (SHA, None, True, Bearing(3, (f"shop@{SHA}",)), Code.NAMING_DIFFERS),
        (f"shop@{SHA}", "shop", True, Bearing(3, (f"shop@{SHA[::-1]}",)), Code.NAMING_FITS),
        ("1.2.4", None, False, Bearing(3, ("1.2.3",)), Code.NAMING_FITS),
        ("shop@2", "shop", False, Bearing(3), Code.NAMING_MISSING),
        ("shop@2", "shop", False, Bearing(0), Code.NAMING_UNTOLD),
        ("shop@2", "shop", False, None, Code.NAMING_UNTOLD),
    ],
)
def test_whether_events_and_release_will_meet(version, package, commit, bearing, code: Code) -> None:
    (finding,) = naming_findings(Proposal(version, "HEAD", package, commit), bearing)
    assert finding.code is code
    assert version in finding.text


def test_doubts_about_the_name_are_told_too() -> None:
    found = naming_findings(Proposal("1.2", "X", None, commit=False, doubts=("no package",)), None)
    assert codes(found) == [Code.NAMING_DOUBTFUL, Code.NAMING_UNTOLD]


# --- the code ------------------------------------------------------------------------------------------------------------


def test_a_cut_clone_is_told_with_the_advice_for_this_place() -> None:
    (cut,) = clone_findings(Clone("shop", SHA, 1, shallow=True, advice="fetch-depth: 0"))
    assert (cut.code, cut.fix) == (Code.REPOSITORY_CUT, "fetch-depth: 0")
    (whole,) = clone_findings(Clone("shop", SHA, 12, shallow=False, advice=""))
    assert whole.text == "shop is at e64a778a95 with its whole history (12 commits)"


def mapped(path: str, file: str | None, how: str = "suffix", *, in_app: bool | None = True) -> MappedFrame:
    frame = Frame(function="f", path=path, abs_path=f"/srv/{path}", line=1, in_app=in_app)
    return MappedFrame(0, frame, file, in_app=in_app is True and file is not None, mapped_by=how, line=1)


@pytest.mark.parametrize(
    ("frames", "code", "says"),
    [
        ([mapped("a.py", "a.py"), mapped("flask/x.py", None, "library", in_app=False)], Code.MAPPING_WHOLE, "all 1 frames"),
        ([mapped("a.py", "a.py"), mapped("b/c.py", None, "none")], Code.MAPPING_PARTIAL, "1 of 2 frames"),
        ([mapped("b/c.py", None, "ambiguous", in_app=None)], Code.MAPPING_PARTIAL, "/srv/b/c.py"),
        ([mapped("flask/x.py", None, "library", in_app=None)], Code.MAPPING_UNTOLD, "no frame of the application"),
        ([], Code.MAPPING_UNTOLD, "SHOP-1"),
    ],
)
def test_where_frames_lead(frames, code: Code, says: str) -> None:
    (finding,) = mapping_findings(frames, "SHOP-1")
    assert finding.code is code
    assert says in finding.text
    assert code is not Code.MAPPING_PARTIAL or "--code-root /srv/b=FOLDER" in finding.fix


def test_owners() -> None:
    (missing,) = owner_findings(None, ("CODEOWNERS",))
    assert (missing.code, "(CODEOWNERS)" in missing.text) == (Code.OWNERS_MISSING, True)
    (whole,) = owner_findings(Coverage("CODEOWNERS", 4, 4))
    assert whole.code is Code.OWNERS_WHOLE
    wrong, partial = owner_findings(Coverage("CODEOWNERS", 1, 4, ("line 2: bad pattern",)))
    assert (wrong.code, partial.code) == (Code.OWNERS_WRONG, Code.OWNERS_PARTIAL)
    assert "(25%)" in partial.text
    (empty,) = owner_findings(Coverage("CODEOWNERS", 0, 0))
    assert empty.code is Code.OWNERS_WHOLE


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"what": "https://h", "failed": "", "untold": ""}, Code.CHANNEL_REACHED),
        ({"what": "https://h", "failed": "unknown host", "untold": ""}, Code.CHANNEL_UNREACHABLE),
        ({"what": "", "failed": "", "untold": "it has no address"}, Code.CHANNEL_UNTOLD),
    ],
)
def test_channels(given: dict[str, str], code: Code) -> None:
    (finding,) = channel_findings("team", "slack", **given)
    assert finding.code is code
    assert "team (slack)" in finding.text
