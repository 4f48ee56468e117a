"""The one place where text from outside is made harmless, per medium.

Commit subjects, names, paths, messages, titles and endpoints are written by strangers. In every medium they must stay *text*:
they cannot move a cursor, reorder a line, mention, link, format, leave their code block, or be markup. ``plain`` and ``code``
come first in all media; what follows is the medium's own.

Sources: Trojan Source (CVE-2021-42574) for bidi controls; GFM spec 0.29 for Markdown, and GitHub's and GitLab's
post-processing of mentions and references, which looks through backslashes and entities, so that only a zero-width space
stops it; Slack's "Formatting text for app surfaces" for mrkdwn, which knows no escape for its formatting characters, so that
look-alikes stand in.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

INLINE_LIMIT: Final = 500
"""Characters that one value may take in running text."""

CODE_LIMIT: Final = 200
"""Characters that one line of code may take."""

# Not characters by definition (Unicode 23.7), so that no honest text holds them; ``plain`` removes them from dishonest text.
_BRACKET, _BACKSLASH = "\ufdd0", "\ufdd1"

_ZERO_WIDTH: Final = "\u200b"
_REPLACEMENT: Final = "\ufffd"
_INVISIBLE: Final = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_HARMFUL: Final = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]")
_LINE_ENDS: Final = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_SPACES: Final = re.compile(r"\s+")
# What CI systems read from a step's output: Azure Pipelines, TeamCity and GitHub's old form anywhere in a line, GitHub's new one
# at its start ("Logging commands", "Service messages", the runner's ActionCommand).
_CI_COMMAND: Final = re.compile(r"##(?=\[|vso\[|teamcity\[)", re.IGNORECASE)
_CI_LINE: Final = re.compile(r"^((?:\s|\x1b\[[0-9;]*m)*)::", re.MULTILINE)
_PICTURES: Final = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421}

# An underscore inside a word formats nothing, in Markdown as in Slack; escaping it would only make names hard to read.
_OUTER_UNDERSCORE: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_EMOJI: Final = re.compile(r":(?=[+\w-]*[a-z+][+\w-]*:)", re.IGNORECASE)
_MARKDOWN_SPECIAL: Final = re.compile(r"[\\`*\[\]~|$]|" + _OUTER_UNDERSCORE.pattern)
_MARKDOWN_AT_START: Final = re.compile(r"^(?:(?=[#+\->=:])|\d+(?=[.)](?:\s|$)))")
_MARKDOWN_LIVE: Final = re.compile(r"@|(?<=[#!$%~&])(?=\w)|(?<=GH-)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)|^(?=/)", re.IGNORECASE)
_BACKTICKS: Final = re.compile("`+")

# ASCII only: a name in another script can look like a name that the reader trusts.
_HOST: Final = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)

_SLACK_LOOKALIKES: Final = {ord("*"): "\u2217", ord("~"): "\u223c", ord("`"): "\u02cb"}


def plain(text: str, limit: int = INLINE_LIMIT) -> str:
    """One line of visible text: controls become their pictures (``␛``), bidi controls ``\ufffd``, line ends and tabs one space.

    Longer text is cut to ``limit`` characters, the last being an ellipsis.
    """
    seen = _INVISIBLE.sub("", text[: 4 * limit + 64])
    return clip(_visible(_SPACES.sub(" ", _LINE_ENDS.sub(" ", seen))), limit)


def code(text: str, limit: int = CODE_LIMIT) -> str:
    """A line of source: as ``plain``, but its indentation and inner spacing stay."""
    one_line = _LINE_ENDS.sub(" ", text[: 4 * limit + 64].rstrip("\r\n")).expandtabs(4).rstrip(" ")
    return clip(_visible(one_line), limit)


def clip(text: str, limit: int) -> str:
    """``text`` of at most ``limit`` characters; a cut one ends in an ellipsis."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def _visible(text: str) -> str:
    return _CI_COMMAND.sub("#＃", _HARMFUL.sub(_REPLACEMENT, _INVISIBLE.sub("", text)).translate(_PICTURES))


def no_commands(lines: str) -> str:
    """Lines for a log, none of which GitHub's runner takes for one of its commands: a colon becomes a look-alike."""
    return _CI_LINE.sub(r"\g<1>∶:", lines)


def safe_url(url: str | None) -> str | None:
    """The address with every character quoted that could end a link in any medium.

    ``None`` unless it is http(s), without a password, to a host with an ASCII name.
    """
    if not url or len(url) > 2000 or url != _visible(url) or _SPACES.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        return None
    return quote(url, safe="/:?#&=%+,;@~$!*[]-._")


