"""The migrations make the schema that the tables describe, and lose nothing on the way."""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from tests.factories import a_record, a_review
from workbench import db
from workbench.resources import resource
from workbench.screening.models import Vote


def alembic(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resource("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def test_the_migrations_make_exactly_the_tables_of_the_models(url):
    command.check(alembic(url))


def test_the_migrations_keep_every_check_of_the_models(url):
    """Alembic compares no checks, and a table that SQLite rebuilds could lose them unseen."""
    inspector = sa.inspect(db.open_sessions(url).engine)
    there = {
        (table, one["name"]) for table in inspector.get_table_names() for one in inspector.get_check_constraints(table)
    }
    wanted = {
        (table.name, str(one.name))
        for table in db.Base.metadata.sorted_tables
        for one in table.constraints
        if isinstance(one, sa.CheckConstraint)
    }

    assert len(wanted) > 20 and wanted <= there


def test_upgrading_twice_changes_nothing(url):
    db.upgrade(url)

    assert db.is_current(db.open_sessions(url))


def test_the_schema_can_be_taken_down_and_put_up_again(url):
    command.downgrade(alembic(url), "base")
    command.upgrade(alembic(url), "head")

    command.check(alembic(url))


def test_a_migration_that_rebuilds_a_parent_table_loses_no_child_row(sqlite_url, tmp_path):
    """The trap: on SQLite a table is rebuilt by copy and drop, and with foreign keys on the drop deletes children."""
    sessions = db.open_sessions(sqlite_url)
    with sessions.write.begin() as session:
        for _ in range(3):
            a_record(session, a_review(session))
        before = {
            name: session.scalar(sa.text(f'select count(*) from "{name}"')) for name in ("record", "import", "member")
        }
    sessions.engine.dispose()
    scripts = a_later_migration(tmp_path)

    config = alembic(sqlite_url)
    config.set_main_option("version_locations", scripts)
    command.upgrade(config, "head")

    with db.open_sessions(sqlite_url).read() as session:
        after = {name: session.scalar(sa.text(f'select count(*) from "{name}"')) for name in before}
    assert after == before and min(before.values()) >= 3


def a_later_migration(folder) -> str:
    """A migration after the newest one that rebuilds `review`, the parent of nearly everything."""
    head = db_head()
    (folder / "later").mkdir()
    (folder / "later" / "zzzz_rebuild.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = 'zzzz'\ndown_revision = '{head}'\nbranch_labels = None\ndepends_on = None\n"
        "def upgrade():\n    with op.batch_alter_table('review', recreate='always') as batch:\n"
        "        batch.add_column(sa.Column('nickname', sa.Text()))\n"
        "def downgrade():\n    pass\n"
    )
    return f"{resource('migrations') / 'versions'}:{folder / 'later'}"


def db_head() -> str:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(resource("migrations"))).get_current_head()


def test_without_the_guard_the_same_rebuild_would_lose_the_children(sqlite_url):
    """Shows that the test above can fail: the same operation with foreign keys left on removes or refuses child rows."""
    sessions = db.open_sessions(sqlite_url)
    with sessions.engine.begin() as connection:
        connection.exec_driver_sql("create table parent (id integer primary key)")
        connection.exec_driver_sql(
            "create table child (id integer primary key, parent_id integer references parent(id) on delete cascade)"
        )
        connection.exec_driver_sql("insert into parent values (1)")
        connection.exec_driver_sql("insert into child values (1, 1)")
    with sessions.engine.begin() as connection:
        with Operations(MigrationContext.configure(connection)).batch_alter_table("parent", recreate="always") as batch:
            batch.add_column(sa.Column("name", sa.Text()))
        left = connection.exec_driver_sql("select count(*) from child").scalar()

    assert left == 0


def test_the_house_refuses_a_vote_that_supersedes_nothing_on_a_later_turn(session):
    import pytest

    review = a_review(session)
    record = a_record(session, review)

    with pytest.raises(sa.exc.IntegrityError):
        session.execute(
            sa.insert(Vote).values(
                record_id=record.id,
                reviewer_id=1,
                stage="title-abstract",
                turn=2,
                decision="include",
                origin="cast",
                protocol_version_id=1,
                idempotency_key="k",
                cast_at=db.now(),
            )
        )
