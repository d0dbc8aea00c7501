"""The private PostgreSQL keeps committed data, isolates databases, and can run beside another server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from deploy.local_services import Postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("postgres")) as part:
        yield part


def run(url: str, *statements: str) -> object:
    """Run and commit all statements; return the single value of the last."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            answers = [connection.execute(text(statement)) for statement in statements]
            return answers[-1].scalar() if answers[-1].returns_rows else None
    finally:
        engine.dispose()


def test_a_committed_row_survives_a_kill_of_the_server(server: Postgres) -> None:
    # Given a committed row, and a session with an open transaction
    url = server.create_database("application")
    run(url, "CREATE TABLE unit (name text)", "INSERT INTO unit VALUES ('牵头单位')")
    engine = create_engine(url)
    with engine.connect() as open_session:
        open_session.execute(text("INSERT INTO unit VALUES ('never committed')"))
        # When the server is killed and started again
        server.kill()
        open_session.invalidate()
    engine.dispose()
    server.start()
    server.wait_ready()
    # Then the committed row is there, and no other
    assert run(url, "SELECT string_agg(name, ',') FROM unit") == "牵头单位"


def test_commits_reach_the_disk(server: Postgres) -> None:
    assert run(server.create_database("application"), "SHOW fsync") == "on"


def test_creating_a_database_again_answers_the_same_url(server: Postgres) -> None:
    assert server.create_database("documents") == server.create_database("documents")


def test_one_services_credentials_do_not_open_anothers_database(server: Postgres) -> None:
    review, evaluation = make_url(server.create_database("review")), server.create_database("evaluation")
    foreign = make_url(evaluation).set(username=review.username, password=review.password)
    with pytest.raises(OperationalError, match="permission denied"):
        run(foreign.render_as_string(hide_password=False), "SELECT 1")


def test_without_a_password_nobody_gets_in(server: Postgres) -> None:
    url = make_url(server.create_database("review")).set(password="guessed")
    with pytest.raises(OperationalError, match="password authentication failed"):
        run(url.render_as_string(hide_password=False), "SELECT 1")


def test_two_servers_run_side_by_side(server: Postgres, tmp_path: Path) -> None:
    with Postgres(tmp_path / "second") as second:
        assert run(second.create_database("review"), "SELECT 2") == 2
        assert run(server.create_database("review"), "SELECT 1") == 1
