"""One HTML file with a map that needs no network: folium's page with Leaflet inside it.

What a page shows is its own: a panel, a style, and a script that fills the map.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Final

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from gisgrid.text import Lang

_VENDOR = files("gisgrid.report").joinpath("vendor", "leaflet")


def offline_page(panel: str, *, title: str, name: str, style: str, script: str, call: str, lang: Lang) -> str:
    """The HTML that folium makes of an empty map and our own parts.

    Parameters
    ----------
    panel : str
        HTML beside the map.
    title : str
    name : str
        Of folium's map in the page; else it is random, and no page comes out twice.
    style : str
        CSS, after Leaflet's and folium's.
    script : str
        JavaScript that defines the function `call`, which is called with Leaflet's map.
    lang : Lang

    Raises
    ------
    ValueError
        If the page would load anything.
    """
    canvas = folium.Map(
        location=[0, 0], tiles=None, zoom_start=4, attribution_control=False, zoom_snap=0.25, max_zoom=22
    )
    canvas._id = name
    # Set on this map only: folium's own lists are shared by every map of the process.
    canvas.default_js, canvas.default_css = [], []
    figure: Any = canvas.get_root()
    figure.title = escape(title)
    figure.header.add_child(_Verbatim(f"<style>{_leaflet_css()}</style>"), name="leaflet_css")
    figure.header.add_child(_Verbatim(f"<script>{_leaflet_js()}</script>"), name="leaflet_js")
    figure.html.add_child(_Verbatim(panel), name="panel")
    canvas.add_child(_Behaviour(script, call))
    # After folium's own styles, which it only adds while rendering.
    figure.html.add_child(_Verbatim(f"<style>{style}</style>"), name="map_css")
    page: str = figure.render()
    language = "zh-CN" if lang is Lang.ZH else "en"
    page = page.replace("<html>", f'<html lang="{language}">', 1)
    page = re.sub(r"<meta name=\"viewport\"[^>]*>", _VIEWPORT, page, count=1)
    assert_self_contained(page)
    return page


_VIEWPORT: Final = '<meta name="viewport" content="width=device-width, initial-scale=1">'
"""folium's own forbids zooming, which people with weak eyes need."""


class _Behaviour(MacroElement):
    """The script that fills folium's map."""

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this.script }}"
        "{{ this.call }}({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self, script: str, call: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Behaviour"
        self.script = script
        self.call = call


class _Verbatim(Element):
    """Text that goes into the page as it is; branca's own Element takes it for a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_kwargs: object) -> str:
        """The text."""
        return self._text


@cache
def _leaflet_js() -> str:
    script = _VENDOR.joinpath("leaflet.js").read_text("utf-8").replace('href="https://leafletjs.com" ', "")
    return re.sub(r"//# sourceMappingURL=.*", "", script)


@cache
def _leaflet_css() -> str:
    """Without its pictures: our controls use words, and our markers are drawn."""
    return re.sub(r"url\([^)]*\)", "none", _VENDOR.joinpath("leaflet.css").read_text("utf-8"))


_RESOURCE: Final = re.compile(
    r"""<(?:script|img|iframe|link|source|audio|video|object|embed)\b[^>]*\b(?:src|href|data)\s*=(?!\s*["']?data:)"""
    r"""|\b(?:src|href|action)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|@import\b|(?<!\w)url\(\s*(?!["']?(?:data:|\#|none))""",
    re.IGNORECASE,
)


def assert_self_contained(page: str) -> None:
    """Make sure that the page asks for nothing outside itself.

    Raises
    ------
    ValueError
        If it would load a script, style, picture or font.
    """
    # Content is data: it is read as JSON and shown as text.
    code = re.sub(
        r'(<script type="application/json"[^>]*>).*?</script>', r"\1</script>", page, flags=re.DOTALL
    )
    found = _RESOURCE.search(code)
    if found is not None:
        raise ValueError(f"the map would load something: {found[0][:120]}")


def json_in_html(value: Any) -> str:
    r"""JSON that no HTML parser can leave: < > & as \u003c and so on."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
