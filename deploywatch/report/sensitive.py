"""What secrets look like in running text: one ``Kind`` each, most specific first.

They are written to leave alone what a report is made of: git hashes, UUIDs, paths, versions, release names, code. The prefixes
are those that the issuers document so that scanners can find their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_PREFIXED: Final = (
    r"sntry[asiu]_[A-Za-z0-9=+/_-]{16,}",  # Sentry: organisation, user, app and integration tokens
    r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}",  # Slack
    r"xapp-\d-[A-Za-z0-9-]{10,}",
    r"gh[opsur]_[A-Za-z0-9]{36,}",  # GitHub
    r"github_pat_[A-Za-z0-9_]{22,}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[A-Za-z0-9_.-]{20,}",  # GitLab
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",  # AWS
    r"AIza[A-Za-z0-9_-]{35}",  # Google
    r"ya29\.[A-Za-z0-9_-]{20,}",
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",  # Stripe
    r"whsec_[A-Za-z0-9+/=]{16,}",  # Stripe, Standard Webhooks
    r"sk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{20,}",  # OpenAI, Anthropic
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",  # SendGrid
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[A-Za-z0-9_-]{50,}",
    r"lin_(?:api|oauth)_[A-Za-z0-9]{20,}",  # Linear
    r"perm[:-][A-Za-z0-9=]{4,}\.[A-Za-z0-9=]{4,}\.[A-Za-z0-9]{10,}",  # YouTrack
    r"ATATT3[A-Za-z0-9_=-]{30,}",  # Atlassian
    r"do[opr]_v1_[0-9a-f]{64}",  # DigitalOcean
    r"hv[sbr]\.[A-Za-z0-9_-]{20,}",  # Vault
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}",  # Terraform Cloud
    r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{32,35}",  # Telegram, also in its addresses
    r"hf_[A-Za-z0-9]{30,}",  # Hugging Face
    r"dapi[0-9a-f]{32}",  # Databricks
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",  # Shopify
    r"sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{20,}",  # Square
    r"GOCSPX-[A-Za-z0-9_-]{20,}",  # Google's OAuth clients
    r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}",  # Entra (Azure AD) client secrets
    r"gl(?:sa|c)_[A-Za-z0-9+/=_]{20,}",  # Grafana
    r"NRA[AK]-[A-Z0-9]{20,}",  # New Relic
    r"dckr_[op]at_[A-Za-z0-9_-]{20,}",  # Docker Hub
    r"key-[0-9a-f]{32}",  # Mailgun
    r"SK[0-9a-f]{32}",  # Twilio
    r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
    r"rubygems_[0-9a-f]{48}",
    r"ntn_[A-Za-z0-9]{40,}",  # Notion
    r"figd_[A-Za-z0-9_-]{30,}",  # Figma
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]+\.)?[A-Za-z0-9]{40,}",  # Doppler
    r"sbp_[0-9a-f]{40}",  # Supabase
    r"pul-[0-9a-f]{40}",  # Pulumi
    r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",  # Airtable
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",  # JWT (RFC 7519): two JSON objects in base64url
)

_WEBHOOKS: Final = (
    r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)",
    r"(?:canary\.|ptb\.)?discord(?:app)?\.com/api/webhooks",
    r"(?<![a-z0-9-])[a-z0-9-]{1,63}\.webhook\.office\.com",
    r"outlook\.office(?:365)?\.com/webhook",
    r"hooks\.zapier\.com/hooks",
)

_NAMES: Final = (
    r"(?:pg|my|mysql|redis|db|user|smtp)?pass(?:word|wd)|pass(?:phrase|code)|pwd|secret|token|credentials?|authorization|cookie|csrf|dsn"
    r"|(?:api|access|shared[_-]?access|account|secret|private|signing|encryption|routing|auth|session|integration)[_-]?key"
    r"|session[_-]?id"
)
# The last word of db_token, DB-TOKEN, app.db.token and dbToken; not of "tokens", "tokenize" or "compass".
_NAMED: Final = (
    rf"(?:(?<![A-Za-z0-9])(?i:(?:[a-z0-9]{{1,40}}[_.-]){{0,6}}(?:{_NAMES}))"
    r"|(?<![A-Za-z0-9])[a-z][A-Za-z0-9]{0,40}(?:Token|Secret|Password|Credentials|Cookie|(?:Api|Access|Secret|Private|Auth)Key))"
    r"(?![A-Za-z0-9])"
)
_BARE: Final = r"""(?:[^\s"'`,;&<>()\[\]{}|\\]|&(?!\w+=))"""
_QUOTED: Final = r"""(?P<quote>\\?["'`])(?P<secret>(?:(?!(?P=quote))(?:\\.|[^\n])){1,2000})(?P=quote)"""
_NAME: Final = re.compile(_NAMED)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_PLACEHOLDER: Final = re.compile(r"[A-Z][A-Z_-]*")
_FOLDERS: Final = frozenset({"PWD", "OLDPWD"})
_NOTHING: Final = frozenset({"none", "null", "nil", "true", "false", "undefined", "self", "str", "string", "bool", "optional"})

_CARD: Final = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)


def is_secret_variable(name: str) -> bool:
    """As ``is_secret_name``, for a variable of the environment: there PWD is a folder and no password."""
    return name not in _FOLDERS and is_secret_name(name)


def is_secret_name(name: str) -> bool:
    """Whether what has this name (a key, a header, a variable) is a secret by its name."""
    return bool(_NAME.fullmatch(name))


def is_card_number(text: str) -> bool:
    """Whether these digits are a payment card's: an issuer's range and length (ISO/IEC 7812), and Luhn's check digit."""
    digits = re.sub(r"[ -]", "", text)
    return bool(_CARD.fullmatch(digits)) and _luhn(digits) % 10 == 0


def _luhn(digits: str) -> int:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled)


