"""The desk's addresses. None carries a name, a number or a birth date."""

from django.urls import path

from closerlook.desk import capacity, doing, finding, her_page, inbox, posting, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("find/", finding.find, name="find"),
    path("patient/<str:patient_id>/", views.patient, name="patient"),
    path("patient/<str:patient_id>/do/<str:name>/", doing.step, name="step"),
    path("patient/<str:patient_id>/her-page/", her_page.page, name="her_page"),
    path("patient/<str:patient_id>/link/", views.link, name="link"),
    path("patient/<str:patient_id>/letter/<str:exam_id>/<str:document>/", posting.letter, name="letter"),
    path("post/", posting.post, name="post"),
    path("set-aside/", inbox.messages, name="inbox"),
    path("set-aside/<str:message_id>/", inbox.message, name="message"),
    path("capacity/", capacity.capacity, name="capacity"),
    path("ledger/", views.ledger, name="ledger"),
]
