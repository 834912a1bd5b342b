"""A shopper with a real browser in the stand-in's shops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.page.stand_in import StandIn, standing_in
from tests.plumbing import chromium

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

#: What is on the launcher.
LAUNCHER = "Talk to us"
#: What Prototype.js 1.6 and MooTools 1.2 do to the browser's own objects.
OLD_LIBRARY = """
  var no = function () { throw new Error("not this one") };
  Array.from = function (any) {
    var all = [];
    for (var i = 0; i < any.length; i++) all.push(any[i]);
    return all;
  };
  Array.prototype.toJSON = function () { return "[" + this.join(", ") + "]" };
  String.prototype.toJSON = function () { return '"' + this + '"' };
  Array.prototype.reduce = function () { return this.length > 1 ? this : this[0] };
  Array.prototype.find = Array.prototype.filter = Array.prototype.map = Array.prototype.forEach = no;
  Array.prototype.entries = Array.prototype.first = Array.prototype.each = function () { return this };
  Function.prototype.bind = function (scope) {
    var f = this;
    return function () { return f.apply(scope, arguments) };
  };
  Element.prototype.remove = function () { this.parentNode.removeChild(this); return this };
  Element.prototype.hide = Element.prototype.show = Element.prototype.update = function () { return this };
  document.getElementsByClassName = function () { return [] };
  window.$ = function (id) { return document.getElementById(id) };
"""
#: And what their plug-ins take away once the page is there.
STOLEN = """
  document.addEventListener("DOMContentLoaded", function () {
    var no = function () { throw new Error("not this one") };
    JSON.stringify = JSON.parse = window.fetch = window.setTimeout = window.getComputedStyle = no;
  });
"""


#: A script as tag managers add it, with its ADDRESS.
INJECT = """<script>
  var s = document.createElement("script");
  s.async = 1;
  s.src = "ADDRESS";
  var first = document.getElementsByTagName("script")[0];
  first.parentNode.insertBefore(s, first);
</script>"""


@asynccontextmanager
async def shopping(**options: Any) -> AsyncIterator[tuple[StandIn, Any]]:
    """A stand-in, and a tab of a browser of its own; no error of the page's code may be left over."""
    async with standing_in() as server, chromium.context(**options) as context:
        context.set_default_timeout(15_000)
        page = await context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield server, page
        assert problems == []


async def top_at(page: Any) -> set[str]:
    """The tags of what a click would meet, at each point of a grid over the window."""
    tags = await page.evaluate(
        """() => {
          const tags = new Set();
          for (let x = 1; x < innerWidth; x += 20)
            for (let y = 1; y < innerHeight; y += 20) tags.add(document.elementFromPoint(x, y)?.tagName);
          return [...tags];
        }"""
    )
    return set(tags)


async def accessible(page: Any) -> None:
    """axe-core finds nothing that breaks WCAG 2.2 A and AA."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("tags => axe.run(document, {runOnly: tags})", list(_RULES))
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
