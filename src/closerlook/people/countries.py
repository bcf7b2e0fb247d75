"""In which country a unit is, from its clock's zone: for helplines and published figures, which are never mixed."""

from functools import cache
from importlib.resources import files

from closerlook.people.models import Site

NOWHERE = ""


def country_of(site: Site) -> str:
    """Return the two letters of a unit's country (ISO 3166-1), such as "US" or "GB"; empty where its zone has none."""
    return _countries().get(site.zone, NOWHERE)


@cache
def _countries() -> dict[str, str]:
    """Source: zone.tab of the IANA time zone database, one country for each zone."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
