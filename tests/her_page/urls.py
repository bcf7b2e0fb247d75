"""Her page alone, mounted as the system mounts it."""

from django.urls import include, path

urlpatterns = [path("my/", include("closerlook.portal.urls"))]
