"""Every text a person reads passes through the catalogue: no template holds bare words."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "workbench").glob("*/templates/**/*.*ml"))
NAMES = {"DOI", "PMID", "PMCID", "PRISMA", "CSV", "RIS", "Ctrl", "sha", "sha256", "JSON", "YAML", "Enter", "Esc"}
"""Names of the field and of keys, the same in every language."""
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')


def bare(template: Path) -> str:
    """The template's own text, with whatever Jinja writes put as one mark."""
    source = re.sub(r"{% block shape %}.*?{% endblock %}", "", template.read_text(encoding="utf-8"))  # class names
    tokens = Environment(extensions=["jinja2.ext.i18n"]).lex(source)
    return "".join(value if kind == "data" else "\x00" for _line, kind, value in tokens)


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in NAMES]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_template_holds_no_bare_words(template):
    text = re.sub(r"<!--.*?-->|&\w+;", " ", bare(template), flags=re.DOTALL)

    spoken = [word for value in SPOKEN.findall(text) for word in words(value.replace("\x00", " "))]
    shown = words(re.sub(r"<[^<>]*>", " ", text))

    assert (spoken, shown) == ([], [])


def test_templates_are_there_to_be_looked_at():
    assert len(TEMPLATES) > 30


def test_the_catalogue_can_be_drawn_from_templates_and_code():
    mapping = [("templates/**.html", "jinja2"), ("**.py", "python")]
    found = {
        message for _file, _line, message, *_rest in extract_from_dir(str(ROOT / "workbench" / "screening"), mapping)
    }

    assert {"Include", "Exclude"} <= found and len(found) > 100
