"""The addresses of the public pages, mounted at "about/". What a reader chose stands in the query, and nowhere else."""

from django.urls import path

from closerlook.portal.public import views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("called-back/", views.called_back, name="called_back"),
    path("chances/", views.chances, name="chances"),
    path("due/", views.due, name="due"),
    path("risk/", views.risk, name="risk"),
    path("helplines/", views.helplines, name="helplines"),
    path("for-units/", views.units, name="units"),
]
