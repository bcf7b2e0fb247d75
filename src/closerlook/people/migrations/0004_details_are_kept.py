"""What her details were before stays as it was written, in the database too."""

from django.db import migrations

from closerlook.people.kept import protect


class Migration(migrations.Migration):
    dependencies = [("people", "0003_looks")]
    operations = [migrations.RunPython(protect("people_detailschanged"), elidable=False)]
