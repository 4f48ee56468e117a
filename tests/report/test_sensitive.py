"""The samples look real and are put together at run time, so that no scanner takes this file for a leak."""

from __future__ import annotations

import json
import string
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploywatch.report.redact import Redactor
from deploywatch.report.sensitive import is_card_number, is_secret_name

TEXT = Redactor().text
ALNUM = string.ascii_letters + string.digits


def made(length: int, alphabet: str = ALNUM, seed: int = 7) -> str:
    """So many letters and digits that look random, at least one of each kind."""
    random = Random(f"{seed}{length}{alphabet}")
    return (
        "a7" + "".join(random.choices(alphabet, k=length - 2)) if "a" in alphabet else "".join(random.choices(alphabet, k=length))
    )


JWT = ".".join(["ey" + "JhbGciOiJIUzI1NiJ9", "ey" + "JzdWIiOiIxMjM0In0", made(43)])
PEM = "-----BEGIN RSA PRIV" + "ATE KEY-----\n" + made(64) + "\n" + made(30) + "\n-----END RSA PRIV" + "ATE KEY-----"
VISA = "4111" + "1111" * 3
AMEX = "3782" + "822463" + "10005"

SECRETS = {
    "sentry org": "sntrys_" + "ey" + made(60) + "=_" + made(43),
    "sentry user": "sntryu_" + made(64, "0123456789abcdef"),
    "slack bot": "xoxb-" + "123456789012-" * 2 + made(24),
    "slack user": "xoxp-" + "1234567890-" * 3 + made(32),
    "slack rotated": "xoxe.xox" + "p-1-" + made(60),
    "slack app": "xapp-" + "1-A012345-" + made(40),
    "slack webhook": "https://hooks.slack" + ".com/services/T0123ABCD/B0123ABCD/" + made(24),
    "slack workflow": "https://hooks.slack" + ".com/triggers/T0123/123456/" + made(32),
    "discord webhook": "https://discord" + ".com/api/webhooks/123456789012345678/" + made(68),
    "teams webhook": "https://acme.webhook.office" + ".com/webhookb2/" + made(36) + "@" + made(36),
    "github": "ghp_" + made(36),
    "github app": "ghs_" + made(36),
    "github fine": "github_pat_" + made(22) + "_" + made(59),
    "gitlab": "glpat-" + made(20),
    "aws": "AKIA" + "IOSFODNN7EXAMPLE".replace("9", "2"),
    "google": "AIza" + made(35),
    "stripe": "sk_" + "live_" + made(24),
    "openai": "sk-" + "proj-" + made(40),
    "sendgrid": "SG." + made(22) + "." + made(43),
    "npm": "npm_" + made(36),
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + made(60),
    "linear": "lin_api_" + made(40),
    "youtrack": "perm:" + "cm9vdA==.UzAtMA==." + made(30),
    "atlassian": "ATATT3" + "xFfGF0" + made(60),
    "jwt": JWT,
    "terraform": made(14) + ".atlasv1." + made(64),
    "telegram": "123456789:" + "AA" + made(33),
    "telegram address": "https://api.telegram" + ".org/bot123456789:" + "AA" + made(33),
    "hugging face": "hf_" + made(34),
    "databricks": "dapi" + made(32, "0123456789abcdef")[:32],
    "shopify": "shpat_" + made(32, "0123456789abcdef"),
    "square": "sq0atp-" + made(22),
    "google oauth": "GOCSPX-" + made(28),
    "entra": "abc8Q~" + made(34),
    "grafana": "glsa_" + made(32) + "_" + made(8, "0123456789abcdef"),
    "new relic": "NRAK-" + made(27, string.ascii_uppercase + string.digits),
    "docker": "dckr_pat_" + made(27),
    "mailgun": "key-" + made(32, "0123456789abcdef"),
    "twilio": "SK" + made(32, "0123456789abcdef"),
    "age": "AGE-SECRET-KEY-" + "1" + made(58, string.ascii_uppercase),
    "rubygems": "rubygems_" + made(48, "0123456789abcdef"),
    "notion": "ntn_" + made(46),
    "figma": "figd_" + made(40),
    "doppler": "dp.pt." + made(43),
    "supabase": "sbp_" + made(40, "0123456789abcdef"),
    "pulumi": "pul-" + made(40, "0123456789abcdef"),
    "airtable": "pat" + made(14) + "." + made(64, "0123456789abcdef"),
}

PLACES = ["{}", "token={}", "failed with {}.", '"{}"', "url: <{}|x>", "({})", "a\n{}\nb", "`{}`", "header='{}',", "{};x"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SECRETS)
def test_a_token_is_removed_wherever_it_stands(name: str, place: str):
    secret = SECRETS[name]
    clean = TEXT(place.format(secret))
    assert secret[-12:] not in clean
    assert "removed]" in clean


