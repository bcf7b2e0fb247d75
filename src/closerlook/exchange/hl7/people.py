"""Who a message is about, who read the pictures and who asked: PID, OBR-32, ORC-12 and OBR-16.

Source: HL7 v2.5.1 section 3.4.2 (PID); data types CX, XPN, XAD, XTN, XCN and NDL.
"""

from .grammar import Segment
from .report import Demographics, Identifier, PersonNamed
from .times import day


def demographics(pid: Segment) -> Demographics:
    """Return what PID states. Identifiers come from PID-3; older feeds put them in PID-2 or PID-4."""
    identifiers = _identifiers(pid, 3) or _identifiers(pid, 2) or _identifiers(pid, 4)
    return Demographics(
        identifiers=identifiers,
        family=pid.value(5, 1),
        given=pid.value(5, 2),
        middle=pid.value(5, 3),
        birth_date=day(pid.value(7)),
        sex=pid.value(8),
        phones=tuple(dict.fromkeys((*_phones(pid, 13), *_phones(pid, 14)))),
        address=_address(pid),
        language=pid.value(15),
    )


def provider(orc: Segment | None, obr: Segment) -> PersonNamed | None:
    """Return who asked for the examination: ORC-12, else OBR-16; None if neither names anybody."""
    return (_xcn(orc, 12) if orc else None) or _xcn(obr, 16)


def reader(obr: Segment) -> PersonNamed | None:
    """Return the principal interpreter (OBR-32, else the assistant's OBR-33), None if nobody is named.

    The standard has an NDL there, a name in subcomponents (`9&Rad&One`); most senders put a plain XCN (`9^Rad^One`) or
    one string of words, which is taken as the family name.
    """
    return _interpreter(obr, 32) or _interpreter(obr, 33)


def _interpreter(obr: Segment, field: int) -> PersonNamed | None:
    first = obr.components(field)
    named = [obr.part(first, 1, sub) for sub in (1, 2, 3)]
    if any(named[1:]):
        return PersonNamed(id=named[0], family=named[1], given=named[2])
    second = obr.part(first, 2)
    if second and not second[:4].isdigit():
        return _xcn(obr, field)
    if not named[0]:
        return None
    words = any(c.isspace() or c == "," for c in named[0]) or named[0].isalpha()
    return PersonNamed(id="", family=named[0], given="") if words else PersonNamed(id=named[0], family="", given="")


def _xcn(segment: Segment, field: int) -> PersonNamed | None:
    named = PersonNamed(id=segment.value(field, 1), family=segment.value(field, 2), given=segment.value(field, 3))
    return named if named.id or named.family or named.given else None


def _identifiers(pid: Segment, field: int) -> tuple[Identifier, ...]:
    found = (
        Identifier(
            value=pid.value(field, 1, repeat=n), authority=_authority(pid, field, n), kind=pid.value(field, 5, repeat=n)
        )
        for n in range(len(pid.repeats(field)))
    )
    return tuple(identifier for identifier in found if identifier.value)


def _authority(pid: Segment, field: int, repeat: int) -> str:
    return pid.value(field, 4, 1, repeat=repeat) or pid.value(field, 4, 2, repeat=repeat)


def _phones(pid: Segment, field: int) -> tuple[str, ...]:
    found: list[str] = []
    for n in range(len(pid.repeats(field))):
        area, local = pid.value(field, 6, repeat=n), pid.value(field, 7, repeat=n)
        whole = f"({area}){local}" if area and local else local
        number = pid.value(field, 1, repeat=n) or pid.value(field, 12, repeat=n) or whole
        if number:
            found.append(number)
    return tuple(found)


def _address(pid: Segment) -> tuple[str, ...]:
    street, other = pid.value(11, 1), pid.value(11, 2)
    place = " ".join(part for part in (pid.value(11, 3), pid.value(11, 4), pid.value(11, 5)) if part)
    return tuple(line for line in (street, other, place, pid.value(11, 6)) if line)
