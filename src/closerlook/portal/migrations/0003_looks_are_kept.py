"""What she was shown stays as it was written, in the database too."""

from django.db import migrations

from closerlook.people.kept import protect


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_her_notebook")]
    operations = [migrations.RunPython(protect("portal_look"), elidable=False)]
