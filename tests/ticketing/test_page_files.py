"""The page's files: served with headers that keep everything else out, and without anything that would read HTML."""

from __future__ import annotations

import re

import pytest

from workloads.ticketing import page_files

SCRIPTS = sorted((page_files.WEB_FOLDER / "js").glob("*.js"))


@pytest.mark.parametrize("path", ["/../page.py", "/js/../../page.py", "/%2e%2e/page.py", "/nothing.html", "/js", "/.."])
def test_only_page_files_are_served(path: str) -> None:
    assert page_files.find_file(path) is None


def test_the_index_is_served_at_the_root() -> None:
    kind, content = page_files.find_file("/") or ("", b"")
    assert kind.startswith("text/html")
    assert b"<main>" in content


def test_page_has_no_inline_or_external_resources() -> None:
    text = (page_files.WEB_FOLDER / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|\sstyle=", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


def test_csp_allows_only_own_scripts_and_named_addresses() -> None:
    policy = dict(
        part.split(" ", 1) for part in page_files.build_security_policy(["https://api.example.com"]).split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self' https://api.example.com"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in " ".join(policy.values())


def test_labels_and_descriptions_reference_existing_ids() -> None:
    text = (page_files.WEB_FOLDER / "index.html").read_text()
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    for attribute in ("for", "aria-labelledby", "aria-describedby"):
        assert set(re.findall(rf'\b{attribute}="([^"]+)"', text)) <= ids
    assert {f"#{i}" for i in ids} >= set(re.findall(r'href="(#[^"]+)"', text))


def test_ids_used_by_scripts_exist() -> None:
    ids = set(re.findall(r'\bid="([^"]+)"', (page_files.WEB_FOLDER / "index.html").read_text()))
    for script in SCRIPTS:
        assert set(re.findall(r'byId\("([^"]+)"\)', script.read_text())) <= ids


def test_colors_meet_wcag_contrast() -> None:
    """WCAG 2: 4.5 to 1 for every pair of text and background, in the light and in the dark."""
    text = (page_files.WEB_FOLDER / "style.css").read_text()
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in text.split("@media", 2)[:2])
    pairs = [("text", "page"), ("text", "panel"), ("dim", "page"), ("dim", "panel"), ("on-accent", "accent")]
    pairs += [(kind, ground) for kind in ("good", "bad", "warn", "accent") for ground in ("page", "panel")]
    pairs += [("warn", "warn-soft"), ("text", "warn-soft"), ("dim", "warn-soft"), ("accent", "warn-soft")]
    for colours in (light, dark):
        for front, back in pairs:
            assert _contrast(colours[front], colours[back]) >= 4.5, (front, back, colours[front], colours[back])


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_page_file_has_a_content_type() -> None:
    files = [path for path in page_files.WEB_FOLDER.rglob("*") if path.is_file()]
    assert files
    assert {path.suffix for path in files} <= set(page_files.CONTENT_TYPES)