PASSWORD = "Tr0ub4dor" + "&3"
WORD = "correcthorse" + "battery"

IN_CONTEXT = [
    (f"password={PASSWORD}", PASSWORD),
    (f"password = '{WORD} staple'", WORD),
    (f'{{"password": "{WORD}", "user": "bob"}}', WORD),
    (json.dumps(json.dumps({"password": WORD})), WORD),
    (f"{{'db_password': '{WORD}'}}", WORD),
    (f"DB_PASSWORD={WORD}", WORD),
    (f"export SECRET_KEY={WORD}", WORD),
    (f"--api-key={WORD}", WORD),
    (f"psql --password {WORD} -h db", WORD),
    (f"deploy --db-password {WORD}", WORD),
    (f"curl -s -u admin:{WORD} https://x.example", WORD),
    (f"curl --user 'admin:{WORD}' https://x.example", WORD),
    (f"PGPASSWORD={WORD} psql", WORD),
    (f"AccountName=x;AccountKey={made(86)}==;EndpointSuffix=core.windows.net", made(86)),
    (f"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKey={made(43)}=", made(43)),
    (f"connecting with password {PASSWORD}", PASSWORD),
    (f"the password was {PASSWORD}.", PASSWORD[:9]),
    (f"apiKey: '{WORD}'", WORD),
    (f"clientSecret => '{WORD}'", WORD),
    (f"spring.datasource.password={WORD}", WORD),
    (f"password: {PASSWORD}", PASSWORD[:9]),
    (f"session_id={made(32)}", made(32)),
    (f"routing_key: {made(32, '0123456789abcdef')}", made(32, "0123456789abcdef")),
    (f"Authorization: Bearer {made(30)}", made(30)),
    (f"authorization: token {made(30)}", made(30)),
    (f"Authorization: Basic {made(24)}==", made(24)),
    (f"'Authorization': 'Bearer {made(30)}'", made(30)),
    (f"Authorization: {made(30)}", made(30)),
    (f"curl -H 'Authorization: GenieKey {made(36)}'", made(36)),
    (f"sent Bearer {made(30)} to it", made(30)),
    (f"Cookie: sessionid={made(20)}; csrftoken=abc", made(20)),
    (f"Set-Cookie: sid={made(20)}; HttpOnly", made(20)),
    (f"postgres://shop:{WORD}@db.internal:5432/shop", WORD),
    (f"https://bob:{WORD}@example.com/x", WORD),
    (f"https://{made(32, '0123456789abcdef')}@o123.ingest.sentry.io/456", made(32, "0123456789abcdef")),
    (f"amqp://guest:{WORD}@10.0.0.1//", WORD),
    (f"GET https://shop.example/pay?card={WORD}&x=1 failed", WORD),
    (f"GET /pay?card={WORD} HTTP/1.1", WORD),
    (f"at https://shop.example/#/x?email={WORD}", WORD),
    (PEM, made(64)),
    (f"key = '''{PEM}'''", made(30)),
    (json.dumps(PEM), made(64)),
    (PEM[:80], made(64)[:20]),
    ("user bob.smith+x@mail.example.co.uk not found", "bob.smith"),
    ("IntegrityError: Key (email)=(bob@example.com) already exists.", "bob@"),
    ("<bob@example.com>: mailbox full", "bob@"),
    (f"card {VISA} declined", VISA),
    (f"card {' '.join(VISA[i : i + 4] for i in range(0, 16, 4))} declined", VISA[-4:] + " declined"),
    (f"card {'-'.join(VISA[i : i + 4] for i in range(0, 16, 4))}.", VISA[:4]),
    (f"amex {AMEX[:4]} {AMEX[4:10]} {AMEX[10:]}", AMEX[4:10]),
    (f"number={AMEX},", AMEX),
]


@pytest.mark.parametrize(("text", "secret"), IN_CONTEXT)
def test_what_is_secret_by_its_context_is_removed(text: str, secret: str):
    assert secret in text
    clean = TEXT(text)
    assert secret not in clean
    assert "removed]" in clean


SHA = "9c1e44ab03d7f2b6a85c0d9e7f61b2a3c4d5e6f7"

