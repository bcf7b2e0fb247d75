"""What each kind of picture, and a tissue sample, is like to have done: a drawing and some sentences.

You are here to change how a visit is described. Nothing here promises how long it takes or that it does not hurt: units
differ, and so do people.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Procedure:
    id: str
    title: str | Promise
    sentences: tuple[str | Promise, ...]


MAMMOGRAM = Procedure(
    "mammogram",
    _("What a mammogram is like"),
    (
        _("You stand at the machine. A woman or man trained for it places your breast on a plate."),
        _("A second plate presses it flat for some seconds. That is firm, and for some it hurts. You can say stop."),
        _("For close-up pictures a smaller plate presses on one place. You hold your breath for a moment."),
    ),
)
ULTRASOUND = Procedure(
    "ultrasound",
    _("What an ultrasound is like"),
    (
        _("You lie on your back, one arm over your head. The gel on your skin can feel cold."),
        _("A small handset glides over the place. You may look at the screen and ask what it shows."),
    ),
)
MRI = Procedure(
    "mri",
    _("What an MRI is like"),
    (
        _("You lie on your front on a bed that moves into a wide tube."),
        _("It is loud, so you get something for your ears."),
        _("Mostly a dye is given through a vein in the arm."),
        _("Tell us if small rooms frighten you, or if you have metal in your body."),
        _("You hold a bell in your hand. When you press it, someone comes at once."),
    ),
)
SAMPLE = Procedure(
    "sample",
    _("What a tissue sample is like"),
    (
        _("The skin is made numb with a small needle. Then a thin needle takes some very small pieces."),
        _("You hear a click each time. You may feel pressure. Say so if it hurts: you can get more to numb it."),
        _("A tiny marker is often left in the place, so that it can be found again. A bruise afterwards is common."),
    ),
)
ALL = {p.id: p for p in (MAMMOGRAM, ULTRASOUND, MRI, SAMPLE)}
