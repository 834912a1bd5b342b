"""Migrations of the database, run by ``store.migrate`` at every start; no alembic.ini is needed.

A new one is a file in ``versions/`` named after its number. ``tests/store`` shows what differs between the
tables and the migrations. Write portable operations, and ``op.batch_alter_table`` to alter a table.
"""
