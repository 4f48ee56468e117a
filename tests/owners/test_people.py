"""People under many names, and the humans behind robots."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.model import Commit, Person
from deploywatch.owners.authorship import human_behind, humans_behind, is_robot
from deploywatch.owners.people import Identity, People, read_mailmap

ANN = Identity("Ann Lee", ("ann@example.org",), github="annlee")
PEOPLE = People(
    [
        ANN,
        Identity(emails=("Ann@Example.org", "ann@old.example.org"), sentry="7"),
        Identity(emails=("99+annlee@users.noreply.github.com",), slack="U1"),
        Identity("Bob Ray", ("bob@example.org",), gitlab="bob"),
        Identity("Sam Doe", ("sam@a.example.org",)),
        Identity("Sam Doe", ("sam@b.example.org",)),
        Identity("cher", ("cher@example.org",)),
    ]
)


def test_what_is_shared_joins_identities():
    ann = PEOPLE.identities[0]
    assert (ann.name, ann.github, ann.slack, ann.sentry) == ("Ann Lee", "annlee", "U1", "7")
    assert set(ann.emails) == {"ann@example.org", "Ann@Example.org", "ann@old.example.org", "99+annlee@users.noreply.github.com"}
    assert len(PEOPLE.identities) == 5


MATCHES = [
    (Person("x", "ANN@old.example.org"), "Ann Lee", "e-mail ANN@old.example.org", True),
    (Person("x", "12345+AnnLee@users.noreply.github.com"), "Ann Lee", "GitHub handle AnnLee", True),
    (Person("x", "annlee@users.noreply.github.com"), "Ann Lee", "GitHub handle annlee", True),
    (Person("x", "7-bob@users.noreply.gitlab.com"), "Bob Ray", "GitLab handle bob", True),
    (Person("bob  ray", "new@laptop.local"), "Bob Ray", "name bob  ray", False),
]


@pytest.mark.parametrize(("person", "name", "by", "certain"), MATCHES)
def test_people_of_git_are_found(person, name, by, certain):
    match = PEOPLE.match(person)
    assert match is not None
    assert (match.identity.name, match.by, match.is_certain) == (name, by, certain)


@pytest.mark.parametrize(
    "person", [Person("Sam Doe", "sam@laptop.local"), Person("cher", "c@laptop.local"), Person("No One", "")]
)
def test_a_name_that_several_have_or_that_is_no_full_name_finds_nobody(person):
    assert PEOPLE.match(person) is None


OWNERS = [
    ("@annlee", "Ann Lee"),
    ("@Bob", "Bob Ray"),
    ("bob@example.org", "Bob Ray"),
    ("@org/team", None),
    ("#team", None),
    ("@nobody", None),
]


@pytest.mark.parametrize(("owner", "name"), OWNERS)
def test_owners_of_owner_files_are_found(owner, name):
    match = PEOPLE.owner(owner)
    assert (match.identity.name if match else None) == name


def test_how_people_are_named():
    assert PEOPLE.name(Person("x", "ann@example.org")) == "@annlee"
    assert PEOPLE.name(Person("x", "sam@a.example.org")) == "sam@a.example.org"
    assert PEOPLE.name(Person("New Hand", "new@example.org")) == "new@example.org"


def test_a_mailmap_joins_addresses():
    text = "# people\nAnn Lee <ann@x.org> <ann@old.org>\n<bob@x.org> <bob@old.org>\nAnn Lee <ann@x.org> A. Lee <al@y.org> # again\nnonsense\n"
    people = People(read_mailmap(text))
    assert [(identity.name, identity.emails) for identity in people.identities] == [
        ("Ann Lee", ("ann@x.org", "ann@old.org", "al@y.org")),
        (None, ("bob@x.org", "bob@old.org")),
    ]


HANDLES = st.sampled_from(["a", "b", "c"])
MAILS = st.sampled_from(["a@x.org", "b@x.org", "c@x.org", "1+a@users.noreply.github.com"])
IDENTITIES = st.lists(
    st.builds(
        Identity,
        emails=st.lists(MAILS, max_size=2, unique=True).map(tuple),
        github=st.none() | HANDLES,
        slack=st.none() | HANDLES,
    )
)


@given(IDENTITIES)
def test_nothing_is_lost_and_nothing_shared_stays_apart(identities):
    people = People(identities)
    for identity in identities:
        for email in identity.emails:
            match = people.match(Person("x", email))
            assert match is not None
            assert email in match.identity.emails
    addresses = [email for identity in people.identities for email in identity.emails]
    assert len(addresses) == len(set(addresses))


HUMAN, ROBOT, WEB = (
    Person("Ann Lee", "ann@x.org"),
    Person("renovate[bot]", "1+renovate[bot]@users.noreply.github.com"),
    Person("GitHub", "noreply@github.com"),
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def commit(author: Person, committer: Person, message: str = "m", co_authors: tuple[Person, ...] = ()) -> Commit:
    return Commit("a" * 40, (), author, committer, NOW, NOW, message, co_authors=co_authors)


BOB = Person("Bob", "bob@x.org")
BEHIND = [
    ("a human", commit(HUMAN, HUMAN), HUMAN, "author"),
    ("merged on the web", commit(HUMAN, WEB), HUMAN, "author"),
    ("a robot's squash", commit(ROBOT, WEB, co_authors=(HUMAN,)), HUMAN, "co-author"),
    ("robots help humans too", commit(HUMAN, WEB, co_authors=(ROBOT,)), HUMAN, "author"),
    ("a merge queue", commit(Person("Mergify", "37929162+mergify[bot]@users.noreply.github.com"), WEB, co_authors=(ROBOT, BOB)), BOB, "co-author"),
    ("bors", commit(Person("bors", "bors@rust-lang.org"), Person("bors", "bors@rust-lang.org"), "Merge #1\n\nSigned-off-by: Bob <bob@x.org>"), BOB, "signed-off-by"),
    ("a merge button", commit(WEB, WEB, "Merge pull request #12 from annlee/fix\n\nFix"), Person("annlee", "annlee@users.noreply.github.com"), "merged branch"),
    ("applied by a human", commit(ROBOT, BOB), BOB, "committer"),
    ("robots only", commit(ROBOT, WEB), None, None),
]  # fmt: skip


@pytest.mark.parametrize(("made", "person", "known_by"), [case[1:] for case in BEHIND], ids=[case[0] for case in BEHIND])
def test_the_human_behind_a_commit(made, person, known_by):
    human = human_behind(made)
    assert (human.person if human else None, human.known_by if human else None) == (person, known_by)


def test_all_humans_are_named_once():
    made = commit(HUMAN, BOB, "m\n\nSigned-off-by: Ann Lee <ANN@x.org>", co_authors=(BOB, ROBOT))
    assert [human.person.name for human in humans_behind(made)] == ["Ann Lee", "Bob"]


def test_configured_robots_count():
    deployer = Person("Deploy Robot", "deploy@x.org")
    assert not is_robot(deployer)
    assert is_robot(deployer, ["deploy@X.org"])
    assert human_behind(commit(deployer, deployer), ["deploy robot"]) is None
