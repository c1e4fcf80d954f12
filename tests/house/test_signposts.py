"""Every room, module, table, error, deed and command has its sentence."""

import doctest
import importlib
import inspect
import pkgutil

import click

import workbench
from workbench.cli import workbench as commands
from workbench.errors import WorkbenchError
from workbench.tables import metadata

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(workbench.__path__, "workbench.")
    if not found.name.endswith("__main__")
]


def defined_in(module):
    """Public classes and functions that this module itself defines."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(thing) or inspect.isfunction(thing):
            yield name, thing


def test_every_module_says_what_it_is():
    assert [module.__name__ for module in MODULES if not (module.__doc__ or "").strip()] == []


def test_every_public_class_and_function_has_its_sentence():
    silent = [
        f"{module.__name__}.{name}"
        for module in MODULES
        for name, thing in defined_in(module)
        if not inspect.getdoc(thing)
    ]

    assert silent == []


def test_every_error_states_its_rule_in_its_own_words():
    errors = {
        thing
        for module in MODULES
        for _name, thing in defined_in(module)
        if inspect.isclass(thing) and issubclass(thing, WorkbenchError)
    }

    errors.discard(WorkbenchError)
    copied = [error.__name__ for error in errors if not error.__doc__ or error.__doc__ == WorkbenchError.__doc__]

    assert len(errors) > 20 and copied == []


def test_every_table_says_what_a_row_is():
    tables = {
        thing.__tablename__: thing
        for module in MODULES
        for _name, thing in defined_in(module)
        if inspect.isclass(thing) and hasattr(thing, "__tablename__")
    }

    assert set(metadata.tables) - {"roles_users"} == set(tables)
    assert [name for name, thing in tables.items() if not thing.__doc__] == []


def test_every_example_in_a_docstring_holds():
    failed = {module.__name__: doctest.testmod(module).failed for module in MODULES}

    assert {name: n for name, n in failed.items() if n} == {}


def test_every_command_and_option_explains_itself():
    silent = []

    def walk(command, path):
        if not command.help:
            silent.append(path)
        if isinstance(command, click.Group):
            for name in command.list_commands(click.Context(command)):
                walk(command.get_command(click.Context(command), name), f"{path} {name}")

    walk(commands, "workbench")

    assert silent == []


def test_no_room_has_a_drawer_for_everything():
    names = {module.__name__.rsplit(".", 1)[-1] for module in MODULES}

    assert not names & {"utils", "helpers", "constants", "common", "misc"}
