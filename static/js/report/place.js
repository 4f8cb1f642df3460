// The position: the best of several fixes within eight seconds, never in anybody's way. Once there is
// one, the ground is fetched and a small map shows it; without a network the words must do.
"use strict";
(() => {
  const R = window.yuanhang.report;
  const LOCATE_MS = 8000, GOOD_ENOUGH = 15;
  const CAMERA_METRES = 30; // what a phone's camera is off by, as far as it ever says
  const ELSEWHERE_METRES = 200; // nearer than that a photo says nothing new
  const NAMEABLE_METRES = 100; // worse than that no crossing can be meant
  const MAP_HEIGHT = 116;
  const NEAR_WORDS = { crossing: "nearCrossing", landmark: "nearLandmark", street: "nearStreet" };
  const NAMES = ["latitude", "longitude", "accuracy", "datum", "pinned"];
  const $ = (id) => document.getElementById(id);

  function words(metres) {
    const name = metres <= 30 ? "placeExact" : metres <= 200 ? "placeNear" : "placeRough";
    return R.say(name, { n: metres });
  }

  // The ground of the maps, fetched once it is needed: {ground, shapes}, or null without a network.
  let fetched = null;
  function fetchGround() {
    const files = document.querySelector(".pin-map");
    if (!files || !window.fetch) return Promise.resolve(null);
    fetched = fetched || Promise.all([
      fetch(files.querySelector(".map").dataset.ground).then((answer) => (answer.ok ? answer.json() : null)),
      window.yuanhang.script(files.dataset.placeMapJs),
    ]).then(([ground]) => ground && { ground, shapes: window.yuanhang.streets.shapesOf(ground) })
      .catch(() => null).then((found) => { if (!found) fetched = null; return found; });
    return fetched;
  }

  R.place = ({ form, changed }) => {
    const field = (name) => form.elements[name];
    // Some forms look for a position only when somebody presses the button.
    const isByButton = "byButton" in form.dataset;
    let watching = null, limit = 0, offered = null, isPhotos = false, wasFound = false;
    const untouched = $("locate-title").textContent, locateWords = $("locate-button").textContent;
    const say = (title, detail) => {
      $("locate-title").textContent = title;
      $("locate-detail").textContent = detail;
    };
    const located = () => Boolean(field("latitude").value);
    const seal = () => {
      const chosen = form.querySelector("[name=category]:checked");
      return chosen ? chosen.parentElement.querySelector(".seal").textContent : "";
    };

    // Where the place is known well nobody has to write it; what somebody writes or wrote stays in sight.
    function fold(found) {
      const whole = $("place-words"), isUsed = whole.contains(document.activeElement) ||
      field("place").value.trim() || field("grid").value;
      if (found !== wasFound || !found) whole.open = !found || Boolean(isUsed);
      wasFound = found;
    }
    // Shows what the form's fields hold.
    function show() {
      $("locate").classList.toggle("is-offering", Boolean(offered));
      const found = located(), metres = Number(field("accuracy").value);
      $("locate").classList.toggle("is-found", found);
      form.classList.toggle("is-located", found);
      fold(found && metres <= 2 * NAMEABLE_METRES);
      $("locate-button").textContent = found ? R.say("changePlace") : locateWords;
      $("locate-drop").hidden = !found || Boolean(field("pinned").value);
      if (!found) {
        $("locate-map").hidden = true;
        return;
      }
      say(R.say(isPhotos ? "photoPlace" : "located"), metres ? how(metres) : R.say("locatedDetail"));
      draw();
    }
    const how = (metres) => (field("pinned").value ? R.say("pinned", { how: words(metres) }) : words(metres));

    // The map and the names around it; whatever the form holds by then.
    function draw() {
      fetchGround().then((known) => {
        if (!known || !located() || offered) return;
        const [latitude, longitude, metres] = NAMES.slice(0, 3).map((name) => Number(field(name).value));
        if (field("datum").value && field("datum").value !== "wgs84") return;
        name(known, latitude, longitude, metres);
        const box = $("locate-map"), place = Object.assign({
          at: [latitude, longitude],
          metres,
          seal: seal(),
          width: $("locate").clientWidth || 320,
          height: MAP_HEIGHT,
        }, known);
        box.hidden = !window.yuanhang.smallMap(box.querySelector("svg"), place);
      });
    }
    function name({ ground, shapes }, latitude, longitude, metres) {
      const { nearPlace, gridAt } = window.yuanhang.streets;
      const grid = gridAt(ground, latitude, longitude), detail = metres ? how(metres) : "";
      const near = metres <= NAMEABLE_METRES ? nearPlace(ground, shapes, latitude, longitude) : null;
      const told = near && R.say(NEAR_WORDS[near.kind], { a: near.names[0], b: near.names[1] || "" });
      const title = told || (grid && metres <= 2 * NAMEABLE_METRES ? grid.name : R.say("located"));
      const facts = [title === (grid && grid.name) ? "" : grid && grid.name, detail].filter(Boolean);
      say(isPhotos ? R.say("photoPlace") : title, (isPhotos && told ? [told] : []).concat(facts).join(" · "));
    }
    function setPoint(position) {
      const { latitude, longitude, accuracy } = position.coords;
      field("latitude").value = latitude.toFixed(7);
      field("longitude").value = longitude.toFixed(7);
      field("accuracy").value = Math.max(1, Math.round(accuracy));
      field("datum").value = "wgs84";
      field("pinned").value = "";
      show();
      changed();
    }
    function stop() {
      if (watching !== null) navigator.geolocation.clearWatch(watching);
      clearTimeout(limit);
      watching = null;
      $("locate").classList.remove("is-searching");
    }
    function locate() {
      if (!navigator.geolocation || watching !== null) return;
      let best = Infinity;
      isPhotos = false;
      $("locate").classList.add("is-searching");
      say(R.say("locating"), R.say("locatingDetail"));
      const finish = (why) => {
        stop();
        if (best === Infinity) say(R.say(why), R.say("writePlace"));
      };
      limit = setTimeout(() => finish("notLocated"), LOCATE_MS);
      watching = navigator.geolocation.watchPosition((position) => {
        if (watching === null) return;
        if (position.coords.accuracy < best) { best = position.coords.accuracy; setPoint(position); }
        if (best <= GOOD_ENOUGH) finish("");
      }, (error) => finish(error.code === 1 ? "notAllowed" : "notLocated"), {
        enableHighAccuracy: true,
        maximumAge: 10000,
        timeout: LOCATE_MS,
      });
    }
    // Metres between a point and the one in the form; over a town the earth is flat enough.
    function away(point) {
      const north = (point.latitude - Number(field("latitude").value)) * 111200;
      const east = (point.longitude - Number(field("longitude").value)) * 111200;
      return Math.hypot(north, east * Math.cos(point.latitude * Math.PI / 180));
    }
    function use(point) {
      stop();
      offered = null;
      isPhotos = true;
      setPoint({ coords: Object.assign({ accuracy: CAMERA_METRES }, point) });
    }
    function clear(title) {
      stop();
      offered = null;
      isPhotos = false;
      form.dispatchEvent(new CustomEvent("pin-map-forget"));
      NAMES.forEach((name) => { field(name).value = ""; });
      show();
      say(title, R.say("writePlace"));
    }
    if (navigator.geolocation) $("locate").hidden = false;
    $("locate-button").addEventListener("click", () => {
      if (offered) use(offered);
      else if (located()) form.dispatchEvent(new CustomEvent("pin-map-open"));
      else locate();
    });
    $("locate-drop").addEventListener("click", () => {
      clear(R.say("notUsed"));
      changed();
      $("locate-button").focus();
    });
    // The pin on the small map bears the seal of the kind.
    form.addEventListener("change", (event) => {
      if (event.target.name === "category" && located()) draw();
    });
    show();
    // A finger on the map knows better than a receiver that is still searching.
    form.addEventListener("pin-map", (event) => {
      stop();
      offered = null;
      isPhotos = false;
      if (event.detail) {
        $("locate").hidden = false;
        show();
      } else clear(R.say("notUsed"));
      changed();
    });

    return {
      // Where the camera says that a photo was taken: asked, never taken for granted. A photo from
      // the album was often taken elsewhere; a pin set by finger knows better.
      photographed(point) {
        if (field("pinned").value || (located() && away(point) < ELSEWHERE_METRES)) return;
        stop();
        offered = point;
        // The map shows the pin that is to be confirmed; without a network the words must do.
        form.dispatchEvent(new CustomEvent("pin-map-offer", { detail: point }));
        $("locate").hidden = false;
        $("locate-map").hidden = true;
        $("locate").classList.add("is-offering");
        say(R.say(located() ? "photoElsewhere" : "photoHasPlace"), R.say("photoAsk"));
        $("locate-button").textContent = R.say("photoUse");
      },
      // On the first tap of a category: asking for the position then explains itself.
      want() { if (!isByButton && !located() && !offered) locate(); },
      // For a form that was just opened or emptied: only where the answer is yes already.
      again() {
        if (isByButton || located() || offered) return;
        if (!navigator.geolocation || !navigator.permissions) return;
        navigator.permissions.query({ name: "geolocation" }).then((permission) => {
          if (permission.state === "granted" && !located()) locate();
        }, () => {});
      },
      // The fields were filled from a kept report: its position counts, not today's.
      restored() {
        stop();
        isPhotos = false;
        form.dispatchEvent(new CustomEvent("pin-map-forget"));
        if (located()) show();
        else clear(untouched);
      },
    };
  };
})();