INNOCENT = [
    SHA,
    f"git revert --no-edit {SHA}",
    f"commit {SHA[:10]} by Ana Bell",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7",
    "/srv/app/shop/checkout.py:42",
    'File "/usr/lib/python3.11/site-packages/flask/app.py", line 1478, in __call__',
    r"C:\Users\bob\shop\checkout.py",
    "node_modules/.pnpm/react@18.2.0/node_modules/react/index.js",
    "shop@1.2.3",
    "shop@2.0.0-beta.rc",
    "com.acme.shop@1.2.3+4",
    "logo@2x.png",
    "git@github.com:acme/shop.git",
    "ssh://git@github.com/acme/shop.git",
    "https://github.com/acme/shop/commit/" + SHA,
    "https://shop.example/checkout",
    "KeyError: 'currency'",
    "KeyError: 'token'",
    "missing token",
    "token: expected identifier",
    "SyntaxError: Unexpected token: punc (})",
    "JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    "def login(password: str, token: str | None = None) -> Session:",
    "password = form.password",
    "login(password=form.password, token=token)",
    "token = request.headers['X-Token']",
    "token = get_token(user)",
    "secret=os.environ['SECRET']",
    "passwords = 3",
    "the password must have at least 8 characters",
    "password is required",
    "--password PASSWORD",
    "--token FILE  a file",
    "usage: psql --password --host db",
    "key-value store, key-1",
    "SKU 12345678",
    "curl --user-agent x:y https://shop.example",
    "pul-request",
    "tokenize(text)",
    "compass: north",
    "self.session = Session()",
    "session.add(order)",
    "@app.route('/checkout')",
    "@acme/payments owns it",
    "what? yes=no",
    "a/b ? c : d",
    "2026-11-20T14:05:00.123456Z",
    "1763647500123",
    "0.1.2.3",
    "order 4539578763621485 was not found",
    "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
    "Basic authentication_is_required",
    "rate 3.2 events/min, before 0.1",
    "@@ -40,2 +40,3 @@ def total(cart):",
    "Co-authored-by: Tomás Ruiz",
    "ratio 4000 1234 5678 9011",
    "https://acme.sentry.io/issues/4711/",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_a_report_is_made_of_is_left_alone(text: str):
    assert TEXT(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"password={PASSWORD} user=bob", "password=[secret removed] user=bob"),
        ('{"password": "x y", "user": "bob"}', '{"password": "[secret removed]", "user": "bob"}'),
        ("GET https://shop.example/pay?x=1#top.", "GET https://shop.example/pay?[query removed]"),
        ("at (https://shop.example/pay?x=1), then", "at (https://shop.example/pay?[query removed]), then"),
        ("postgres://me:it@db/shop", "postgres://[credentials removed]@db/shop"),
        ("mail bob@example.com, now", "mail [e-mail address removed], now"),
        ("Authorization: Bearer " + made(30) + "\nHost: x", "Authorization: [credentials removed]\nHost: x"),
    ],
)
def test_only_the_secret_goes_and_the_rest_stays_readable(text: str, clean: str):
    assert TEXT(text) == clean


@pytest.mark.parametrize("text", [text for text, _ in IN_CONTEXT])
def test_json_stays_json(text: str):
    document = json.dumps({"text": text, "next": 1})
    assert json.loads(TEXT(document))["next"] == 1


PIECES = [
    *SECRETS.values(),
    *(text for text, _ in IN_CONTEXT),
    *INNOCENT,
    "[",
    "]",
    "=",
    ":",
    " ",
    "?",
    "@",
    "removed]",
    "'",
    '"',
    "\\",
]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_doing_it_twice_changes_nothing_more(text: str):
    once = TEXT(text)
    assert TEXT(once) == once


@given(st.text())
def test_it_takes_any_text_and_gives_text_that_can_be_written(text: str):
    TEXT(text).encode()


@pytest.mark.parametrize(
    "evil", ["a" * 50_000, "/" * 50_000, "a." * 25_000, "a@" * 25_000, "password" * 6000, "1" * 50_000, "token=" * 8000]
)
def test_long_hostile_text_does_not_take_for_ever(evil: str):
    assert len(TEXT(evil)) <= 20 * len(evil)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        (VISA, True),
        (AMEX, True),
        ("5555" * 3 + "4444", True),
        (VISA[:-1] + "2", False),
        ("1" * 16, False),
        ("0" * 16, False),
        ("4111", False),
    ],
)
def test_is_card_number(digits: str, expected: bool):
    assert is_card_number(digits) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(
            (name, True)
            for name in ("password", "DB_PASSWORD", "api_key", "apiKey", "X-Api-Key", "Authorization", "csrf", "session_id")
        ),
        *((name, False) for name in ("tokens", "tokenize", "key", "user", "passenger", "author", "session", "")),
    ],
)
def test_is_secret_name(name: str, expected: bool):
    assert is_secret_name(name) is expected
