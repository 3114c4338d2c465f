#!/usr/bin/env python3
"""The unmodified DB-API driver confluent-sql against a service.

    confluent_sql_driver.py URL ORGANIZATION ENVIRONMENT POOL DATABASE KEY SECRET GLOBAL_KEY GLOBAL_SECRET

One line a check; exits 1 when one fails. Needs: pip install confluent-sql
"""

import sys
import time
import traceback

import confluent_sql
from confluent_sql import ExecutionMode, OperationalError

URL, ORGANIZATION, ENVIRONMENT, POOL, DATABASE, KEY, SECRET, GLOBAL_KEY, GLOBAL_SECRET = sys.argv[1:]
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def connect(**credentials):
    return confluent_sql.connect(
        environment_id=ENVIRONMENT, organization_id=ORGANIZATION, compute_pool_id=POOL, database=DATABASE,
        endpoint=URL, controlplane_endpoint=URL, **credentials)


@check
def ddl(connection):
    statement = connection.execute_snapshot_ddl("CREATE TABLE users (id INT, name STRING)")
    # The driver deletes the statements of DDL that has ended.
    assert statement.phase.value == "DELETED", statement.phase


@check
def ddl_that_fails(connection):
    try:
        connection.execute_snapshot_ddl("CREATE TABLE users (id INT)")
    except OperationalError as error:
        assert "users" in str(error) and "exists" in str(error), error
        return
    raise AssertionError("no error")


@check
def dry_run(connection):
    statement = connection.dry_run_statement("SELECT id, name FROM users", mode=ExecutionMode.STREAMING_QUERY)
    assert statement.phase.value == "COMPLETED", statement.phase
    assert [column.name for column in statement.schema.columns] == ["id", "name"], statement.schema
    try:
        connection.dry_run_statement("SELECT boom FROM users", mode=ExecutionMode.STREAMING_QUERY)
    except OperationalError as error:
        assert "boom" in str(error), error
    else:
        raise AssertionError("no error")
    assert connection.list_statements() == []


@check
def insert_values(connection):
    statement = connection.execute_streaming_ddl("INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob'), (3, NULL)")
    assert statement.phase.value in ("DELETED", "RUNNING"), statement.phase


@check
def streaming_select(connection):
    with connection.closing_streaming_cursor() as cursor:
        cursor.execute("SELECT id, name FROM users")
        assert [column[0] for column in cursor.description] == ["id", "name"], cursor.description
        rows, begun = [], time.time()
        while len(rows) < 3 and time.time() - begun < 60:
            row = cursor.fetchone()
            if row is not None:
                rows.append(tuple(row))
        assert sorted(rows) == [(1, "Ann"), (2, "Bob"), (3, None)], rows


@check
def streaming_select_of_dictionaries(connection):
    with connection.closing_streaming_cursor(as_dict=True) as cursor:
        cursor.execute("SELECT order_id, customer_id, price FROM examples.marketplace.orders")
        found, begun = None, time.time()
        while found is None and time.time() - begun < 60:
            found = cursor.fetchone()
        assert 3000 <= found["customer_id"] <= 3250 and isinstance(found["price"], float), found


@check
def parameters_are_put_in(connection):
    with connection.closing_streaming_cursor() as cursor:
        cursor.execute("SELECT name FROM users WHERE id = %s", (2,))
        row, begun = None, time.time()
        while row is None and time.time() - begun < 60:
            row = cursor.fetchone()
        assert tuple(row) == ("Bob",), row


@check
def background_statement_is_stopped_and_deleted(connection):
    statement = connection.execute_streaming_ddl("CREATE TABLE copies AS SELECT id, name FROM users")
    assert connection.get_statement(statement).phase.value in ("PENDING", "RUNNING")
    stopped = connection.stop_statement(statement, timeout=60)
    assert stopped.phase.value == "STOPPED", stopped.phase
    name = statement.name
    assert name in [listed.name for listed in connection.list_statements()]
    connection.delete_statement(statement)
    for _ in range(100):
        if name not in [listed.name for listed in connection.list_statements()]:
            return
        time.sleep(0.1)
    raise AssertionError("a deleted statement is still listed")


@check
def failing_statement(connection):
    with connection.closing_streaming_cursor() as cursor:
        try:
            cursor.execute("SELECT boom FROM users")
        except OperationalError as error:
            assert "boom" in str(error), error
            return
    raise AssertionError("no error")


@check
def syntax_error(connection):
    try:
        connection.execute_snapshot_ddl("CREATE TABEL x (id INT)")
    except OperationalError as error:
        assert "TABEL" in str(error) and "line 1" in str(error), error
        return
    raise AssertionError("no error")


