from django.db import migrations, models


class Migration(migrations.Migration):
    """A pathology coordinator has 21 letters: PostgreSQL refused what she owns, and the biopsy with it."""

    dependencies = [
        ("record", "0003_cover"),
    ]

    operations = [
        migrations.AlterField(
            model_name="openloop",
            name="owner",
            field=models.CharField(max_length=40),
        ),
        migrations.AlterField(
            model_name="openloop",
            name="escalated_to",
            field=models.CharField(max_length=40, null=True),
        ),
    ]
