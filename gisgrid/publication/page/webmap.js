/* A map of layers. All text reaches the page through textContent, never as markup. */
function layerMap(map) {
  "use strict";
  const content = JSON.parse(document.getElementById("layer-content").textContent);
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const namePane = map.createPane("names");
  namePane.style.zIndex = 640;
  namePane.style.pointerEvents = "none";

  const popup = (layer, feature) => {
    const box = element("div");
    box.append(element("h3", "", feature.n || layer.title));
    if (feature.n) box.append(element("div", "kind", layer.title));
    const list = element("dl");
    feature.v.forEach((value, at) => {
      if (value !== "") list.append(element("dt", "", layer.fields[at]), element("dd", "", value));
    });
    box.append(list);
    return box;
  };

  /* One canvas for all, or the uppermost would catch every click. */
  const renderer = L.canvas({ padding: 0.4, tolerance: 4 });
  const groups = content.layers.map((layer) => {
    const group = L.layerGroup();
    /* One drawing of the style after the other, so that outlines lie over all fills. */
    const deepest = layer.features.reduce((most, feature) => Math.max(most, feature.p.length), 0);
    for (let depth = 0; depth < deepest; depth += 1) {
      const drawings = layer.features.filter((feature) => feature.p[depth]);
      drawings.sort((one, other) => (one.p[depth].order || 0) - (other.p[depth].order || 0));
      drawings.forEach((feature) => {
        const options = { ...feature.p[depth], renderer, smoothFactor: 0.5, lineJoin: "round", bubblingMouseEvents: false };
        const drawn = feature.t === "Point" ? L.circleMarker(feature.g, options)
          : feature.t === "LineString" ? L.polyline(feature.g, options) : L.polygon(feature.g, options);
        drawn.bindPopup(() => popup(layer, feature), { maxWidth: Math.min(360, window.innerWidth - 60), minWidth: 200 });
        group.addLayer(drawn);
      });
    }
    return group;
  });
  /* The first layer named lies on top. */
  const stack = () => groups.slice().reverse().forEach((group) => {
    if (map.hasLayer(group)) group.eachLayer((drawn) => drawn.bringToFront());
  });

  /* Names of polygons: the largest first, none over another, where they have room. */
  const names = [];
  content.layers.forEach((layer, at) => layer.features.forEach((feature) => {
    if (feature.at && feature.n) names.push({ at, feature, bounds: L.polygon(feature.g).getBounds() });
  }));
  const size = ({ bounds }) => (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth());
  names.sort((one, other) => size(other) - size(one));
  const coarse = names.length > 3 ? size(names[0]) / 12 : Infinity;
  const meets = (box, others) => others.some((other) =>
    box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
  const drawNames = () => {
    namePane.textContent = "";
    const taken = [];
    const shown = new Set();
    const view = map.getBounds();
    const whole = map.getSize();
    for (const name of names) {
      if (taken.length > 250) break;
      const { feature, bounds } = name;
      if (shown.has(feature.n) || !map.hasLayer(groups[name.at]) || !view.contains(feature.at)) continue;
      const room = map.latLngToLayerPoint(bounds.getSouthEast()).subtract(map.latLngToLayerPoint(bounds.getNorthWest()));
      /* What fills the whole view needs no name in its middle. */
      if (names.length > 1 && room.x > 0.9 * whole.x && room.y > 0.5 * whole.y) continue;
      const big = size(name) > coarse;
      const width = [...feature.n].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 255 ? 1 : 0.58), 0) * (big ? 17.5 : 12) + 6;
      if (room.x < width * 0.7 || room.y < 14) continue;
      const at = map.latLngToLayerPoint(feature.at);
      const box = [at.x - width / 2, at.y - 10, at.x + width / 2, at.y + 10];
      if (meets(box, taken)) continue;
      taken.push(box);
      shown.add(feature.n);
      const label = element("div", big ? "name coarse" : "name", feature.n);
      label.style.left = `${at.x}px`;
      label.style.top = `${at.y}px`;
      namePane.append(label);
    }
  };

  document.querySelectorAll("[data-layer]").forEach((box) => box.addEventListener("change", () => {
    const group = groups[Number(box.dataset.layer)];
    if (box.checked) group.addTo(map); else group.remove();
    stack();
    drawNames();
  }));
  const position = document.getElementById("position");
  map.on("mousemove", (event) => {
    const at = event.latlng.wrap();
    position.textContent = `${at.lng.toFixed(5)}, ${at.lat.toFixed(5)} · CGCS2000 (EPSG:4490)`;
  });
  L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map);
  map.on("moveend zoomend resize", drawNames);
  groups.slice().reverse().forEach((group) => group.addTo(map));
  map.fitBounds(content.bounds, { padding: [24, 24], animate: false });
  drawNames();
  document.documentElement.dataset.ready = "true";
}
