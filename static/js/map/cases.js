// The map of open cases: markers and one badge a grid, the list beside them, nearest first if asked.
// "Nearest" is sorted here and not on the server: so the position never leaves the phone, and there
// is nothing to store, log or explain.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const { piece, icon, fan, make, NEAR } = window.yuanhang.map;
  const box = $("hazard-map"), tools = $("map-tools"), words = { ...box.dataset, ...tools.dataset };
  const PAGE = 50, STEP = 0.005, LOCATE_MS = 9000;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const markers = new Map(), rows = new Map(), badges = new Map();
  $("map-off").remove();
  let data = { cases: [], counts: [], is_cut: false, placeless: 0 };
  let asked = null, here = null, hereMarker = null, length = PAGE, map, ground, keepOff, pins, sums;
  let latest = 0;

  // --- what is drawn ----------------------------------------------------------------------
  function pin(item, anchor) {
    const node = piece("span", `map-pin tone-${item.tone}`);
    node.append(piece("span", "map-pin-shape", item.shape), item.seal);
    if (item.urgent && item.shape !== "▲") node.append(piece("span", "map-pin-urgent", "▲"));
    return icon(node, [48, 48], anchor);
  }
  function popup(item) {
    const node = piece("div", "map-popup");
    const link = piece("a", "btn btn-quiet", words.open);
    link.href = item.url;
    node.append(piece("strong", "", `${item.category} · ${item.where}`));
    node.append(chip(piece("span", `chip chip-${item.tone}`), item), link);
    return node;
  }
  function chip(node, item) {
    const shape = piece("span", "", item.shape);
    shape.setAttribute("aria-hidden", "true");
    node.append(shape, item.state);
    return node;
  }
  function drawPins() {
    pins.clearLayers();
    markers.clear();
    const turns = fan();
    data.cases.forEach((item) => {
      const place = [item.latitude, item.longitude];
      const marker = L.marker(place, { icon: pin(item, turns(place)), riseOnHover: true });
      marker.bindPopup(() => popup(item), { closeButton: false, offset: [0, -8] });
      marker.on("add", () => {
        const node = marker.getElement();
        node.setAttribute("aria-label", `${item.category} ${item.where} ${item.state}`);
        node.dataset.number = item.number;
        const marks = { focus: true, mouseover: true, blur: false, mouseout: false };
        Object.entries(marks).forEach(([name, on]) => {
          node.addEventListener(name, () => mark(item.number, on));
        });
      });
      markers.set(item.number, marker);
      marker.addTo(pins);
    });
    keepOff(data.cases.map((item) => [item.latitude, item.longitude]));
  }
  function badge(count, grid, number, text) {
    const node = piece("span", "map-badge");
    node.append(piece("b", "", number), piece("span", "", text));
    const drawn = icon(node, [68, 52], [34, 26]);
    const marker = L.marker([grid.latitude, grid.longitude], { icon: drawn, zIndexOffset: 500 });
    marker.on("add", () => {
      marker.getElement().setAttribute("aria-label", fill(words.grid, { grid: grid.name, n: count }));
      marker.getElement().dataset.grid = grid.id;
    });
    marker.on("click", () => {
      const bounds = L.geoJSON(grid.boundary).getBounds();
      map.setView(bounds.getCenter(), Math.max(NEAR, map.getBoundsZoom(bounds), map.getZoom() + 1));
    });
    badges.set(grid.id, marker);
    marker.addTo(sums);
  }
  function drawSums() {
    sums.clearLayers();
    badges.clear();
    const far = map.getZoom() < NEAR, drawn = {};
    data.cases.forEach((item) => { drawn[item.grid] = (drawn[item.grid] || 0) + 1; });
    const inCharge = new Map(data.counts.map((count) => [count.grid, count]));
    ground.grids.forEach((grid) => {
      const count = inCharge.get(grid.id);
      if (!count) return;
      const rest = count.here - (drawn[grid.id] || 0);
      if (far) badge(count.open, grid, count.open, grid.name);
      else if (rest > 0) badge(rest, grid, `+${rest}`, fill(words.rest, { n: rest }));
    });
  }
  function draw() {
    drawSums();
    // Outside every grid nobody counts a case in, so those keep their own marker at any zoom.
    const far = map.getZoom() < NEAR;
    data.cases.forEach((item) => {
      const marker = markers.get(item.number), wanted = !far || item.grid === null;
      if (wanted === pins.hasLayer(marker)) return;
      if (wanted) pins.addLayer(marker);
      else pins.removeLayer(marker);
    });
  }

  // --- the list ---------------------------------------------------------------------------
  function distance(item) {
    return L.latLng(item.latitude, item.longitude).distanceTo(here);
  }
  function spoken(metres) {
    const rounded = Math.round(metres);
    if (rounded < 1000) return fill(words.metres, { n: rounded });
    return fill(words.kilometres, { n: (metres / 1000).toFixed(1) });
  }
  function row(item) {
    const node = $("map-row").content.firstElementChild.cloneNode(true), link = node.querySelector("a");
    const put = (name, text) => { node.querySelector(name).textContent = text; };
    link.href = item.url;
    link.dataset.number = item.number;
    if (item.thumb) {
      node.querySelector("img").src = item.thumb;
      node.querySelector(".thumb-seal").remove();
    } else {
      put(".thumb-seal", item.seal);
      node.querySelector("img").remove();
    }
    put(".row-category", item.category);
    put("strong b", item.where);
    put(".row-words", item.snippet);
    node.querySelector(".chip").classList.add(`chip-${item.tone}`);
    put(".chip span", item.shape);
    put(".row-label", item.state);
    put(".row-waited", here ? spoken(distance(item)) : item.waited);
    if (here || !item.pressing) node.querySelector(".row-waited").classList.remove("urgent");
    rows.set(item.number, link);
    return node;
  }
  function drawRows() {
    const view = map.getBounds(), focused = (document.activeElement.dataset || {}).number;
    // Nearest first looks at all that was loaded; else the list says what the map shows.
    const shown = here ? [...data.cases].sort((a, b) => distance(a) - distance(b))
      : data.cases.filter((item) => view.contains([item.latitude, item.longitude]));
    rows.clear();
    $("map-rows").textContent = "";
    $("map-rows").append(...shown.slice(0, length).map(row));
    $("map-empty").hidden = shown.length > 0;
    $("map-more").hidden = shown.length <= length;
    const isLost = focused && document.activeElement === document.body;
    if (isLost && rows.has(focused)) rows.get(focused).focus();
    const said = [here ? words.sorted : fill(words.shown, { n: shown.length })];
    if (data.is_cut) said.push(words.cut);
    if (data.placeless) said.push(fill(words.placeless, { n: data.placeless }));
    say(said.join(" · "));
  }
  function say(text) { if ($("map-status").textContent !== text) $("map-status").textContent = text; }
  function mark(number, on) {
    const item = data.cases.find((one) => one.number === number), marker = markers.get(number);
    const at = marker && pins.hasLayer(marker) ? marker : item && badges.get(item.grid);
    if (at) {
      at.getElement().classList.toggle("is-marked", on);
      at.setZIndexOffset(on ? 2000 : at === marker ? 0 : 500);
    }
    if (rows.has(number)) rows.get(number).classList.toggle("is-marked", on);
  }
  [["focusin", true], ["mouseover", true], ["focusout", false], ["mouseout", false]].forEach(([name, on]) =>
    $("map-rows").addEventListener(name, (event) => {
      const link = event.target.closest(".case-row");
      if (link) mark(link.dataset.number, on);
    }));
  $("map-more").addEventListener("click", () => {
    length += PAGE;
    drawRows();
  });

  // --- data -------------------------------------------------------------------------------
  function wanted() {
    // Whole steps outward: small moves ask nothing new, and the box never tells exactly who looks where.
    const view = map.getBounds(), out = (value, round) => round(value / STEP) * STEP;
    const southWest = [out(view.getSouth(), Math.floor), out(view.getWest(), Math.floor)];
    const northEast = [out(view.getNorth(), Math.ceil), out(view.getEast(), Math.ceil)];
    return L.latLngBounds(southWest, northEast);
  }
  async function load() {
    const bounds = wanted();
    if (asked && !data.is_cut && asked.contains(bounds)) {
      draw();
      drawRows();
      return;
    }
    const mine = ++latest;
    try {
      const answer = await fetch(`${words.cases}?bbox=${bounds.toBBoxString()}`);
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const fresh = await answer.json();
      if (mine !== latest) return;
      data = fresh;
      asked = bounds;
    } catch (_error) {
      if (mine !== latest) return;
      asked = null;
      say(words.offline);
      return;
    }
    drawPins();
    draw();
    drawRows();
  }

  // --- nearest first ----------------------------------------------------------------------
  function locate() {
    if (here) {
      here = null;
      hereMarker.remove();
      $("map-near").textContent = words.near;
      drawRows();
      return;
    }
    say(words.asking);
    navigator.geolocation.getCurrentPosition((position) => {
      here = L.latLng(position.coords.latitude, position.coords.longitude);
      const dot = icon(piece("span", "map-here"), [24, 24]);
      hereMarker = L.marker(here, { icon: dot, interactive: false, keyboard: false }).addTo(map);
      hereMarker.getElement().title = words.here;
      $("map-near").textContent = words.urgent;
      // Look at everything again: what is near may lie outside the part of the map last seen.
      whole();
      drawRows();
    }, () => say(words.lost), { enableHighAccuracy: true, maximumAge: 30000, timeout: LOCATE_MS });
  }
  function whole() {
    if (!words.box) return;
    const [west, south, east, north] = words.box.split(",").map(Number);
    map.fitBounds([[south, west], [north, east]], { padding: [12, 12] });
  }

  make(box).then((made) => {
    ({ map, ground, keepOff } = made);
    pins = L.layerGroup().addTo(map);
    sums = L.layerGroup().addTo(map);
    tools.hidden = false;
    $("map-near").hidden = !navigator.geolocation;
    $("map-near").addEventListener("click", locate);
    whole();
    load();
    map.on("moveend", load);
    // Whoever comes back to the page finds it as things are now.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      asked = null;
      load();
    });
  }, () => {
    box.hidden = false;
    box.classList.add("is-broken");
    box.textContent = words.failed;
  });
})();
