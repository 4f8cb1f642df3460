// A pin set by finger on our own map, or by one of the landmarks above it, for any form with a `.pin-map`
// in it. It comes on the first tap (`map/pin-later.js`), and Leaflet and the ground with it: most reports
// need neither, and the page must stay light.
"use strict";
(() => {
  const { yuanhang } = window, { script, sheet } = yuanhang;
  const NAMES = ["latitude", "longitude", "accuracy", "datum", "pinned"];
  const FINGER = 24; // half a fingertip in px: how far off a tap may be
  const LANDMARK_METRES = 30, CHIPS_MAX = 24;

  function bind(whole) {
    const form = whole.closest("form");
    // Not every form asks for all of them.
    const fields = NAMES.map((name) => form.elements[name]).filter(Boolean);
    const part = (name) => whole.querySelector(`[data-pin=${name}]`);
    const box = whole.querySelector(".map"), words = whole.dataset, chips = part("places");
    const listed = form.elements.place && form.elements.place.list;
    const names = listed ? [...listed.options].map((option) => option.value) : [];
    const open = part("open"), drop = part("drop"), say = (text) => { part("status").textContent = text; };
    let files = null, made = null, pin = null, point = null, offered = null;
    words.isBound = "";

    function fetchFiles() {
      const leaflet = () => window.L || script(words.leafletJs);
      const streets = () => yuanhang.streets || script(words.placeMapJs);
      // A page with drawn maps of its own has the colours of the ground already.
      const colours = getComputedStyle(document.documentElement).getPropertyValue("--land");
      const sheets = [words.leafletCss, words.mapCss].concat(colours ? [] : [words.groundCss]);
      files = files || Promise.all([...sheets.map(sheet), leaflet(), streets()])
        .then(() => yuanhang.map || script(words.mapJs));
      return files;
    }
    async function show() {
      say(words.loading);
      open.disabled = true;
      whole.classList.add("is-open");
      offerLandmarks(names.map((name) => ({ name })));
      try {
        await fetchFiles();
        box.hidden = false;
        made = await yuanhang.map.make(box);
        made.map.on("click", (event) => set(event.latlng));
        say(words.ask);
        const place = NAMES.slice(0, 2).map((name) => parseFloat(form.elements[name].value));
        if (place.every(Number.isFinite)) begin(place);
        offerLandmarks(byDistance(made.ground.landmarks, place));
        if (offered) showOffer();
      } catch (_error) {
        files = null;
        box.hidden = true;
        say(box.dataset.failed);
      }
      open.disabled = false;
    }
    // The map opens where the form says that it was. A phone that knows roughly where it is shows its
    // circle, and the pin still waits for a finger.
    function begin(place) {
      const { piece, icon } = yuanhang.map, { pinned, datum, accuracy } = form.elements;
      const isStored = "showsStored" in words && datum.value === "wgs84";
      made.map.setView(place, 16.5);
      if (isStored || (pinned && pinned.value)) {
        put(L.latLng(place));
        drop.hidden = false;
      } else if (pinned) {
        const quiet = { interactive: false, keyboard: false };
        const radius = Number(accuracy.value) || 0;
        L.circle(place, Object.assign({ radius, className: "map-error" }, quiet)).addTo(made.map);
        L.marker(place, Object.assign({ icon: icon(piece("span", "map-here"), [24, 24]) }, quiet)).addTo(made.map);
      }
    }

    // --- landmarks: a tap puts the pin there, and without a map their name is the place ----------
    function byDistance(landmarks, [latitude, longitude]) {
      if (!Number.isFinite(latitude)) return landmarks;
      const away = (mark) => made.map.distance([mark.latitude, mark.longitude], [latitude, longitude]);
      return landmarks.slice().sort((a, b) => away(a) - away(b));
    }
    function offerLandmarks(landmarks) {
      chips.textContent = "";
      chips.append(...landmarks.slice(0, CHIPS_MAX).map((mark) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.className = "btn btn-quiet";
        chip.textContent = mark.name;
        chip.addEventListener("click", () => choose(mark));
        return chip;
      }));
      chips.hidden = !landmarks.length;
    }
    function choose(mark) {
      const place = form.elements.place;
      // What was typed by hand stays; the name of another landmark does not.
      const isFree = place && (!place.value.trim() || names.indexOf(place.value.trim()) >= 0);
      if (made && mark.latitude) {
        const at = L.latLng(mark.latitude, mark.longitude);
        made.map.setView(at, Math.max(16, made.map.getZoom()));
        set(at, LANDMARK_METRES);
        say(words.onPlace.replace("{place}", mark.name));
      } else {
        forget();
        fill();
        say(words.onPlace.replace("{place}", mark.name));
      }
      const typed = place ? place.value.trim() : "";
      if (isFree) place.value = mark.name;
      else if (place && !point) place.value = `${mark.name} ${typed}`;
      if (place) place.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function fold(folded) {
      box.hidden = folded;
      whole.classList.toggle("is-open", !folded);
      chips.hidden = folded || !chips.firstChild;
      open.setAttribute("aria-expanded", String(!folded));
      open.textContent = folded ? words.opens : words.closes;
    }
    open.addEventListener("click", async () => {
      if (made) {
        fold(!box.hidden);
        if (!box.hidden) made.map.invalidateSize();
        return;
      }
      await show();
      if (!made) return;
      fold(false);
      box.scrollIntoView({ block: "center" });
    });

    function set(latlng, known) {
      const at = (x) => made.map.containerPointToLatLng([x, 0]);
      const metres = known || made.map.distance(at(0), at(FINGER));
      point = {
        latitude: latlng.lat.toFixed(7),
        longitude: latlng.lng.toFixed(7),
        accuracy: String(Math.max(1, Math.round(metres))),
        datum: "wgs84",
        pinned: "1",
      };
      put(latlng);
      drop.hidden = false;
      fill();
    }
    // The pin on the map, and the grid that it stands in as words.
    function put(latlng) {
      const { piece, icon, gridAt } = yuanhang.map;
      if (!pin) {
        const drawn = icon(piece("span", "map-drop"), [48, 48], [24, 44]);
        pin = L.marker(latlng, { draggable: true, keyboard: false, icon: drawn }).addTo(made.map);
        pin.on("dragend", () => set(pin.getLatLng()));
      } else pin.setLatLng(latlng);
      const grid = gridAt(made.ground, latlng.lat, latlng.lng);
      say(grid ? words.inGrid.replace("{grid}", grid.name) : words.outside);
    }
    // Asked for from elsewhere on the page, where nobody means to close it.
    form.addEventListener("pin-map-open", () => {
      if (made && !box.hidden) box.scrollIntoView({ block: "center" });
      else open.click();
    });
    // A point that is still to be confirmed: to be seen, and nothing of it in the form.
    function showOffer() {
      const at = L.latLng(offered.latitude, offered.longitude);
      if (!made.map.getBounds().contains(at)) made.map.setView(at, 16);
      put(at);
    }
    form.addEventListener("pin-map-offer", async (event) => {
      offered = event.detail;
      if (made) {
        fold(false);
        made.map.invalidateSize();
        showOffer();
        return;
      }
      await show();
      if (made) fold(false);
    });
    function fill() {
      fields.forEach((field) => {
        field.value = point ? point[field.name] : "";
        // A choice has no empty value; without a point its first one says nothing wrong.
        if (field.options && !point) field.selectedIndex = 0;
      });
      // Others on the page, such as the line about the phone's position, may want to know.
      form.dispatchEvent(new CustomEvent("pin-map", { detail: point }));
    }
    function forget() {
      point = offered = null;
      if (!pin) return;
      pin.remove();
      pin = null;
      drop.hidden = true;
      say(words.ask);
    }
    drop.addEventListener("click", () => { forget(); fill(); });
    // The form now holds another report, whose position is its own.
    form.addEventListener("pin-map-forget", forget);
    // A finger knows better than a receiver: a fix that comes in later must not move the pin.
    form.addEventListener("formdata", (event) => {
      if (point) fields.forEach((field) => event.formData.set(field.name, point[field.name]));
    });
    // What is typed or chosen by hand is meant: the pin gives way.
    ["input", "change"].forEach((kind) => form.addEventListener(kind, (event) => {
      if (fields.indexOf(event.target) < 0) return;
      const accuracy = form.elements.accuracy;
      if (event.target === accuracy) {
        if (point) point.accuracy = accuracy.value;
        return;
      }
      if (point && accuracy) accuracy.value = ""; // it was the pin's
      forget();
    }));
  }
  document.querySelectorAll(".pin-map").forEach(bind);
})();
