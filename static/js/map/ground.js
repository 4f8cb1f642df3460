// The ground that every map here stands on: streets, grids, landmarks and stations drawn from our own
// data, tiles beneath only where the operator has a key. Needs Leaflet and map/streets.js before it.
//
// Our scripts share one global, `yuanhang`: the report form's part is described in
// report/drafts.js, and `yuanhang.map` holds what every map here is made with:
//   make(box, mine)   resolves to {map, ground, shapes, everywhere, keepOff}: Leaflet's map, our
//     data, its bounds, and a function that is told which places names must not cover
//   piece(tag, class, words), icon(node, size, anchor)   nodes, and Leaflet icons out of them
//   gridAt(ground, latitude, longitude)   the grid a point lies in
//   fan()             a function from a place to the anchor of the next icon there
//   NEAR              the zoom from which single things are drawn
"use strict";
window.yuanhang = window.yuanhang || {};
window.yuanhang.map = (() => {
  const NEAR = 15; // from this zoom on single things are drawn; below it one badge a grid

  const { shapesOf, namesOf, isLine, gridAt } = window.yuanhang.streets;
  const PATCHES = ["green", "water", "block"], CONTROLS = [0, 0, 66, 114];
  const STREET_METRES = { main: 15, street: 8 }, THINNEST = { main: 3, street: 1.5 }, EDGE = 2.5;

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

  // Streets and patches: one path for each kind, however many there are; widths follow the zoom.
  function drawStreets(map, shapes) {
    const options = { interactive: false, smoothFactor: 0.5 };
    const of = (kind) => shapes.filter((shape) => shape.kind === kind).map(({ points }) => points);
    PATCHES.forEach((kind) => {
      const rings = of(kind).map((ring) => [ring]);
      if (rings.length) L.polygon(rings, Object.assign({ className: `ground-${kind}` }, options)).addTo(map);
    });
    const layers = [["ground-edge", EDGE], ["ground-way", 0]];
    const drawn = layers.reduce((all, [className, more]) => all.concat(["street", "main"].map((kind) => {
      const line = L.polyline(of(kind), Object.assign({ className, fill: false }, options)).addTo(map);
      return { line, kind, more };
    })), []);
    const widen = () => {
      const latitude = map.getCenter().lat * Math.PI / 180;
      const metres = 156543 * Math.cos(latitude) / Math.pow(2, map.getZoom());
      drawn.forEach(({ line, kind, more }) => {
        line.setStyle({ weight: Math.max(THINNEST[kind], STREET_METRES[kind] / metres) + more });
      });
    };
    map.on("zoomend", widen);
    widen();
  }
  // Names stand where they are free: each street once a view, beside landmarks, pins and grid names.
  function nameStreets(map, shapes, places) {
    const layer = L.layerGroup().addTo(map);
    const named = shapes.filter(({ kind, name }) => isLine(kind) && name);
    const main = (one) => one.kind === "main";
    const sorted = named.filter(main).concat(named.filter((one) => !main(one)));
    const draw = () => {
      const { x: width, y: height } = map.getSize(), zoom = map.getZoom();
      const at = (place) => map.latLngToContainerPoint(place);
      const shown = zoom >= NEAR ? sorted : zoom >= NEAR - 1.5 ? sorted.filter(main) : [];
      const taken = places.map(({ place, box }) => {
        const { x, y } = at(place);
        return [x + box[0], y + box[1], x + box[2], y + box[3]];
      }).concat([CONTROLS]);
      const lines = shown.map(({ name, points }) => ({
        name,
        points: points.map((point) => {
          const { x, y } = at(point);
          return [x, y];
        }),
      }));
      layer.clearLayers();
      namesOf(lines, { width, height, inset: 8 }, taken).forEach(({ name, x, y }) => {
        const node = piece("span", "map-street-name", name);
        const facts = { interactive: false, keyboard: false, icon: icon(node, [0, 0]), zIndexOffset: -1500 };
        L.marker(map.containerPointToLatLng([x, y]), facts).addTo(layer);
      });
    };
    map.on("moveend", draw);
    return draw;
  }

  function drawGround(map, ground, mine, words) {
    const places = [];
    const put = (place, node, zIndexOffset) => L.marker(place, {
      interactive: false,
      keyboard: false,
      icon: icon(node, [0, 0]),
      zIndexOffset,
    }).addTo(map);
    ground.grids.forEach((grid) => {
      const name = `map-grid${!mine || mine.has(grid.id) ? "" : " is-other"}`;
      L.geoJSON(grid.boundary, { interactive: false, style: { className: name } }).addTo(map);
      const place = [grid.nameLatitude, grid.nameLongitude], half = grid.name.length * 9;
      put(place, piece("span", "map-grid-name", grid.name), -2000);
      places.push({ place, box: [-half, -14, half, 14] });
    });
    const stamp = (thing, character, kind) => {
      const place = [thing.latitude, thing.longitude];
      put(place, seal(character, thing.name, kind), -1000);
      places.push({ place, box: [-14, -14, 20 + thing.name.length * 15, 14] });
    };
    ground.landmarks.forEach((mark) => stamp(mark, words.landmark, "is-landmark"));
    ground.stations.forEach((house) => stamp(house, words.station, "is-station"));
    return places;
  }

  // Begins a map; `box` is the element with the attributes of `map_attributes`.
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
    const shapes = shapesOf(ground);
    // Under tiles our own streets would be drawn twice.
    if (words.tilesKey) addTiles(map, words.tilesKey);
    else if (shapes.length) drawStreets(map, shapes);
    box.classList.toggle("has-streets", shapes.length > 0);
    const places = drawGround(map, ground, mine, words);
    const name = words.tilesKey ? () => {} : nameStreets(map, shapes, places);
    far();
    name();
    // Pins of a page: names keep off them.
    const pins = { first: places.length };
    const keepOff = (points) => {
      places.length = pins.first;
      points.forEach((place) => places.push({ place, box: [-24, -48, 24, 10] }));
      name();
    };
    return { map, ground, shapes, everywhere, keepOff };
  }

  // Things that share a point are fanned out, or only the last could be touched: the next anchor of
  // a 48 px icon whose foot stands at a place.
  function fan() {
    const taken = new Map();
    return (place) => {
      const spot = place.map((part) => part.toFixed(5)).join(), turn = taken.get(spot) || 0;
      taken.set(spot, turn + 1);
      const away = 30 * Math.ceil(turn / 6), angle = turn * 1.05;
      return [24 - away * Math.cos(angle), 47 - away * Math.sin(angle)];
    };
  }

  return { NEAR, piece, icon, make, gridAt, fan };
})();
