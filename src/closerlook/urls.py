"""Every address of the system."""

from django.urls import URLPattern, URLResolver, include, path

from closerlook.portal.public import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/", include("closerlook.portal.urls")),
    path("about/", include("closerlook.portal.public.urls")),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("", include("closerlook.accounts.urls")),
    path("", include("closerlook.desk.urls")),
]
handler400 = "closerlook.desk.errors.not_understood"
handler403 = "closerlook.desk.errors.not_allowed"
handler404 = "closerlook.desk.errors.not_found"
handler500 = "closerlook.desk.errors.broken"
