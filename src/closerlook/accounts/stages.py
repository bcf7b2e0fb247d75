"""What has to be passed between a right password and being signed in."""

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from closerlook.accounts.hearing import proved_elsewhere


class SecondFactor(AuthenticateStage):  # type: ignore[misc]
    """A second factor, unless the unit's provider has proved one just now."""

    def _should_handle(self, request: HttpRequest) -> bool:
        if self.login.user is not None and proved_elsewhere(request, self.login.user):
            return False
        return bool(super()._should_handle(request))
