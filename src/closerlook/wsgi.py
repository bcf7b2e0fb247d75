"""The pages as a WSGI application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

from django.core.wsgi import get_wsgi_application

from closerlook.serving import end_with_service

application = get_wsgi_application()
end_with_service()
