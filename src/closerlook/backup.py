"""The whole system in one file, and back: the database, the outbox and the secret key."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

from django.conf import settings
from django.db import connection

SQLITE_NAME, POSTGRES_NAME = "closerlook.sqlite3", "closerlook.pgdump"
BESIDE = ("outbox", "secret_key")


class BackupError(Exception):
    """The backup or restore cannot go on; nothing was changed. The message says what to do."""


def backup(target: Path) -> int:
    """Write everything into `target` (tar, gzip), whole or not at all. Returns its size in bytes."""
    if target.exists():
        raise BackupError(f"{target} exists already. Choose another name, or move it away.")
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as folder:
        dump = _dump(Path(folder))
        with tarfile.open(part, "w:gz") as archive:
            archive.add(dump, arcname=dump.name)
            for name in BESIDE:
                if (settings.DATA_DIR / name).exists():
                    archive.add(settings.DATA_DIR / name, arcname=name)
    part.chmod(0o600)
    os.replace(part, target)
    return target.stat().st_size


def _dump(folder: Path) -> Path:
    if connection.vendor == "sqlite":
        copy = folder / SQLITE_NAME
        with sqlite3.connect(copy) as into, sqlite3.connect(settings.DATABASES["default"]["NAME"]) as source:
            source.backup(into)
        into.close()
        source.close()
        return copy
    copy = folder / POSTGRES_NAME
    _postgres("pg_dump", "--format=custom", f"--file={copy}")
    return copy


def restore(source: Path) -> None:
    """Put a backup into an empty system. Raises BackupError where there is something already."""
    if not tarfile.is_tarfile(source):
        raise BackupError(f"{source} is not a backup of Closer Look.")
    try:
        _restore(source)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BackupError(f"{source} is not whole; nothing was restored. Use another backup.") from error


def _restore(source: Path) -> None:
    with tarfile.open(source) as archive, tempfile.TemporaryDirectory() as folder:
        names = set(archive.getnames())
        wanted = SQLITE_NAME if connection.vendor == "sqlite" else POSTGRES_NAME
        if wanted not in names:
            raise BackupError(
                f"{source} holds no {connection.vendor} database. Set CLOSERLOOK_DATABASE_URL to match it."
            )
        if _anything_there():
            raise BackupError("There is a record here already. Restore into an empty data folder and database.")
        archive.extractall(folder, filter="data")
        for name in BESIDE:
            if name in names:
                _place(Path(folder) / name, settings.DATA_DIR / name)
        if connection.vendor == "sqlite":
            connection.close()
            target = Path(settings.DATABASES["default"]["NAME"])
            for leftover in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
                leftover.unlink(missing_ok=True)
            shutil.copyfile(Path(folder) / wanted, target)
        else:
            _postgres("pg_restore", "--no-owner", "--exit-on-error", "--dbname", "", str(Path(folder) / wanted))


def _anything_there() -> bool:
    tables = connection.introspection.table_names()
    if "record_event" not in tables:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM record_event LIMIT 1")
        return cursor.fetchone() is not None


def _place(found: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    shutil.copytree(found, target) if found.is_dir() else shutil.copyfile(found, target)
    if target.is_file():
        target.chmod(0o600)


def _postgres(program: str, *arguments: str) -> None:
    where = settings.DATABASES["default"]
    env = {**os.environ, "PGPASSWORD": str(where.get("PASSWORD") or ""), "PGDATABASE": str(where["NAME"])}
    for key, name in (("HOST", "PGHOST"), ("PORT", "PGPORT"), ("USER", "PGUSER")):
        if where.get(key):
            env[name] = str(where[key])
    given = [str(where["NAME"]) if argument == "" else argument for argument in arguments]
    try:
        done = subprocess.run([program, *given], env=env, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not installed. Install the PostgreSQL client programs.") from error
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-500:]}")
