"""What the words of her page depend on besides one round."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from closerlook.letters.words import Setting
from closerlook.look.words import date_words, local_day, moment_words
from closerlook.pathway.regions import Patient

Dues = Mapping[tuple[str, str], datetime]
"""When a kind of thing owed about a subject is due."""


@dataclass(frozen=True)
class View:
    """The clinic's setting, her state, the moment, and whether she gave a code. `dues`: when what is owed is due."""

    setting: Setting
    patient: Patient
    now: datetime
    coded: bool
    dues: Dues = field(default_factory=dict)

    def day(self, value: date | datetime) -> str:
        return date_words(value, self.setting.zone, self.setting.today)

    def owed(self, kind: str, subject: str) -> date | None:
        """Return the local day on which something owed is due; None where it is not owed, or nobody said by when."""
        due = self.dues.get((kind, subject))
        return None if due is None else local_day(due, self.setting.zone)

    def moment(self, value: datetime) -> str:
        return moment_words(value, self.setting.zone, self.setting.today)
