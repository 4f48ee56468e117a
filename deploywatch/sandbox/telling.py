"""The words of the demo: what happens at each step, for somebody who knows nothing. Pure: values in, text out."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploywatch.sandbox.outcome import Outcome
from deploywatch.sandbox.sink import Message
from deploywatch.sandbox.story import STEPS, Merge, Patch, Story

WIDTH = 100
SHOWN = 8
RECEIVERS = {"/slack": "The stand-in for Slack", "/webhook": "The webhook"}

EXIT_CODES = {
    0: "watched long enough, and nothing is wrong with the release",
    1: "deploywatch itself failed",
    2: "deploywatch was called wrongly",
    3: "a regression was found. In a pipeline this makes the step fail, so that somebody looks before more is deployed "
    "(--fail-on never turns it into 0)",
    4: "it could not see enough to call the release healthy, and says so rather than guess",
}


def opening(sentry: str, sink: str) -> str:
    """What is real here and what is not."""
    return "\n".join(
        (
            "A shop deploys a new version, the new version breaks, and deploywatch names the change that broke it.",
            "",
            _wrap(
                f"Stand-ins on this machine: Sentry at {sentry}, Slack and a webhook at {sink}. The rest is real: the shop, the "
                "Sentry SDK in it, its git history, and deploywatch, which is called as a pipeline calls it."
            ),
        )
    )


def history(story: Story) -> str:
    """Step 1."""
    commits = sum(isinstance(step, Patch | Merge) for step in STEPS)
    return _step(
        "1. A history",
        f"{commits} commits of five people: {story.repository}",
        f"Version 1 is {story.v1[:7]}, version 2 is {story.v2[:7]}. One commit between them breaks the checkout.",
    )


def before(release: str, seconds: float) -> str:
    """Step 2, when it begins."""
    return _step("2. Before the deploy", f"{release} runs, and for {seconds:g} seconds people look at things and buy them:")


def tally(counts: Mapping[str, Counter[int]]) -> str:
    """What the visitors got."""
    width = max((len(endpoint) for endpoint in counts), default=0)
    return "\n".join(f"   {endpoint:<{width}}  {_statuses(counts[endpoint])}" for endpoint in sorted(counts))


def deployed(release: str) -> str:
    """Step 3."""
    return _step("3. The deploy", f"{release} takes over, and the visitors stay. So far nobody knows that something is wrong.")


def command(words: Sequence[str]) -> str:
    """Step 4: what runs now, broken into lines that can be pasted into a shell."""
    lines = [""]
    for option in _with_values(words):
        if len(lines[-1]) + len(option) > WIDTH - 10:
            lines.append("")
        lines[-1] += f"{option} "
    shown = " \\\n       ".join(line.rstrip() for line in lines)
    return _step("4. The step after the deploy, as it would stand in the pipeline") + f"\n\n   $ {shown}\n"


def _with_values(words: Sequence[str]) -> Iterator[str]:
    """Options together with what follows them, quoted for a shell."""
    together: list[str] = []
    for word in words:
        if word.startswith("-") and together:
            yield shlex.join(together)
            together = []
        together.append(word)
    yield shlex.join(together)


def result(outcome: Outcome, counts: Mapping[str, Counter[int]]) -> str:
    """Step 5."""
    meaning = EXIT_CODES.get(outcome.exit_code, "not one of deploywatch's own")
    lines = [f"It ended with exit code {outcome.exit_code}: {meaning}."]
    lines += [f"The whole report, as a page: {outcome.page.as_uri()}"] if outcome.page else ["It wrote no report."]
    lines += ["What the visitors of the new version got meanwhile:"]
    return _step("5. What came of it", *lines) + "\n" + tally(counts)


def deliveries(posted: Sequence[tuple[str, Sequence[Message]]], comments: Sequence[tuple[str, str]]) -> str:
    """Step 6: ``posted`` by path of the sink, ``comments`` as pairs of issue and text."""
    lines = [_step("6. Who was told")]
    for path, messages in posted:
        count = "1 message" if len(messages) == 1 else f"{len(messages)} messages"
        lines.append(f"   {RECEIVERS.get(path, path)} received {count}" + (":" if messages else "."))
        lines += [_quoted(_gist(message.body)) for message in messages]
    for issue, text in comments:
        lines += [f"   Sentry's issue {issue} got a comment:", _quoted(text)]
    return "\n".join(lines)


def verdict(outcome: Outcome) -> str:
    """Step 7: was it right?"""
    if outcome.named is None:
        told = "deploywatch named no commit."
    else:
        named = outcome.named
        told = f"deploywatch named {named.sha[:7]} ({named.subject}) by {named.author}, {named.probability:.0%} sure."
    if outcome.is_right:
        truth = "That is the commit that broke the shop."
    else:
        truth = f"The commit that broke the shop is {outcome.culprit[:7]}. The demo has failed."
    return _step("7. Was it right?", f"{told} {truth}")


def invitation(story: Story, folder: Path, environ: Mapping[str, str]) -> str:
    """What to try while all of it keeps running."""
    variables = [f"export {name}={shlex.quote(value)}" for name, value in environ.items() if name != "SENTRY_DSN"]
    window = f"--base {story.v1[:7]} --head {story.v2[:7]}"
    log = shlex.quote(str(folder / "shop@2.0.0.log"))
    commands = (
        f"cd {shlex.quote(str(story.repository))}",
        *variables,
        f"deploywatch investigate SHOP-1 {window}",
        f"tail -n 60 {log} | deploywatch suspects - {window}",
        f"deploywatch deliveries list --config {shlex.quote(str(folder / 'deploywatch.toml'))}",
        "sentry-cli issues list",
    )
    listing = "\n".join(f"   {each}" for each in commands)
    return _step("It keeps running, and failing, until Ctrl-C. In another terminal you can try:") + f"\n\n{listing}\n"


def _step(title: str, *paragraphs: str) -> str:
    return "\n".join(["", title, *(_wrap(paragraph, indent="   ") for paragraph in paragraphs)])


def _wrap(text: str, *, indent: str = "") -> str:
    # Paths and commands are to be copied, so nothing is broken inside a word.
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _statuses(counts: Counter[int]) -> str:
    return ", ".join(f"{count} x {status or 'no answer'}" for status, count in sorted(counts.items()))


def _quoted(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    shown = [line if len(line) <= WIDTH else line[:WIDTH].rstrip() + " ..." for line in lines[:SHOWN]]
    more = [f"({len(lines) - SHOWN} more lines)"] if len(lines) > SHOWN else []
    return "\n".join(f"     | {line}".rstrip() for line in shown + more)


def _gist(body: Any) -> str:
    """The text of a Slack message, or the plain values of any other JSON."""
    texts = list(_texts(body.get("blocks"))) if isinstance(body, dict) else []
    return "\n".join(texts or _plain(body))


def _plain(body: Any, where: str = "") -> Iterator[str]:
    """Values by their dotted names, one level deep."""
    if not isinstance(body, dict):
        yield str(body)
        return
    for key, value in body.items():
        if isinstance(value, dict) and not where:
            yield from _plain(value, f"{key}.")
        elif not isinstance(value, dict | list) and value is not None:
            yield f"{where}{key}: {value}"


def _texts(blocks: Any) -> Iterable[str]:
    for block in blocks or []:
        text = block.get("text") if isinstance(block, dict) else None
        if isinstance(text, dict) and text.get("text"):
            yield str(text["text"])
