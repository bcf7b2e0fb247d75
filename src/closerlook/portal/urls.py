"""The addresses of her page, mounted at "my/". Only the first of a visit holds a token; it is in none of the others."""

from django.urls import path, re_path

from closerlook.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("birth-date/", views.birth_date, name="birth_date"),
    path("code/", views.code, name="code"),
    path("code/send/", views.send_code, name="send_code"),
    path("result/<str:exam>/open/", views.open_result, name="open_result"),
    path("result/<str:exam>/print/", views.print_result, name="print"),
    path("call/", views.call, name="call"),
    path("round/<str:episode>/confirm/", views.confirm_visit, name="confirm_visit"),
    path("round/<str:episode>/go-on/", views.go_on, name="go_on"),
    path("leave/", views.leave, name="leave"),
    re_path(r"^(?P<token>[0-9A-Za-z-]{16,64})/$", views.link, name="link"),
]