def _is_value(text: str) -> bool:
    """Whether the right side of ``password=...`` is a value, and not code that gets one."""
    return text.lower() not in _NOTHING and not _DOTTED.fullmatch(text) and not is_secret_name(text)


def _looks_made(text: str) -> bool:
    """Whether a bare word behind "token:" or "Bearer" is more than a word of a sentence."""
    return len(text) >= 6 and any(character.isdigit() for character in text) and _is_value(text)


def _is_argument(text: str) -> bool:
    """Whether what follows ``--password`` is a value, and not the placeholder of a usage line."""
    return _is_value(text) and not _PLACEHOLDER.fullmatch(text)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret. The pattern's group ``secret``, or all of it without that group, becomes ``[<name> removed]``.

    ``holds`` takes a closer look at it. ``in_names``: also looked for where text is a name or an address that must stay usable.
    """

    name: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = bool
    in_names: bool = False

    def removed_from(self, text: str) -> str:
        """``text`` without them."""
        return self.pattern.sub(self._replacement, text)

    def _replacement(self, match: re.Match[str]) -> str:
        group = "secret" if "secret" in self.pattern.groupindex else 0
        if not self.holds(match[group]) or MARK.fullmatch(match[group]):
            return match[0]
        start, end = (position - match.start() for position in match.span(group))
        return f"{match[0][:start]}[{self.name} removed]{match[0][end:]}"


MARK: Final = re.compile(r"\[[a-z -]{1,30} removed\]")
"""What stands where a secret was."""
EMAIL: Final = "e-mail address"


def _kind(name: str, *patterns: str, holds: Callable[[str], bool] = bool, in_names: bool = False) -> Kind:
    return Kind(name, re.compile("|".join(patterns)), holds, in_names)


KINDS: Final = (
    _kind(
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[\w+/=\s:,.-]|\\[nr]){0,8000}?-----END [A-Z0-9 ]{0,40}-----|(?:(?:\s|\\[nr])+[\w+/=:, -]{16,100})*)",
        in_names=True,
    ),
    _kind("webhook address", rf"(?i:(?:https?://)?(?:{'|'.join(_WEBHOOKS)})/)[\w/%.=+@-]+", in_names=True),
    _kind("token", rf"(?<![A-Za-z0-9_-])(?:{'|'.join(_PREFIXED)})", in_names=True),
    _kind("credentials", r"""(?<=://)(?!git@|\[)(?P<secret>[^\s/?#@"'<>\\]{1,300})(?=@)""", in_names=True),
    _kind("query", r"""https?://[^\s"'<>?#\\]{1,2000}+\?(?!\[)(?P<secret>[^\s"'<>)\]}\\]+)"""),
    _kind("query", r"""(?<![\w/?.])/[\w./%~:@+-]{0,2000}+\?(?!\[)(?P<secret>[\w%.\[\]-]{1,100}=[^\s"'<>)}\\]*)"""),
    _kind(
        "credentials",
        r"""(?i:\b(?:proxy-)?authorization\\?["']?\s*[:=]\s*\\?["']?)(?!\[)(?P<secret>(?:[A-Za-z]+\s+(?=[^\s"',;\\]{8}))?[^\s"',;\\]{4,})""",
    ),
    _kind("credentials", r"(?i:\b(?:bearer|basic|token|geniekey)\s+)(?P<secret>[A-Za-z0-9._~+/=-]{12,})", holds=_looks_made),
    _kind(
        "secret",
        rf"(?<![\w-])--(?:[a-z0-9]{{1,20}}-){{0,4}}(?:{_NAMES})\s+(?!-)(?P<secret>{_BARE}{{4,}}+)(?![(\[])",
        holds=_is_argument,
    ),
    _kind("credentials", r"""\bcurl\b[^\n|;]{0,500}?\s(?:-u|--user)\s*["']?[^\s"':]{1,100}:(?!\[)(?P<secret>[^\s"']{1,200})"""),
    _kind(
        "secret",
        rf"(?i:\b(?:pass(?:word|wd|phrase)|pwd)\s+(?:(?:is|was)\s+)?)(?P<secret>{_BARE}{{6,}}+)(?![(\[])",
        holds=_looks_made,
    ),
    _kind("cookie", r"""(?i:\b(?:set-)?cookie2?\\?["']?\s*:\s*\\?["']?)(?P<secret>[^\s"'=\\]{1,200}=[^"'\r\n\\]*)"""),
    _kind(
        "secret",
        _NAMED + r"""\\?["']?\s*(?:=>|:=|[:=])\s*[bfru]{0,2}""" + _QUOTED,
    ),
    _kind("secret", _NAMED + rf"=(?P<secret>{_BARE}{{3,}}+)(?![(\[])", holds=_is_value),
    _kind("secret", _NAMED + rf"""\\?["']?(?:\s+=|\s*(?:=>|:=|:))\s*(?P<secret>{_BARE}{{6,}}+)(?![(\[])""", holds=_looks_made),
    _kind(
        EMAIL,
        r"(?<![\w.+/@-])(?!git@)[\w.+%-]{1,64}@(?!\d+[.x])(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}"
        r"(?![\w@-])(?!:[\w/~])",
    ),
    _kind(
        "card number",
        r"(?<![\w.+-])(?:\d{13,19}|\d{4}(?P<a>[ -])\d{4}(?P=a)\d{4}(?P=a)\d{1,7}|\d{4}(?P<b>[ -])\d{6}(?P=b)\d{4,5})(?![\w-])",
        holds=is_card_number,
    ),
)
"""In the order in which they are looked for."""
