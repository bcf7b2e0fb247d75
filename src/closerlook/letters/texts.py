"""Text messages, put into the outbox as files for a gateway to send. They never say what a message is about.

You are here to reach someone by text. There are two messages and no way to write a third: a text is read on a screen
that lies on a table, so it names the clinic and a number, or a code, and nothing else (us.md US-X1, US-X5). They are
in the language that is active: that of the page where she asked for a code.
"""

import json
from datetime import UTC, datetime

from django.utils.translation import get_language_bidi, gettext

from closerlook.letters import outbox
from closerlook.people.models import Site

LONGEST = 160
LONGEST_UNICODE = 134
"""One text in the seven-bit alphabet. Other letters leave room for 70 in a text, or twice 67: two texts at the most."""
_SEVEN_BIT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet of text messages. Source: 3GPP TS 23.038 section 6.2.1; its extension table is left aside."""


def you_have_a_message(site: Site) -> str:
    """Return the words of the first message: a clinic, a number."""
    words = gettext("You have a message from %(clinic)s. Ring %(phone)s.")
    return _fitted(words, site, {"phone": "-".join(site.phone.split()) if get_language_bidi() else site.phone})


def your_code(site: Site, code: str) -> str:
    """Return the words of the second message: a one-time code, and that it is for nobody else."""
    return _fitted(
        gettext("%(code)s is your code for your page at %(clinic)s. It works for 10 minutes. Give it to nobody."),
        site,
        {"code": code},
    )


def put(to: str, *, site: Site, now: datetime, code: str | None = None) -> str:
    """Put a text to the number `to` into the outbox and return its file name.

    Without `code` it says that there is a message; with one, it gives the code. Raises outbox.OutboxFailed.
    """
    body = you_have_a_message(site) if code is None else your_code(site, code)
    letter = {"to": to, "body": body, "written_at": now.astimezone(UTC).isoformat(timespec="microseconds")}
    content = json.dumps(letter, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return outbox.put(outbox.TEXTS, now.astimezone(UTC).strftime("%Y%m%dt%H%M%S"), "json", content)


def _fitted(words: str, site: Site, rest: dict[str, str]) -> str:
    """Put the names in; a clinic's name too long for one text is cut, the number and the code never are."""
    longest = LONGEST if _SEVEN_BIT.issuperset(words % {**rest, "clinic": site.name}) else LONGEST_UNICODE
    spare = longest - len(words % {**rest, "clinic": ""})
    name = site.name if len(site.name) <= spare else site.name[: max(spare - 3, 0)].rstrip() + "..."
    return words % {**rest, "clinic": name}
