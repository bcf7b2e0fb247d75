"""Her page and the public ones, mounted as the system mounts them."""

from django.urls import include, path

urlpatterns = [
    path("my/", include("closerlook.portal.urls")),
    path("about/", include("closerlook.portal.public.urls")),
]
