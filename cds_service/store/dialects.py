"""What SQLite and PostgreSQL say in different words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Date, Float, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def insertion(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insertion that may meet a row which is there already, in the database's own words."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


class Monday(FunctionElement[Any]):
    """The first day of the ISO week of a day."""

    type = Date()
    inherit_cache = True


class Seconds(FunctionElement[Any]):
    """From an earlier to a later time: Seconds(later, earlier)."""

    type = Float()
    inherit_cache = True


@compiles(Monday, "sqlite")
def _monday_sqlite(element: Monday, compiler: Any, **more: Any) -> str:
    # The Sunday that ends the week, and six days back.
    return f"date({compiler.process(element.clauses, **more)}, 'weekday 0', '-6 days')"


@compiles(Monday, "postgresql")
def _monday_postgresql(element: Monday, compiler: Any, **more: Any) -> str:
    return f"CAST(date_trunc('week', {compiler.process(element.clauses, **more)}) AS DATE)"


@compiles(Seconds, "sqlite")
def _seconds_sqlite(element: Seconds, compiler: Any, **more: Any) -> str:
    later, earlier = (compiler.process(one, **more) for one in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(Seconds, "postgresql")
def _seconds_postgresql(element: Seconds, compiler: Any, **more: Any) -> str:
    later, earlier = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(extract(epoch FROM ({later} - {earlier})) AS DOUBLE PRECISION)"
