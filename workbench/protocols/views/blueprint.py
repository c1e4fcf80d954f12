"""The pages of the protocol, under one name."""

from flask import Blueprint

bp = Blueprint("protocols", __name__)