@check
def ordinary_cursor_inserts(connection):
    # It sends sql.snapshot.mode = now with every statement.
    with connection.closing_cursor() as cursor:
        cursor.execute("INSERT INTO users VALUES (4, 'Dan'), (5, 'Eve')")
        cursor.execute("INSERT INTO users SELECT 6, 'Fay'")


@check
def ordinary_cursor_reads_tables_as_they_are_now(connection):
    with connection.closing_cursor() as cursor:
        cursor.execute("SELECT id, name FROM users")
        assert [column[0] for column in cursor.description] == ["id", "name"], cursor.description
        rows = sorted(tuple(row) for row in cursor.fetchall())
        expected = [(1, "Ann"), (2, "Bob"), (3, None), (4, "Dan"), (5, "Eve"), (6, "Fay")]
        assert rows == expected, rows
        cursor.execute("SELECT name FROM users WHERE id > %s UNION ALL SELECT 'Zoe'", (4,))
        assert sorted(row[0] for row in cursor.fetchall()) == ["Eve", "Fay", "Zoe"]
        cursor.execute("SELECT id FROM users LIMIT 2")
        assert len(cursor.fetchmany(10)) == 2 and cursor.fetchone() is None
        cursor.execute("SELECT id FROM users WHERE id > 100")
        assert cursor.fetchall() == []


@check
def ordinary_cursor_needs_no_table(connection):
    with connection.closing_cursor() as cursor:
        for sql, expected in [
            ("SELECT 1 + 1 AS two", [(2,)]),
            ("SELECT x FROM (VALUES (1), (2)) AS v(x)", [(1,), (2,)]),
            ("SHOW TABLES", [("copies",), ("users",)]),
            ("SHOW CURRENT DATABASE", None),
            ("DESCRIBE users", None),
            ("EXPLAIN SELECT name, COUNT(*) FROM users GROUP BY name", None),
            ("SET 'sql.state-ttl' = '1 h'", None),
        ]:
            cursor.execute(sql)
            rows = [tuple(row) for row in cursor.fetchall()]
            assert rows and expected in (None, sorted(rows)), (sql, rows)


@check
def ordinary_cursor_makes_tables(connection):
    with connection.closing_cursor() as cursor:
        cursor.execute("CREATE TABLE scores (id INT, score DOUBLE)")
        cursor.execute("DROP TABLE scores")
    # A table and its rows of now; the statement ends.
    statement = connection.execute_snapshot_ddl("CREATE TABLE friends AS SELECT id, name FROM users")
    assert statement.phase.value == "DELETED", statement.phase
    with connection.closing_cursor() as cursor:
        cursor.execute("SELECT id FROM friends")
        assert sorted(row[0] for row in cursor.fetchall()) == [1, 2, 3, 4, 5, 6]
        cursor.execute("DROP TABLE friends")


@check
def ordinary_cursor_counts_sorts_and_groups(connection):
    # A result of a snapshot comes once, when all rows have been read: no rows that are taken back.
    with connection.closing_cursor() as cursor:
        for sql, expected in [
            ("SELECT COUNT(*) FROM users", [(6,)]),
            ("SELECT COUNT(*), MAX(name) FROM users WHERE id > 100", [(0, None)]),
            ("SELECT id FROM users ORDER BY id DESC", [(6,), (5,), (4,), (3,), (2,), (1,)]),
            (
                "SELECT MOD(id, 2) AS odd, COUNT(name) AS names FROM users GROUP BY MOD(id, 2) ORDER BY odd",
                [(0, 3), (1, 2)],
            ),
        ]:
            cursor.execute(sql)
            rows = [tuple(row) for row in cursor.fetchall()]
            assert rows == expected, (sql, rows)


@check
def snapshots_of_what_never_ends_are_refused_by_name(connection):
    with connection.closing_cursor() as cursor:
        try:
            cursor.execute("SELECT order_id FROM examples.marketplace.orders")
        except OperationalError as error:
            assert "NUTKIN-2002" in str(error) and "snapshot" in str(error), error
        else:
            raise AssertionError("no error")


@check
def wrong_secret(_):
    other = connect(flink_api_key=KEY, flink_api_secret="wrong")
    try:
        other.execute_snapshot_ddl("SHOW TABLES")
    except OperationalError as error:
        assert "401" in str(error) or "wrong" in str(error).lower() or "nauthorized" in str(error), error
        return
    raise AssertionError("no error")


@check
def global_key(_):
    other = connect(global_api_key=GLOBAL_KEY, global_api_secret=GLOBAL_SECRET)
    other.execute_snapshot_ddl("DROP TABLE users")


def main():
    failed = 0
    connection = connect(flink_api_key=KEY, flink_api_secret=SECRET)
    for function in CHECKS:
        begun = time.time()
        try:
            function(connection)
            print(f"ok   {function.__name__} ({time.time() - begun:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL {function.__name__}\n{traceback.format_exc()}", flush=True)
    connection.close()
    sys.exit(1 if failed else 0)


main()
