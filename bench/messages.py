"""Messages taken end to end against the same messages only parsed by python-hl7."""

import tempfile
from functools import partial
from pathlib import Path

import hl7
from tests.feeds.messages import CALLED_LEFT, NORMAL, oru, send

from bench.measure import Figure, paired, rate, seconds, sqlite

TEXT = "\n".join(
    [
        "EXAMINATION: Bilateral screening mammogram, four views.",
        "FINDINGS: There are scattered areas of fibroglandular density.",
        *(f"Line {n} of the description of both breasts, as a report has them." for n in range(18)),
        "IMPRESSION: As stated.",
    ]
)


def run(*, quick: bool) -> list[Figure]:
    """Return messages end to end ÷ parsed only, on SQLite."""
    rounds, each = (3, 60) if quick else (7, 300)
    pairs = []
    with tempfile.TemporaryDirectory() as folder, sqlite(Path(folder), "messages"):
        for n in range(rounds + 1):
            feed = [_message(n * 10_000 + i) for i in range(each)]
            mine = seconds(partial(send, *feed))
            plain = seconds(partial(_parse, feed))
            if n:
                pairs.append((mine, plain))
    return [
        paired("Messages taken end to end ÷ parsed only by python-hl7", "≥ 0.5", pairs),
        rate("Messages taken end to end", "-", [each / mine for mine, _ in pairs]),
    ]


def _parse(feed: list[bytes]) -> None:
    for data in feed:
        hl7.parse(data.decode())


def _message(n: int) -> bytes:
    coded = CALLED_LEFT if n % 10 == 0 else NORMAL
    return oru(
        f"M{n}", number=f"MR{n}", name=f"Family{n}^Given{n}", accession=f"A{n}", coded=coded, text=TEXT,
        born=f"19{50 + n % 40}0{1 + n % 9}1{n % 9}",
    )  # fmt: skip
