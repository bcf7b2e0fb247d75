"""Who looked, and what was changed: rows that the database itself refuses to change; staff who look in from outside."""

import django.db.models.deletion
from django.db import migrations, models

from closerlook.people.kept import protect


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_details_changed"),
    ]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="provider",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="people.provider"
            ),
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("looked_at", models.DateTimeField()),
                ("who", models.CharField(max_length=150)),
                ("site", models.CharField(max_length=40)),
                ("page", models.CharField(max_length=60)),
                ("patient", models.CharField(blank=True, default="", max_length=32)),
                ("shown", models.TextField(blank=True, default="")),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["patient", "looked_at"], name="look_patient"),
                    models.Index(fields=["who", "looked_at"], name="look_who"),
                    models.Index(fields=["looked_at"], name="look_when"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Changed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("changed_at", models.DateTimeField()),
                ("who", models.CharField(max_length=150)),
                ("what", models.CharField(max_length=20)),
                ("which", models.CharField(max_length=150)),
                ("field", models.CharField(max_length=60)),
                ("before", models.TextField(blank=True, default="")),
                ("after", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [models.Index(fields=["what", "which", "changed_at"], name="changed_what")],
            },
        ),
        migrations.RunPython(protect("people_look", "people_changed"), elidable=False),
    ]
