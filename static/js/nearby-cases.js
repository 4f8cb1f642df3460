// Nearest first, sorted here: the position stays on this phone. The list is the page without it.
"use strict";
(() => {
  const tools = document.getElementById("around-tools"), words = tools.dataset;
  const button = document.getElementById("around-near");
  const status = document.getElementById("around-status");
  const LOCATE_MS = 8000, SHOWN = 30, METRES_A_DEGREE = 111195;
  let here = null, shown = SHOWN;

  // Flat earth over a few kilometres; places are rounded to a hundred metres anyway.
  function metres(row) {
    if (!row.dataset.latitude) return Infinity;
    const narrowing = Math.cos(here.latitude * Math.PI / 180);
    const north = (Number(row.dataset.latitude) - here.latitude) * METRES_A_DEGREE;
    const east = (Number(row.dataset.longitude) - here.longitude) * METRES_A_DEGREE * narrowing;
    return Math.hypot(north, east);
  }
  function spoken(far) {
    if (far < 950) return words.metres.replace("{n}", Math.max(100, Math.round(far / 100) * 100));
    const kilometres = far < 9950 ? (far / 1000).toFixed(1) : Math.round(far / 1000);
    return words.kilometres.replace("{n}", kilometres);
  }
  function draw() {
    const list = document.querySelector("ul.around-list");
    if (!list) return;
    const rows = [...list.children].map((row) => [metres(row), row]);
    rows.sort((a, b) => (a[0] === b[0] ? 0 : a[0] - b[0]));
    rows.forEach(([far, row], index) => {
      row.querySelector(".around-far").textContent = far === Infinity ? "" : spoken(far);
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
  async function found(position) {
    here = { latitude: position.coords.latitude, longitude: position.coords.longitude };
    shown = SHOWN;
    try {
      // All of them, not only this page's: the nearest may be an old one.
      const answer = await fetch(words.url, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      document.getElementById("around-list").outerHTML = await answer.text();
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
      location.reload();
      return;
    }
    status.textContent = words.asking;
    const lost = () => { status.textContent = words.lost; };
    const exact = { enableHighAccuracy: true, maximumAge: 30000, timeout: LOCATE_MS };
    navigator.geolocation.getCurrentPosition(found, lost, exact);
  });
})();
