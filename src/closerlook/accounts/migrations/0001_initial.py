"""Accounts: logs that the database itself refuses to change, and the cache that every process shares."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models

from closerlook.people.kept import protect


def make_cache(_apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", "accounts_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="account",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("ended", models.IntegerField(default=0)),
                ("initial_until", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Demonstration",
            fields=[
                ("id", models.IntegerField(default=1, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_demonstration")],
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("who", models.CharField(blank=True, default="", max_length=150)),
                ("how", models.CharField(max_length=60)),
                ("outcome", models.CharField(max_length=60)),
                ("address", models.CharField(blank=True, default="", max_length=45)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["who", "at"], name="sign_in_who"),
                    models.Index(fields=["at"], name="sign_in_at"),
                ],
            },
        ),
        migrations.RunPython(protect("accounts_signin"), elidable=False),
        migrations.RunPython(make_cache, elidable=False),
    ]
