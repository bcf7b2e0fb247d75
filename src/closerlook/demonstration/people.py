"""Made-up people. Any likeness is chance."""

import random
from datetime import date

from msgspec import Struct

FAMILY = [
    "Adeyemi",
    "Alvarez",
    "Bauer",
    "Brooks",
    "Castillo",
    "Chen",
    "Costa",
    "Dahl",
    "Diaz",
    "Edwards",
    "Farouk",
    "Fischer",
    "Garcia",
    "Haddad",
    "Hansen",
    "Ito",
    "Jensen",
    "Johnson",
    "Kaplan",
    "Khan",
    "Kowalski",
    "Lim",
    "Lopez",
    "Marino",
    "Mbeki",
    "Meyer",
    "Nguyen",
    "Novak",
    "Okafor",
    "Olsen",
    "Patel",
    "Petrov",
    "Quinn",
    "Ramos",
    "Rossi",
    "Sato",
    "Silva",
    "Singh",
    "Tanaka",
    "Torres",
    "Ueda",
    "Vega",
    "Walker",
    "Weber",
    "Xu",
    "Yilmaz",
    "Young",
    "Zimmer",
]
GIVEN = [
    "Amara",
    "Beatriz",
    "Carol",
    "Dolores",
    "Elena",
    "Fatima",
    "Grace",
    "Hana",
    "Ingrid",
    "Joy",
    "Karin",
    "Leila",
    "Maria",
    "Nadia",
    "Olga",
    "Priya",
    "Rosa",
    "Sofia",
    "Teresa",
    "Uma",
    "Vera",
    "Wanda",
    "Yara",
    "Zofia",
]


STREETS = ("Harbour Road", "Cedar Avenue", "Elm Street", "Canal Street", "Hill Lane", "Orchard Way", "Station Road")


class Person(Struct, frozen=True):
    """Someone as a feed states them."""

    number: str
    family: str
    given: str
    birth_date: date
    sex: str = "F"
    phone: str = ""
    address: str = ""
    language: str = "en"


def people(seed: int) -> list[Person]:
    """Return as many as there are pairs of names, in a shuffled order that the seed decides."""
    dice = random.Random(seed)  # noqa: S311  made-up people, not secrets
    families = list(FAMILY)
    dice.shuffle(families)
    found = []
    for n, family in enumerate(families * 2):
        given = GIVEN[(n * 7 + n // len(families) * 5 + seed) % len(GIVEN)]
        born = date(1951 + dice.randrange(33), 1 + dice.randrange(12), 1 + dice.randrange(28))
        language = "es" if family in ("Alvarez", "Castillo", "Diaz", "Garcia", "Lopez", "Ramos", "Torres") else "en"
        phone = f"(555) 010-{1000 + n}"
        address = f"{3 + n * 7 % 190} {STREETS[n % len(STREETS)]}^^Riverside^MO^61111^USA"
        found.append(Person(f"RV{4100 + n}", family, given, born, phone=phone, address=address, language=language))
    return found
