"""Beginning a review from its protocol, the protocol's page, and the editor in which a protocol is written."""

from workbench.protocols.views import editor, pages
from workbench.protocols.views.blueprint import bp

__all__ = ["bp", "editor", "pages"]
