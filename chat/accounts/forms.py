"""The forms of the account pages."""

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
    SetPasswordForm,
    SetPasswordMixin,
)
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..models.participant import is_claimed
from ..protocol.limits import NAME_MAX
from ..text.cleaning import clean_participant_name


class TwicePasswordMixin(SetPasswordMixin, forms.BaseForm):  # type: ignore[type-arg]
    """A new password, typed twice. The rules are one line of help; an error names the broken rule beside the
    first field."""

    new_password = "new_password1"  # noqa: S105  a field's name
    repeated = "new_password2"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = _("At least 8 characters. Not a common password, and not only digits.")
        self.fields[self.new_password].help_text = rules
        self.fields[self.repeated].label = _("Repeat the password")
        self.fields[self.repeated].help_text = ""

    def validate_password_for_user(self, user: User, *_repeated: str) -> None:
        super().validate_password_for_user(user, self.new_password)


class NewPasswordForm(TwicePasswordMixin, SetPasswordForm):  # type: ignore[type-arg]
    pass


class ChangePasswordForm(TwicePasswordMixin, PasswordChangeForm):
    pass


class LogInForm(AuthenticationForm):
    """Usernames are compared without regard to case, as at sign-up: phones begin them with a capital letter.
    Where two old accounts differ in case alone, the spelling must be exact."""

    def clean_username(self) -> str:
        typed: str = self.cleaned_data["username"]
        if User.objects.filter(username=typed).exists():
            return typed
        alike = Q(username__iexact=typed)
        if not typed.isascii() and connection.vendor == "sqlite":  # whose iexact folds only ASCII letters
            alike = Q(username__iregex=rf"^{re.escape(typed)}$")
        names = list(User.objects.filter(alike).values_list("username", flat=True)[:2])
        return names[0] if len(names) == 1 else typed


class SignUpForm(TwicePasswordMixin, BaseUserCreationForm):  # type: ignore[type-arg]
    new_password, repeated = "password1", "password2"

    class Meta:
        model = User
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        username = self.fields["username"]
        username.widget.attrs["maxlength"] = NAME_MAX
        username.help_text = _("Letters, digits and @ . + - _")
        self.fields["email"].label = _("Email address")
        self.fields["email"].help_text = _("Optional. Used only to reset your password if you forget it.")

    def clean_username(self) -> str:
        """Refuse a name that looks like another account's username or name."""
        username: str = self.cleaned_data["username"]
        clean_participant_name(username)
        if is_claimed(username) or User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("That name, or one that looks like it, is taken."), code="name_taken")
        return username


class NameForm(forms.Form):
    """The journal decides whether the name may be taken."""

    name = forms.CharField(
        label=_("Your name in rooms"),
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )


class PasswordRequiredForm(forms.Form):
    """A form that asks for the password, since somebody else may use an open browser."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("That is not your password."), code="password_incorrect")
        return password


class EmailForm(PasswordRequiredForm):
    email = forms.EmailField(
        label=_("Email address"),
        required=False,
        max_length=254,
        help_text=_("Leave it empty to remove it. Without one you cannot reset a forgotten password."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("email", "password")


class DeleteForm(PasswordRequiredForm):
    messages = forms.ChoiceField(
        label=_("Your messages"),
        choices=[
            ("stay", _("Keep them in the rooms, under “Deleted account”")),
            ("go", _("Delete them: “This message was deleted” stands in their place")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("messages", "password")
