"""A story told through the real door, so that a page finds it in the database."""

from datetime import timedelta

from closerlook.pathway import steps as st
from closerlook.pathway.events import Actor, Kind
from closerlook.record import door
from tests.letters.story import ROLES, START, Story

TOLD = START


class Told(Story):
    """As `Story`, kept in the database under the patient's id."""

    def __init__(self, stream: str) -> None:
        super().__init__()
        self.stream = stream
        self.taken = 0
        self.patient = door.look(stream).patient

    def take(self, step: st.Step, *, by: Actor | None = None, wait: timedelta = timedelta(hours=1)) -> "Told":
        self.now += wait
        self.taken += 1
        actor = by or Actor(Kind.STAFF, f"u{self.taken % 7}", ROLES)
        key = f"story:{self.taken}"
        self.patient = door.take(
            step, stream=self.stream, actor=actor, key=key, now=self.now, site="main"
        ).history.patient
        return self

    def look(self) -> "Told":
        """Take in what happened on her page meanwhile."""
        self.patient = door.look(self.stream).patient
        return self
