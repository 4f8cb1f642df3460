// Nearest first, sorted here: the position stays on this phone. The list is the page without it.
"use strict";
(() => {
  const tools = document.getElementById("around-tools"), words = tools.dataset;
  const button = document.getElementById("around-near"), status = document.getElementById("around-status");
  const LOCATE_MS = 8000, SHOWN = 30;
  let here = null, shown = SHOWN;

  // Flat earth over a few kilometres; places are rounded to a hundred metres anyway.
  function metres(row) {
    if (!row.dataset.latitude) return Infinity;
    const north = (Number(row.dataset.latitude) - here.latitude) * 111195;
    const east = (Number(row.dataset.longitude) - here.longitude) * 111195 * Math.cos(here.latitude * Math.PI / 180);
    return Math.hypot(north, east);
  }
  function spoken(far) {
    if (far < 950) return words.metres.replace("{n}", Math.max(100, Math.round(far / 100) * 100));
    return words.kilometres.replace("{n}", far < 9950 ? (far / 1000).toFixed(1) : Math.round(far / 1000));
  }
  function draw() {
    const list = document.querySelector("ul.around-list");
    if (!list) return;
    const rows = [...list.children].map((row) => [metres(row), row]).sort((a, b) => (a[0] === b[0] ? 0 : a[0] - b[0]));
    rows.forEach(([far, row], index) => {
      row.querySelector(".around-far").textContent = far === Infinity ? "" : spoken(far);
      row.hidden = index >= shown;
      list.append(row);
    });
    more(list, rows.length);
  }
  function more(list, count) {
    document.getElementById("around-more")?.remove();
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
      first.querySelector("button, a")?.focus();
    });
    line.append(next);
    list.after(line);
  }
  function found(position) {
    here = { latitude: position.coords.latitude, longitude: position.coords.longitude };
    shown = SHOWN;
    // All of them, not only this page's: the nearest may be an old one.
    fetch(words.url, { headers: { "HX-Request": "true" } }).then((answer) => (answer.ok ? answer.text() : Promise.reject())).then((text) => {
      const list = document.getElementById("around-list");
      list.outerHTML = text;
      htmx.process(document.getElementById("around-list"));
      draw();
      button.textContent = words.newest;
      status.textContent = words.sorted;
    }).catch(() => { here = null; status.textContent = words.offline; });
  }

  tools.hidden = !navigator.geolocation;
  button.addEventListener("click", () => {
    if (here) { location.reload(); return; }
    status.textContent = words.asking;
    navigator.geolocation.getCurrentPosition(found, () => { status.textContent = words.lost; }, { enableHighAccuracy: true, maximumAge: 30000, timeout: LOCATE_MS });
  });
})();