def path_uri(path: str) -> str:
    """A path of the repository as a relative URI (RFC 3986), its bytes as they are where they are no UTF-8 (PEP 383)."""
    try:
        return quote(path, errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(path, errors="replace")


# --- Markdown ----------------------------------------------------------------------------------------------


def markdown(text: str) -> str:
    """Running text for GitHub's and GitLab's Markdown: no formatting, HTML, link, mention, reference or quick action.

    Space at its ends goes, as it would break the emphasis around it.
    """
    quiet = _EMOJI.sub(":" + _ZERO_WIDTH, _MARKDOWN_LIVE.sub(lambda match: match[0] + _ZERO_WIDTH, plain(text).strip(" ")))
    escaped = _MARKDOWN_AT_START.sub(r"\g<0>\\", _MARKDOWN_SPECIAL.sub(r"\\\g<0>", quiet), count=1)
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def muted(text: str) -> str:
    """One line for where code hosts read mentions and references, but no Markdown: commit messages and titles."""
    return _MARKDOWN_LIVE.sub(lambda match: match[0] + _ZERO_WIDTH, plain(text).strip(" "))


def markdown_code(text: str) -> str:
    """A code span whose fence is longer than any run of backticks inside; nothing is live in it."""
    inside = plain(text).strip(" ")
    if not inside:
        return ""
    fence = "`" * (_longest_run(inside) + 1)
    pad = " " if inside.startswith("`") or inside.endswith("`") else ""
    return f"{fence}{pad}{inside}{pad}{fence}"


def markdown_fence(lines: tuple[str, ...], language: str = "") -> str:
    """A fenced code block that its content cannot close. ``language`` is ours, never from outside."""
    body = [code(line) for line in lines]
    fence = "`" * max(3, max((_longest_run(line) for line in body), default=0) + 1)
    return "\n".join((fence + language, *body, fence))


def markdown_link(label: str, url: str | None) -> str:
    """A link, or the label alone where the address is not safe."""
    address = safe_url(url)
    return markdown(label) if address is None else f"[{markdown(label)}](<{address}>)"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


# --- Slack -------------------------------------------------------------------------------------------------


def slack(text: str) -> str:
    """Running text for mrkdwn. Send it with ``verbatim: true``, or Slack makes links and mentions of bare addresses and names."""
    unformatted = _OUTER_UNDERSCORE.sub("\uff3f", plain(text).strip(" ").translate(_SLACK_LOOKALIKES))
    return _slack_entities(_EMOJI.sub(":" + _ZERO_WIDTH, unformatted))


def slack_code(text: str) -> str:
    """A mrkdwn code span; backticks, which nothing escapes there, become look-alikes."""
    inside = plain(text).strip(" ").replace("`", "\u02cb")
    return f"`{_slack_entities(inside)}`" if inside else ""


def slack_fence(lines: tuple[str, ...]) -> str:
    """A mrkdwn code block that its content cannot close."""
    body = (_slack_entities(code(line).replace("`", "\u02cb")) for line in lines)
    return "\n".join(("```", *body, "```"))


def slack_link(label: str, url: str | None) -> str:
    """A mrkdwn link, or the label alone where the address is not safe."""
    address = safe_url(url)
    return slack(label) if address is None else f"<{_slack_entities(address)}|{slack(label)}>"


def _slack_entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- Adaptive Cards, SARIF -----------------------------------------------------------------------------------


def card(text: str, limit: int = INLINE_LIMIT) -> str:
    """A run of text of an Adaptive Card: only its functions, ``{{DATE(...)}}``, could do anything there."""
    return plain(text, limit).replace("{{", "{" + _ZERO_WIDTH + "{")


def card_code(text: str, limit: int = CODE_LIMIT) -> str:
    """A line of source for a card; its spaces are such as HTML does not put together."""
    return code(text, limit).replace("{{", "{" + _ZERO_WIDTH + "{").replace("  ", "\u00a0 ")


def sarif(text: str) -> str:
    """A message of SARIF: plain text in which only ``[text](target)`` would be a link (SARIF 2.1.0, 3.11.6)."""
    return plain(text).replace("](", "]" + _ZERO_WIDTH + "(")


# --- terminal ----------------------------------------------------------------------------------------------


def rich_markup(text: str) -> str:
    """Running text inside rich's markup. ``unmask`` gives brackets and backslashes back after the markup was read."""
    return _mask(plain(text))


def rich_code(text: str) -> str:
    """A line of source inside rich's markup."""
    return _mask(code(text))


def unmask(text: str) -> str:
    """Undo what ``rich_markup`` hid; lengths stay, so that styled spans keep their places."""
    return text.replace(_BRACKET, "[").replace(_BACKSLASH, "\\")


def _mask(text: str) -> str:
    return text.replace("[", _BRACKET).replace("\\", _BACKSLASH)
