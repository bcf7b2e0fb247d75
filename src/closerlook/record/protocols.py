"""Every protocol a fact was decided under, by its hash; stored whole the first time it is used."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from django.db import transaction

from closerlook.pathway.protocol import Protocol, completed, decode
from closerlook.people import sites
from closerlook.record.models import ProtocolVersion

_known: dict[str, Protocol] = {}
_stored: set[tuple[str, str]] = set()
_completed: dict[tuple[str, str], Protocol] = {}


class Known(Mapping[str, Protocol]):
    """All protocols, by the hash they were stored under; read from the database when they are first asked for.

    One that was stored before the pathway knew all of today's kinds has the rows of today's protocol for the others.
    """

    def __getitem__(self, key: str) -> Protocol:
        found = _known.get(key)
        return found if found is not None else _read(key)

    def __iter__(self) -> Iterator[str]:
        return iter(_known)

    def __len__(self) -> int:
        return len(_known)


KNOWN = Known()


def ever_owned(kinds: Iterable[str]) -> set[str]:
    """Return who owes something of these kinds by any protocol that a fact was decided under, or by today's."""
    wanted = frozenset(kinds)
    found = [sites.protocol(), *(KNOWN[key] for key in ProtocolVersion.objects.values_list("hash", flat=True))]
    return {row.owner for protocol in found for row in protocol.rows if row.kind in wanted}


def _read(key: str) -> Protocol:
    today = sites.protocol()
    found = _completed.get((key, today.hash))
    if found is None:
        older = _from_database(key)
        found = completed(older, today)
        if found is older:
            _known[key] = older
        else:
            _completed[key, today.hash] = found
    return found


def _from_database(key: str) -> Protocol:
    try:
        return decode(ProtocolVersion.objects.get(hash=key).body.encode())
    except ProtocolVersion.DoesNotExist:
        raise KeyError(key) from None


def keep(protocol: Protocol, database: str) -> None:
    """Store `protocol` in this database, once. `database` is its name: tests and upgrades open several."""
    _known[protocol.hash] = protocol
    if (database, protocol.hash) not in _stored:
        ProtocolVersion.objects.get_or_create(
            hash=protocol.hash,
            defaults={
                "name": protocol.name,
                "version": protocol.version,
                "body": protocol.encoded.decode(),
                "first_used_at": datetime.now(UTC),
            },
        )
        # Only once it is committed: a refused first step rolls it back, and it would be stored nowhere.
        transaction.on_commit(lambda: _stored.add((database, protocol.hash)))
