"""The pages under /accounts/: one's own account."""

from django.urls import path
from django.views.generic import TemplateView

from . import log_in_views, password_views, profile_views

reset_sent = TemplateView.as_view(template_name="registration/reset_sent.html")

urlpatterns = [
    path("", profile_views.account, name="account"),
    path("sign-up/", log_in_views.SignUp.as_view(), name="sign_up"),
    path("log-in/", log_in_views.LogIn.as_view(), name="log_in"),
    path("log-out/", log_in_views.LogOut.as_view(), name="log_out"),
    path("password/", password_views.PasswordChange.as_view(), name="password_change"),
    path("reset/", password_views.PasswordReset.as_view(), name="password_reset"),
    path("reset/sent/", reset_sent, name="password_reset_done"),
    path("reset/confirm/", password_views.PasswordResetConfirm.as_view(), name="password_reset_confirm"),
    path("email/", profile_views.Email.as_view(), name="account_email"),
    path("email/confirm/", profile_views.EmailConfirm.as_view(), name="account_email_confirm"),
    path("claim/", profile_views.claim_rooms, name="account_claim"),
    path("export/", profile_views.export_account, name="account_export"),
    path("delete/", profile_views.Delete.as_view(), name="account_delete"),
]
