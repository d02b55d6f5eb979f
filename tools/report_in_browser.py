"""Renders the report in headless Chromium: screenshots, a PDF, and load and scroll times with 300 servers.

    PYTHONPATH=. .venv/bin/python tools/report_in_browser.py [DIR]

Writes to DIR (build/report-pictures): a success, a failure, a round trip, and 300 servers, at phone and desktop width,
in light and dark mode, each as the first screen and the whole page, and a PDF. Prints the measurements. Needs
`chromium`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from leeward.evidence.model import Evidence
from leeward.report.page import render_page
from tests.support.sample_journals import GRAPH, evidence, failover

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
LONG_TASKS_SCRIPT = """
  window.longTasks = [];
  new PerformanceObserver(list => list.getEntries().forEach(e => longTasks.push(e.duration)))
    .observe({type: "longtask", buffered: true});
"""
LOAD_SCRIPT = """() => {
  const n = performance.getEntriesByType("navigation")[0];
  const p = performance.getEntriesByName("first-contentful-paint")[0];
  const nodes = document.querySelectorAll("*").length;
  return {load: n.loadEventEnd, paint: p ? p.startTime : null, tasks: longTasks.slice(), nodes};
}"""
# Scrolls like a user with a mouse wheel: 240 pixels per frame, from the top to the end.
SCROLL_SCRIPT = """() => new Promise(done => {
  longTasks.length = 0;
  const frames = []; let before = performance.now();
  const step = now => {
    frames.push(now - before); before = now;
    const end = document.documentElement.scrollHeight - innerHeight;
    if (scrollY >= end - 1 || frames.length > 4000) {
      done({frames: frames.slice(1), tasks: longTasks.slice(), height: end});
      return;
    }
    scrollBy({top: 240, behavior: "instant"});
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


def build_sample_reports() -> dict[str, list[Evidence]]:
    """Return the evidence of each sample report."""
    many = failover(300, 10, name="server-" + "x" * 20, failed=3)
    return {
        "success": [evidence(failover(), graph=GRAPH)],
        "failure": [evidence(failover(12, 4, failed=2), graph=GRAPH)],
        "round-trip": [evidence(failover(), graph=GRAPH), evidence(failover(), graph=GRAPH)],
        "300-servers": [evidence(many, graph=GRAPH)],
    }


def main(folder: Path) -> int:
    """Write the screenshots and print the measurements. Return 1 when Chromium is missing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("chromium is not on the PATH. Install the package `chromium`.", file=sys.stderr)  # noqa: T201
        return 1
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, runs in build_sample_reports().items():
        files[name] = folder / f"{name}.html"
        files[name].write_text(render_page(runs), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for name, file in files.items():
            _take_screenshots(browser, name, file, folder)
        for size in SIZES:
            print(_measure_rendering(browser, files["300-servers"], size))  # noqa: T201
        browser.close()
    return 0


def _take_screenshots(browser: Browser, name: str, file: Path, folder: Path) -> None:
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            context: Any = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(file.as_uri())
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
            if name != "300-servers":
                page.screenshot(path=folder / f"{name}-{size}-{scheme}-whole.png", full_page=True)
            excess = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if excess > 0:
                print(f"{name} at {size} width is {excess} px too wide")  # noqa: T201
            if (size, scheme) == ("desktop", "light"):
                page.pdf(path=folder / f"{name}.pdf", format="A4", print_background=True)
            context.close()


def _measure_rendering(browser: Browser, file: Path, size: str) -> str:
    """Return the load and scroll times with every detail open, so that all 300 rows and the whole journal are
    scrolled.
    """
    context: Any = browser.new_context(viewport=SIZES[size])  # type: ignore[arg-type]
    context.add_init_script(LONG_TASKS_SCRIPT)
    page = context.new_page()
    page.goto(file.as_uri())
    loaded = page.evaluate(LOAD_SCRIPT)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.wait_for_timeout(500)
    scrolled = page.evaluate(SCROLL_SCRIPT)
    context.close()
    frames = sorted(scrolled["frames"])
    return (
        f"{size}: {file.stat().st_size / 1e6:.2f} MB, {loaded['nodes']} elements; "
        f"first paint {loaded['paint']:.0f} ms, loaded {loaded['load']:.0f} ms, long tasks "
        f"{_describe_long_tasks(loaded['tasks'])}; "
        f"{scrolled['height']} px scrolled in {len(frames)} frames: median {frames[len(frames) // 2]:.1f} ms, "
        f"95 % {frames[int(len(frames) * 0.95)]:.1f} ms, longest {frames[-1]:.0f} ms, "
        f"long tasks {_describe_long_tasks(scrolled['tasks'])}"
    )


def _describe_long_tasks(tasks: list[float]) -> str:
    return f"{len(tasks)} (longest {max(tasks):.0f} ms)" if tasks else "none"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build") / "report-pictures"))
