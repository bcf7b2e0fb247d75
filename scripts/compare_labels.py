"""Compare what we read in a folder of HL7 messages with what a person wrote down about them.

You have a folder of .hl7 files with a labels.csv beside them (columns: file, obx11_status, stated_assessment,
stated_density_letter; a label left empty means "not stated") and want to see every difference before a sender is
trusted. Prints one line for each difference and a count; ends with 1 if there is any. Prints no text of a message.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from closerlook.exchange.hl7.framing import split
from closerlook.exchange.hl7.parse import read_reports
from closerlook.exchange.hl7.report import Report, Unreadable
from closerlook.exchange.hl7.status import status_of

ZONE = "UTC"  # nothing that is compared here depends on the time zone


def differences(path: Path, label: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for everything in which our reading of one file differs from its label."""
    try:
        reports = [r for raw in split(path.read_bytes()) for r in read_reports(raw, zone=ZONE, trusted=False)]
    except Unreadable as refusal:
        yield f"cannot be read: {refusal.sentence}"
        return
    if len(reports) != 1:
        yield f"holds {len(reports)} reports, not one"
        return
    for name, ours, theirs in compared(reports[0], label):
        if ours != theirs:
            yield f"{name}: we read {ours or 'none'}, the label says {theirs or 'none'}"


def compared(report: Report, label: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (what, our reading, the label) for each thing compared, "" for not stated."""
    yield (
        "assessment",
        " ".join(entry.label or str(entry.category) for entry in report.assessments),
        label["stated_assessment"],
    )
    yield "density", (report.density or "").upper(), label["stated_density_letter"].upper()
    yield "status", report.status.value, status_of(label["obx11_status"]).value


def main(folder: Path) -> int:
    """Print every difference in `folder` and return 1 if there is one."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as labels:
        rows = list(csv.DictReader(labels))
    labelled = {row["file"] for row in rows}
    found = [(path.name, "no label") for path in sorted(folder.glob("*.hl7")) if path.name not in labelled]
    for row in rows:
        found.extend((row["file"], difference) for difference in differences(folder / row["file"], row))
    for name, difference in found:
        print(f"{name}: {difference}")
    print(f"{len(rows)} messages compared, {len(found)} differences.")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say which folder: compare_labels.py DIR")
    sys.exit(main(Path(sys.argv[1])))
