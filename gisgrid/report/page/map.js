/* The map of an audit. All text reaches the page through textContent, never as markup. */
function auditMap(map) {
  "use strict";
  const content = JSON.parse(document.getElementById("audit-content").textContent);
  const words = content.words;
  const SVG = "http://www.w3.org/2000/svg";
  const narrow = () => window.innerWidth < 768;
  const INK = "#17222e", SECOND = "#5a6875", CHILD = "#bcc3c0", ACCENT = "#0b6e6e", BAD = "#b8362b";

  /* Panes, from bottom to top. */
  const pane = (name, z, events) => {
    const element = map.createPane(name);
    element.style.zIndex = z;
    if (!events) element.style.pointerEvents = "none";
    return element;
  };
  const graticulePane = pane("graticule", 350, false);
  pane("land", 400, false);
  pane("sources", 430, true);
  const namePane = pane("names", 440, false);
  pane("findings", 450, true);
  const land = L.canvas({ pane: "land", padding: 0.4 });
  const canvas = L.canvas({ pane: "sources", padding: 0.4, tolerance: narrow() ? 8 : 3 });
  const svg = L.svg({ pane: "findings", padding: 0.4 });

  /* Shapes on the canvas: a class is told by its size, the others also by their shape. */
  const drawn = (path) => L.CircleMarker.extend({
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing || this._empty()) return;
      renderer._ctx.beginPath();
      path(renderer._ctx, this._point, this._radius);
      renderer._ctx.closePath();
      renderer._fillStroke(renderer._ctx, this);
    },
  });
  const Diamond = drawn((ctx, p, r) => {
    ctx.moveTo(p.x, p.y - r); ctx.lineTo(p.x + r, p.y); ctx.lineTo(p.x, p.y + r); ctx.lineTo(p.x - r, p.y);
  });
  const Square = drawn((ctx, p, r) => ctx.rect(p.x - r, p.y - r, 2 * r, 2 * r));
  const Triangle = drawn((ctx, p, r) => {
    ctx.moveTo(p.x, p.y - r); ctx.lineTo(p.x + r, p.y + 0.8 * r); ctx.lineTo(p.x - r, p.y + 0.8 * r);
  });

  /* What each thing looks like: on the map, in the legend and in the panel. */
  const HATCH = {
    gap: '<path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4"/>',
    overlap: '<path d="M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4"/><path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4"/>',
    protrusion: '<path d="M0,2 h8 M0,6 h8"/>',
    misnested: '<circle cx="2" cy="2" r=".9"/><circle cx="6" cy="6" r=".9"/>',
  };
  const MARK = {
    gap: '<rect x="1.5" y="1.5" width="11" height="11"/>',
    overlap: '<path d="M7,0.5 13.5,7 7,13.5 0.5,7z"/>',
    protrusion: '<path d="M7,1 13.5,12.5 0.5,12.5z"/>',
    misnested: '<circle cx="7" cy="7" r="5.8"/>',
    uncovered: '<path d="M7,0.5 13.5,7 7,13.5 0.5,7z"/>',
  };
  const markSvg = (kind, colour) =>
    `<svg xmlns="${SVG}" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">` +
    `<g fill="${colour}" stroke="#fff" stroke-width="1.4">${MARK[kind]}</g></svg>`;
  const svgUrl = (text) => `url("data:image/svg+xml,${encodeURIComponent(text)}")`;
  document.querySelectorAll(".mark").forEach((element) => {
    const kind = element.classList[1];
    const layer = content.findings.find((each) => each.kind === kind);
    element.style.backgroundImage = svgUrl(markSvg(kind, layer ? layer.colour : BAD));
  });

  const definePatterns = () => {
    const defs = document.createElementNS(SVG, "defs");
    content.findings.forEach(({ kind, colour }) => {
      const pattern = document.createElementNS(SVG, "pattern");
      pattern.id = `hatch-${kind}`;
      pattern.setAttribute("width", 8);
      pattern.setAttribute("height", 8);
      pattern.setAttribute("patternUnits", "userSpaceOnUse");
      pattern.innerHTML =
        `<rect width="8" height="8" fill="${colour}" fill-opacity=".34"/>` +
        `<g stroke="${colour}" stroke-width="1.5" fill="${colour}">${HATCH[kind]}</g>`;
      defs.appendChild(pattern);
    });
    svg._container.insertBefore(defs, svg._container.firstChild);
  };

  /* Popups. */
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const popup = (title, kind, fields, values, lines) => {
    const box = element("div");
    box.append(element("h3", "", title || words.unnamed));
    if (kind) box.append(element("div", "kind", kind));
    const list = element("dl");
    values.forEach((value, at) => {
      if (value === "" || value === null || value === undefined || fields[at] === undefined) return;
      list.append(element("dt", "", fields[at]), element("dd", "", String(value)));
    });
    if (list.childNodes.length) box.append(list);
    if (lines && lines.length) {
      const more = element("ul");
      lines.forEach((line) => more.append(element("li", "", line)));
      box.append(more);
    }
    return box;
  };
  let legendWidth = 0;
  const popupOptions = () => ({
    maxWidth: Math.min(340, window.innerWidth - 60), minWidth: 200,
    autoPanPaddingTopLeft: [60, 16], autoPanPaddingBottomRight: [legendWidth + 16, 16],
  });
  const explain = (layer, build) => layer.on("click keypress", (event) => {
    if (event.type === "keypress" && event.originalEvent.key !== "Enter") return;
    L.DomEvent.stopPropagation(event);
    ask(layer.getLatLng ? layer.getLatLng() : event.latlng, build());
  });
  const ask = (at, box) => L.popup(popupOptions()).setLatLng(at).setContent(box).openOn(map);

  /* The grids: one line weight a level, the coarser over the finer, on white ground. */
  const overlays = [];
  const addOverlay = (group, title, meaning, count, key, layer, on) => {
    overlays.push({ group, title, meaning, count, key, layer });
    if (on) layer.addTo(map);
  };
  const onLand = { renderer: land, pane: "land", interactive: false, lineJoin: "round" };
  content.levels[0].features.forEach((feature) => {
    L.polygon(feature.g, { ...onLand, stroke: false, fillColor: "#fff", fillOpacity: 1 }).addTo(map);
  });
  const finest = content.levels.length - 1;
  const gridLayers = content.levels.map((level, at) => {
    const child = at === finest && at > 0;
    const weight = child ? 1 : Math.max(1.4, 3.2 - 0.8 * at);
    const color = child ? "#a9b2b5" : SECOND;
    const group = L.layerGroup(level.features.map((feature) => L.polygon(feature.g, { ...onLand, color, weight, fill: false })));
    return { level, group, weight, color };
  });
  gridLayers.slice().reverse().forEach(({ group }) => group.addTo(map));
  const line = (layer) => `<line x1="0" y1="7" x2="20" y2="7" stroke="${layer.color}" stroke-width="${layer.weight}"/>`;
  gridLayers.forEach((layer) => overlays.push({
    group: words.grids, title: layer.level.title, meaning: "", count: layer.level.features.length, key: line(layer), layer: layer.group,
  }));

  /* Sources. */
  const RADIUS = { A: 3, B: 3.6, C: 5.4, "-": 3 };
  const grown = [];
  const point = (Kind, feature, radius, style) => {
    const marker = new Kind(feature.at, { renderer: canvas, pane: "sources", radius, color: "#fff", weight: 0.8, fillOpacity: 1, ...style });
    if (Kind === L.CircleMarker) grown.push([marker, radius]);
    return marker;
  };
  const receptors = L.layerGroup(content.receptors.features.map((feature) => explain(
    point(Triangle, feature, 4.5, { fillColor: ACCENT }),
    () => popup(feature.n, words.receptors, content.receptors.fields, feature.v))));
  const classLayers = content.sources.classes.map((each) => L.layerGroup(each.features.map((feature) => explain(
    point(L.CircleMarker, feature, RADIUS[each.class], { fillColor: each.colour }),
    () => popup(feature.n, `${words.sources} · ${each.title}`, content.sources.fields, feature.v, feature.a)))));
  const stacks = L.layerGroup(content.stacks.map((feature) => explain(
    point(Square, feature, 6.5, { color: INK, weight: 1.8, fillColor: "#fff", fillOpacity: 0.25 }),
    () => popup(feature.n, words.stacks, [], [], feature.v))));
  const uncovered = L.layerGroup(content.sources.uncovered.map((feature) => explain(
    point(Diamond, feature, 6.5, { color: "#fff", weight: 1.6, fillColor: BAD }),
    () => popup(feature.n, words.uncovered, content.sources.fields, feature.v, feature.a))));

  /* Findings: patterned land, and a mark where the land is too small to see. */
  const findings = [];
  const findingLayers = content.findings.map((kind) => {
    const group = L.layerGroup();
    kind.features.forEach((feature) => {
      const polygon = L.polygon(feature.g, {
        renderer: svg, pane: "findings", color: kind.colour, weight: 1.6, fillColor: `url(#hatch-${kind.kind})`, fillOpacity: 1,
      });
      const build = () => popup(feature.n, `${kind.title} · ${kind.meaning}`, kind.fields, feature.v);
      explain(polygon, build);
      group.addLayer(polygon);
      findings.push({ feature, kind, group, polygon, bounds: polygon.getBounds(), build });
    });
    return group;
  });
  content.findings.forEach((kind, at) => {
    if (!kind.features.length) return;
    const key = `<rect x="1" y="1" width="18" height="12" fill="url(#hatch-${kind.kind})" stroke="${kind.colour}"/>`;
    addOverlay(words.findings, kind.title, kind.meaning, kind.count, key, findingLayers[at], true);
  });
  const dot = (colour, radius) => `<circle cx="10" cy="7" r="${radius}" fill="${colour}" stroke="#fff"/>`;
  if (content.sources.uncovered.length) {
    addOverlay(words.sources, words.uncovered, words.uncovered_meaning, content.sources.uncovered_count,
      `<path d="M10,0.5 16.5,7 10,13.5 3.5,7z" fill="${BAD}"/>`, uncovered, true);
  }
  content.sources.classes.forEach((each, at) => {
    if (!each.features.length) return;
    addOverlay(words.sources, each.title, each.meaning, each.count, dot(each.colour, RADIUS[each.class]), classLayers[at], true);
  });
  if (content.stacks.length) {
    addOverlay(words.sources, words.stacks, words.stacks_meaning, content.stacks.length,
      `<rect x="4" y="1" width="12" height="12" fill="#fff" stroke="${INK}" stroke-width="1.8"/>`, stacks, true);
  }
  if (content.receptors.features.length) {
    addOverlay(words.receptors, words.receptors, words.receptors_meaning, content.receptors.count,
      `<path d="M10,1 16,12 4,12z" fill="${ACCENT}"/>`, receptors, false);
  }
  /* What matters most is drawn last: uncovered sources over stacks over classes over receptors. */
  const inOrder = () => {
    [receptors, ...classLayers.slice().reverse(), stacks, uncovered].forEach((group) => {
      if (map.hasLayer(group)) group.eachLayer((marker) => marker.bringToFront());
    });
  };

  /* Legend and layer control in one. Its labels are built of our own words only. */
  const escaped = (text) => element("i", "", text).innerHTML;
  const control = L.control.layers(null, null, { collapsed: narrow(), position: "topright", sortLayers: false });
  const order = [words.findings, words.sources, words.receptors, words.grids];
  overlays.sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
  overlays.forEach(({ title, meaning, count, key, layer }) => {
    control.addOverlay(layer,
      `<svg class="key" viewBox="0 0 20 14" aria-hidden="true">${key}</svg><span>${escaped(title)}` +
      `${meaning ? ` <span class="what">${escaped(meaning)}</span>` : ""}</span><span class="n">${count.toLocaleString("en")}</span>`);
  });
  control.addTo(map);
  const headings = () => {
    const rows = control.getContainer().querySelectorAll(".leaflet-control-layers-overlays > label");
    let group = "";
    rows.forEach((row, at) => {
      if (overlays[at].group !== group && !(row.previousSibling && row.previousSibling.className === "group")) {
        row.before(element("span", "group", overlays[at].group));
      }
      group = overlays[at].group;
    });
  };
  headings();
  const toggle = control.getContainer().querySelector(".leaflet-control-layers-toggle");
  toggle.textContent = words.layers;
  toggle.title = words.legend;

  L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map);

  /* Names of grids: coarse first, none over another; the finest appear when they have room. */
  const names = [];
  gridLayers.forEach(({ level, group }, at) => {
    if (at === 0 && gridLayers.length > 1) return;
    level.features.forEach((feature) => {
      const bounds = L.latLngBounds(feature.g.flat(2));
      names.push({ feature, bounds, coarse: at < finest, group });
    });
  });
  const overlaps = (box, others) => others.some((other) =>
    box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
  const drawNames = () => {
    namePane.textContent = "";
    const taken = [];
    const view = map.getBounds();
    const room = document.createDocumentFragment();
    let shown = 0;
    for (const { feature, bounds, coarse, group } of names) {
      if (shown > 250) break;
      if (!feature.n || !map.hasLayer(group) || !view.contains(feature.at)) continue;
      const at = map.latLngToLayerPoint(feature.at);
      const width = [...feature.n].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 255 ? 1 : 0.58), 0) * (coarse ? 17.5 : 12) + 6;
      const extent = map.latLngToLayerPoint(bounds.getSouthEast()).subtract(map.latLngToLayerPoint(bounds.getNorthWest()));
      if (extent.x < width * (coarse ? 0.5 : 0.75) || extent.y < 14) continue;
      const height = coarse ? 20 : 15;
      const box = [at.x - width / 2, at.y - height / 2, at.x + width / 2, at.y + height / 2];
      if (overlaps(box, taken)) continue;
      taken.push(box);
      const label = element("div", coarse ? "name coarse" : "name", feature.n);
      label.style.left = `${at.x}px`;
      label.style.top = `${at.y}px`;
      room.append(label);
      shown += 1;
    }
    namePane.append(room);
  };

  /* A quiet graticule, since there is no base map. */
  const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
  const lines = L.layerGroup().addTo(map);
  const drawGraticule = () => {
    lines.clearLayers();
    graticulePane.textContent = "";
    const view = map.getBounds();
    const step = STEPS.find((each) => (view.getEast() - view.getWest()) / each >= 3.2) || STEPS[STEPS.length - 1];
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const corner = map.containerPointToLayerPoint([0, map.getSize().y]);
    const label = (x, y, text) => {
      const made = element("div", "graticule", text);
      made.style.left = `${x}px`;
      made.style.top = `${y}px`;
      graticulePane.append(made);
    };
    const add = (ends) => lines.addLayer(L.polyline(ends, { ...onLand, color: "#dde1dc", weight: 1 }));
    for (let lon = Math.ceil(view.getWest() / step) * step; lon < view.getEast(); lon += step) {
      add([[view.getSouth(), lon], [view.getNorth(), lon]]);
      const x = map.latLngToLayerPoint([0, lon]).x + 3;
      if (x - corner.x > 170) label(x, corner.y - 14, `${lon.toFixed(decimals)}°`);
    }
    for (let lat = Math.ceil(view.getSouth() / step) * step; lat < view.getNorth(); lat += step) {
      add([[lat, view.getWest()], [lat, view.getEast()]]);
      label(corner.x + map.getSize().x - 52, map.latLngToLayerPoint([lat, view.getCenter().lng]).y - 13, `${lat.toFixed(decimals)}°`);
    }
    lines.eachLayer((each) => each.bringToBack());
  };

  /* Marks of findings, largest first, while their land is smaller than the mark. */
  const marks = L.layerGroup().addTo(map);
  const drawMarks = () => {
    marks.clearLayers();
    const view = map.getBounds();
    let shown = 0;
    for (const { feature, kind, group, bounds, build } of findings) {
      if (shown >= 300) break;
      if (!map.hasLayer(group) || !view.contains(feature.at)) continue;
      const extent = map.latLngToLayerPoint(bounds.getSouthEast()).subtract(map.latLngToLayerPoint(bounds.getNorthWest()));
      if (Math.min(extent.x, extent.y) > 13 || Math.max(extent.x, extent.y) > 60) continue;
      const icon = L.divIcon({ className: "finding-mark", html: markSvg(kind.kind, kind.colour), iconSize: [14, 14] });
      const mark = L.marker(feature.at, { icon, title: `${kind.title} ${feature.n}`, alt: `${kind.title} ${feature.n}`, zIndexOffset: 300 - shown });
      explain(mark, build);
      marks.addLayer(mark);
      shown += 1;
    }
  };

  /* Sizes follow the zoom, so that a city's sources do not hide the city. */
  const first = () => map.getBoundsZoom(content.bounds, false, L.point(24, 24));
  const resize = () => {
    const few = Math.min(1, Math.max(0.62, 1.3 - 0.22 * Math.log10(grown.length + 1))) * (narrow() ? 0.8 : 1);
    const factor = Math.min(1.5, few + 0.14 * Math.max(0, map.getZoom() - first()));
    grown.forEach(([marker, radius]) => marker.setRadius(radius * factor));
  };

  const position = document.getElementById("position");
  const showPosition = (at) => { position.textContent = `${at.lng.toFixed(5)}°E ${at.lat.toFixed(5)}°N · CGCS2000 (EPSG:4490)`; };

  /* From the panel to the map. */
  const selected = L.layerGroup().addTo(map);
  const outlined = (rings) => L.polygon(rings, { renderer: svg, pane: "findings", color: ACCENT, weight: 3.5, fill: false, interactive: false });
  const rows = [...document.querySelectorAll("[data-finding]")];
  const select = (id) => rows.forEach((row) => row.classList.toggle("on", row.dataset.finding === id));
  const show = (found) => {
    if (!map.hasLayer(found.group)) found.group.addTo(map);
    map.fitBounds(found.bounds.pad(1), { ...asideLegend(), maxZoom: Math.max(17, map.getZoom()) });
    ask(found.feature.at, found.build());
    selected.addLayer(outlined(found.feature.g));
    select(found.feature.id);
    if (narrow()) window.scrollTo({ top: 0 });
  };
  rows.forEach((row) => row.addEventListener("click", () => {
    const found = findings.find((each) => each.feature.id === row.dataset.finding);
    if (found) show(found);
  }));
  document.querySelectorAll("[data-at]").forEach((row) => row.addEventListener("click", () => {
    const at = row.dataset.at.split(",").map(Number);
    map.setView(at, Math.max(map.getZoom(), first() + 4), { animate: false });
    const feature = content.sources.uncovered.find((each) => each.at[0] === at[0] && each.at[1] === at[1]);
    if (feature) {
      ask(at, popup(feature.n, words.uncovered, content.sources.fields, feature.v, feature.a));
    }
    if (narrow()) window.scrollTo({ top: 0 });
  }));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") map.closePopup(); });
  map.on("popupclose", () => { selected.clearLayers(); select(""); });

  /* A click on nothing else is a question about the grid there. */
  const inRing = (at, ring) => {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [y1, x1] = ring[i], [y2, x2] = ring[j];
      if ((y1 > at.lat) !== (y2 > at.lat) && at.lng < ((x2 - x1) * (at.lat - y1)) / (y2 - y1) + x1) inside = !inside;
    }
    return inside;
  };
  const covers = (feature, at) => feature.g.some((rings) => rings.filter((ring) => inRing(at, ring)).length % 2 === 1);
  map.on("click", (event) => {
    for (const { level, group } of gridLayers.slice().reverse()) {
      const feature = map.hasLayer(group) && level.features.find((each) => covers(each, event.latlng));
      if (feature) {
        ask(event.latlng, popup(feature.n, level.title, level.fields, feature.v));
        selected.addLayer(outlined(feature.g));
        return;
      }
    }
  });

  let waiting = 0;
  const redraw = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => { drawNames(); drawMarks(); drawGraticule(); });
  };
  map.on("moveend", redraw);
  map.on("zoomend", resize);
  map.on("overlayadd overlayremove", () => { inOrder(); redraw(); headings(); });
  map.on("mousemove", (event) => showPosition(event.latlng));
  map.on("moveend", () => { if (narrow()) showPosition(map.getCenter()); });
  svg.addTo(map);
  definePatterns();
  const asideLegend = () => ({ paddingTopLeft: [24, 24], paddingBottomRight: [legendWidth + 24, 24], animate: false });
  const measureLegend = () => {
    const width = control.getContainer().offsetWidth + 10;
    legendWidth = narrow() || map.getSize().x < 2.2 * width ? 0 : width;
  };
  map.on("resize", measureLegend);
  measureLegend();
  map.fitBounds(content.bounds, asideLegend());
  inOrder();
  resize();
  redraw();
  document.documentElement.dataset.ready = "true";
}
