// Nearest first, sorted here: the position stays on this phone. The list is the page without it.
"use strict";
(() => {
  const tools = document.getElementById("around-tools"), words = tools.dataset;
  const button = document.getElementById("around-near");
  const status = document.getElementById("around-status");
  const LOCATE_MS = 8000, SHOWN = 30, METRES_A_DEGREE = 111195;
  const BESIDE = 60; // places are told to a hundred metres: nearer than that there is no direction
  const DIRECTIONS = words.directions.split(",");
  let here = null, shown = SHOWN;

  // Metres north and east; flat earth over a few kilometres.
  function way(row) {
    if (!row.dataset.latitude) return null;
    const narrowing = Math.cos(here.latitude * Math.PI / 180);
    const north = (Number(row.dataset.latitude) - here.latitude) * METRES_A_DEGREE;
    const east = (Number(row.dataset.longitude) - here.longitude) * METRES_A_DEGREE * narrowing;
    return { far: Math.hypot(north, east), turn: Math.atan2(east, north) };
  }
  // One arrow with its word, and how far: in tens of metres, from a kilometre on with one decimal.
  function spoken({ far, turn }) {
    if (far < BESIDE) return words.here;
    const direction = DIRECTIONS[(Math.round(turn / (Math.PI / 4)) + 8) % 8];
    const metres = Math.round(far / 10) * 10, isNear = metres < 1000;
    const number = isNear ? metres : (far / 1000).toFixed(1);
    return words[isNear ? "metres" : "kilometres"].replace("{direction}", direction).replace("{n}", number);
  }
  function draw() {
    const list = document.querySelector("ul.around-list");
    if (!list) return;
    const away = ([found]) => (found ? found.far : Infinity);
    const rows = [...list.children].map((row) => [way(row), row]);
    rows.sort((a, b) => (away(a) === away(b) ? 0 : away(a) - away(b)));
    rows.forEach(([found, row], index) => {
      row.querySelector(".around-far").textContent = found ? spoken(found) : "";
      row.hidden = index >= shown;
      list.append(row);
    });
    more(list, rows.length);
  }
  function more(list, count) {
    const before = document.getElementById("around-more");
    if (before) before.remove();
    if (count <= shown) return;
    const line = document.createElement("p"), next = document.createElement("button");
    line.className = "pager";
    line.id = "around-more";
    next.className = "btn btn-quiet";
    next.type = "button";
    next.textContent = words.more;
    next.addEventListener("click", () => {
      const first = list.children[shown];
      shown += SHOWN;
      draw();
      const target = first.querySelector("button, a");
      if (target) target.focus();
    });
    line.append(next);
    list.after(line);
  }
  // What somebody is saying of a row right now belongs to that row: the list waits for it.
  const isSaying = () => Boolean(document.querySelector("#around-list .htmx-request"));
  function later(position) {
    document.addEventListener("htmx:afterRequest", () => found(position), { once: true });
  }
  async function found(position) {
    if (isSaying()) {
      later(position);
      return;
    }
    here = { latitude: position.coords.latitude, longitude: position.coords.longitude };
    shown = SHOWN;
    try {
      // All of them, not only this page's: the nearest may be an old one.
      const answer = await fetch(words.url, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const list = await answer.text();
      if (isSaying()) {
        later(position);
        return;
      }
      document.getElementById("around-list").outerHTML = list;
      htmx.process(document.getElementById("around-list"));
      draw();
      button.textContent = words.newest;
      status.textContent = words.sorted;
    } catch (_error) {
      here = null;
      status.textContent = words.offline;
    }
  }

  tools.hidden = !navigator.geolocation;
  button.addEventListener("click", () => {
    if (here) {
      // Asked for, so that the page does not sort itself again.
      location.assign("?newest=1");
      return;
    }
    status.textContent = words.asking;
    const lost = () => { status.textContent = words.lost; };
    const exact = { enableHighAccuracy: true, maximumAge: 30000, timeout: LOCATE_MS };
    navigator.geolocation.getCurrentPosition(found, lost, exact);
  });
  // Whoever has said yes before is not asked to tap.
  if (!location.search && navigator.geolocation && navigator.permissions) {
    navigator.permissions.query({ name: "geolocation" }).then((permission) => {
      if (permission.state === "granted" && !here) button.click();
    }, () => {});
  }
})();
