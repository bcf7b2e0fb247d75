"""Every address of the system."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/", include("closerlook.portal.urls")),
    path("", include("closerlook.desk.urls")),
]
handler403 = "closerlook.desk.views.not_allowed"
handler404 = "closerlook.desk.views.not_found"
