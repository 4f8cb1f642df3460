// Nearest first by this phone's own position, which stays on it; the page is the list without it.
"use strict";
(() => {
  const tools = document.getElementById("places-tools"), words = tools.dataset;
  const button = document.getElementById("places-near"), status = document.getElementById("places-status");
  const LOCATE_MS = 9000, METRES_A_DEGREE = 111195, BESIDE = 20;
  const RIDE = 230, WALK = 70, WALKED = 500; // metres a minute, and how far one walks
  const DIRECTIONS = words.directions.split(",");

  // Metres, and degrees from north clockwise; flat earth over a few kilometres.
  function way(row, here) {
    if (!row.dataset.latitude) return null;
    const narrowing = Math.cos(here.latitude * Math.PI / 180);
    const north = (Number(row.dataset.latitude) - here.latitude) * METRES_A_DEGREE;
    const east = (Number(row.dataset.longitude) - here.longitude) * METRES_A_DEGREE * narrowing;
    return { far: Math.hypot(north, east), turn: (Math.atan2(east, north) * 180 / Math.PI + 360) % 360 };
  }
  const filled = (text, n) => text.replace("{n}", n);
  function farWords(far) {
    const metres = Math.round(far / 10) * 10;
    if (metres < 1000) return filled(words.metres, metres);
    const digits = far < 9950 ? 1 : 0;
    return filled(words.kilometres, (far / 1000).toFixed(digits).replace(/\.0$/, ""));
  }
  function minuteWords(far) {
    if (far < WALKED) return filled(words.walk, Math.max(Math.ceil(far / WALK), 1));
    return filled(words.ride, Math.ceil(far / RIDE));
  }
  function show(row, found) {
    const far = row.querySelector(".place-far"), arrow = row.querySelector(".way-arrow");
    const points = Boolean(found) && found.far >= BESIDE;
    row.querySelector(".place-direction").textContent =
      points ? DIRECTIONS[Math.round(found.turn / 45) % 8] : "";
    far.hidden = !found;
    // An SVG has no property for it.
    if (points) arrow.removeAttribute("hidden");
    else arrow.setAttribute("hidden", "");
    row.querySelector(".place-seal").hidden = points;
    row.querySelector(".place-go").hidden = Boolean(found);
    if (!found) return;
    arrow.querySelector(".way-needle").setAttribute("transform", `rotate(${Math.round(found.turn)})`);
    far.children[0].textContent = farWords(found.far);
    far.children[1].textContent = minuteWords(found.far);
  }
  function sort(position) {
    const here = { latitude: position.coords.latitude, longitude: position.coords.longitude };
    for (const list of document.querySelectorAll("ul[data-places]")) {
      const rows = [...list.children].map((row) => [way(row, here), row]);
      const rank = ([found, row]) => Number(row.dataset.rank) * 1e9 + (found ? found.far : 1e8);
      rows.sort((a, b) => rank(a) - rank(b));
      for (const [found, row] of rows) {
        show(row, found);
        list.append(row);
      }
    }
    status.textContent = words.sorted;
  }

  tools.hidden = !navigator.geolocation;
  button.addEventListener("click", () => {
    status.textContent = words.asking;
    // Refused or lost: no distance is made up, and the button can be tried again.
    const lost = () => { status.textContent = words.lost; };
    const exact = { enableHighAccuracy: true, maximumAge: 30000, timeout: LOCATE_MS };
    navigator.geolocation.getCurrentPosition(sort, lost, exact);
  });
  // Whoever has said yes before, and chose no landmark, is not asked to tap.
  if (!tools.dataset.start && navigator.geolocation && navigator.permissions) {
    navigator.permissions.query({ name: "geolocation" }).then((permission) => {
      if (permission.state === "granted") button.click();
    }, () => {});
  }
})();
