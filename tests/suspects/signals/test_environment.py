"""Configuration, the database's shape, files that are named."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

FILES = {
    "shop.py": "def connect():\n    return Client(settings['payment_url'], TIMEOUT_SECONDS, 'queries/open.sql')\n",
    "config/production.yaml": "payment_url: https://pay\ncolour: blue\nTIMEOUT_SECONDS: 3\n",
    "db/migrate/1_orders.sql": "create table orders (id int, currency text)\n",
    "db/migrate/2_stock.sql": "create table stock (id int)\n",
    "data/queries/open.sql": "select 1\n",
    "templates/cart.html": "<p>\n",
}
RAISED = At("shop.py", "return Client", "connect")


def test_a_setting_that_the_failing_statement_reads(deployed: Deployed) -> None:
    history = deployed(FILES)
    key = history.edit("Pay elsewhere", "config/production.yaml", ("https://pay", "https://pay2"))
    constant = history.edit("Faster", "config/production.yaml", ("TIMEOUT_SECONDS: 3", "TIMEOUT_SECONDS: 1"))
    other = history.edit("Red", "config/production.yaml", ("blue", "red"))
    scene = history.scene(RAISED)
    assert value(scene, "configuration", key) > 0
    assert value(scene, "configuration", constant) > 0
    assert said(scene, "configuration", key).startswith("changed the setting `payment_url` in config/production.yaml")
    assert hit(scene, "configuration", other) is None


def test_a_column_that_the_database_misses(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("Currencies", "db/migrate/1_orders.sql", (", currency text", ""))
    other = history.edit("Stock", "db/migrate/2_stock.sql", ("int", "bigint"))
    scene = history.scene(RAISED, error="OperationalError", message="no such column: orders.currency")
    assert value(scene, "migration", culprit) > value(scene, "migration", other) > 0
    assert "`currency`" in said(scene, "migration", culprit)
    assert hit(history.scene(RAISED, message="no luck"), "migration", culprit) is None


def test_a_file_that_a_statement_or_the_error_names(deployed: Deployed) -> None:
    history = deployed(FILES)
    query = history.edit("Query", "data/queries/open.sql", ("select 1", "select 2"))
    template = history.edit("Template", "templates/cart.html", ("<p>", "<b>"))
    scene = history.scene(RAISED, error="TemplateSyntaxError", message="in cart.html, line 1: unexpected end")
    assert value(scene, "named-file", query) == 1
    assert said(scene, "named-file", query) == "changed data/queries/open.sql, which the statement of frame #0 names"
    assert said(scene, "named-file", template) == "changed templates/cart.html, which the error names"
    assert hit(history.scene(RAISED), "named-file", template) is None
