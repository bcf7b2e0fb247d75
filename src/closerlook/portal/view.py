"""What the words of her page depend on besides one round."""

from dataclasses import dataclass
from datetime import date, datetime

from closerlook.letters.words import Setting
from closerlook.look.words import date_words, moment_words
from closerlook.pathway.regions import Patient


@dataclass(frozen=True)
class View:
    """The clinic's setting, her state, the moment, and whether she gave a code."""

    setting: Setting
    patient: Patient
    now: datetime
    coded: bool

    def day(self, value: date | datetime) -> str:
        return date_words(value, self.setting.zone, self.setting.today)

    def moment(self, value: datetime) -> str:
        return moment_words(value, self.setting.zone, self.setting.today)
