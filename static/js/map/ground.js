// The ground that every map here stands on: grids, landmarks and stations drawn from our own data,
// tiles beneath only where the operator has a key. Needs Leaflet to be loaded before it.
//
// Our scripts share one global, `yuanhang`: the report form's part is described in
// report/drafts.js, and `yuanhang.map` holds what every map here is made with:
//   make(box, mine)   resolves to {map, ground, everywhere}: Leaflet's map, our data, its bounds
//   piece(tag, class, words), icon(node, size, anchor)   nodes, and Leaflet icons out of them
//   gridAt(ground, latitude, longitude)   the grid a point lies in
//   fan()             a function from a place to the anchor of the next icon there
//   NEAR              the zoom from which single things are drawn
"use strict";
window.yuanhang = window.yuanhang || {};
window.yuanhang.map = (() => {
  const NEAR = 15; // from this zoom on single things are drawn; below it one badge a grid

  function piece(tag, name, words) {
    const node = document.createElement(tag);
    node.className = name;
    if (words !== undefined) node.textContent = words;
    return node;
  }
  // A Leaflet icon out of our own nodes; what people typed only ever becomes text.
  function icon(node, size, anchor) {
    return L.divIcon({ html: node, className: "map-icon", iconSize: size, iconAnchor: anchor });
  }
  function seal(character, name, kind) {
    const node = piece("span", `map-seal ${kind}`);
    node.append(piece("span", "seal", character), piece("span", "map-seal-name", name));
    return node;
  }

  function addTiles(map, key) {
    ["vec", "cva"].forEach((layer) => L.tileLayer(
      `https://t{s}.tianditu.gov.cn/${layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${layer}` +
      "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}",
      // The vendor checks which site asks; the page itself is none of its business.
      { subdomains: "01234567", maxZoom: 19, maxNativeZoom: 18, key, referrerPolicy: "strict-origin" },
    ).addTo(map));
  }

  function drawGround(map, ground, mine, words) {
    const put = (place, node, zIndexOffset) => L.marker(place, {
      interactive: false,
      keyboard: false,
      icon: icon(node, [0, 0]),
      zIndexOffset,
    }).addTo(map);
    ground.grids.forEach((grid) => {
      const name = `map-grid${!mine || mine.has(grid.id) ? "" : " is-other"}`;
      L.geoJSON(grid.boundary, { interactive: false, style: { className: name } }).addTo(map);
      put([grid.nameLatitude, grid.nameLongitude], piece("span", "map-grid-name", grid.name), -2000);
    });
    const stamp = (thing, character, kind) =>
    put([thing.latitude, thing.longitude], seal(character, thing.name, kind), -1000);
    ground.landmarks.forEach((mark) => stamp(mark, words.landmark, "is-landmark"));
    ground.stations.forEach((house) => stamp(house, words.station, "is-station"));
  }

  // Resolves to {map, ground}; `box` is the element with the attributes of `map_attributes`.
  async function make(box, mine) {
    const words = box.dataset;
    const answer = await fetch(words.ground);
    if (!answer.ok) throw new Error(`ground ${answer.status}`);
    const ground = await answer.json();
    box.hidden = false;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // Tiles look sharp at whole zooms only; our own lines fit the screen at any.
    const zoomSnap = words.tilesKey ? 1 : 0.25;
    const map = L.map(box, {
      zoomControl: false,
      minZoom: 9,
      maxZoom: 19,
      zoomSnap,
      zoomAnimation: !calm,
      fadeAnimation: !calm,
      markerZoomAnimation: !calm,
      inertia: !calm,
    });
    L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    map.attributionControl.setPrefix(false).addAttribution(words.note);
    const far = () => box.classList.toggle("is-far", map.getZoom() < NEAR);
    map.on("zoomend", far);
    const everywhere = L.latLngBounds([]);
    ground.grids.forEach((grid) => {
      grid.boundary.coordinates[0].forEach(([x, y]) => everywhere.extend([y, x]));
    });
    if (everywhere.isValid()) map.fitBounds(everywhere, { padding: [12, 12] });
    else map.setView([46.545, 124.945], 14);
    if (words.tilesKey) addTiles(map, words.tilesKey);
    drawGround(map, ground, mine, words);
    far();
    return { map, ground, everywhere };
  }

  // The grid a point lies in, by the even-odd rule; the server decides again with its own.
  function gridAt(ground, latitude, longitude) {
    return ground.grids.find((grid) => {
      let inside = false;
      grid.boundary.coordinates.forEach((ring) => ring.slice(1).forEach(([x2, y2], i) => {
        const [x1, y1] = ring[i];
        const crosses = y1 > latitude !== y2 > latitude;
        if (crosses && longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1) inside = !inside;
      }));
      return inside;
    });
  }

  // Things that share a point are fanned out, or only the last could be touched: the next anchor of
  // a 48 px icon at a place.
  function fan() {
    const taken = new Map();
    return (place) => {
      const spot = place.map((part) => part.toFixed(5)).join(), turn = taken.get(spot) || 0;
      taken.set(spot, turn + 1);
      const away = 30 * Math.ceil(turn / 6), angle = turn * 1.05;
      return [24 - away * Math.cos(angle), 24 - away * Math.sin(angle)];
    };
  }

  return { NEAR, piece, icon, make, gridAt, fan };
})();
