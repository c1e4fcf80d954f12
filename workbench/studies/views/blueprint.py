"""The one blueprint of the pages of studies."""

from flask import Blueprint

bp = Blueprint("studies", __name__, url_prefix="/reviews/<slug>/studies")
