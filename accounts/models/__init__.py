from accounts.models.idempotency import IdempotencyKey
from accounts.models.links import SignInLink
from accounts.models.scopes import Membership, Scope
from accounts.models.tokens import ApiToken
from accounts.models.users import User

__all__ = ["ApiToken", "IdempotencyKey", "Membership", "Scope", "SignInLink", "User"]
