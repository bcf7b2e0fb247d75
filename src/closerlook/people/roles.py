"""Roles at the desk that own nothing on the pathway: they look after the house, or look in from outside."""

from enum import StrEnum

from closerlook.pathway.terms import Role


class Office(StrEnum):
    """A role that works no loop. A provider sees own patients and changes nothing; an auditor sees no identity."""

    ADMINISTRATOR = "administrator"
    PROVIDER = "provider"
    AUDITOR = "auditor"


WORKING = frozenset(role.value for role in Role if role is not Role.SYSTEM)
"""Roles that may owe something."""
ROLES = WORKING | frozenset(office.value for office in Office)
"""Every role that an account can have."""
