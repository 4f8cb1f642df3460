// The position: the best of several fixes within eight seconds, never in anybody's way.
"use strict";
(() => {
  const R = window.yuanhang.report;
  const LOCATE_MS = 8000, GOOD_ENOUGH = 15;
  const CAMERA_METRES = 30; // what a phone's camera is off by, as far as it ever says
  const ELSEWHERE_METRES = 200; // nearer than that a photo says nothing new
  const NAMES = ["latitude", "longitude", "accuracy", "datum", "pinned"];
  const $ = (id) => document.getElementById(id);

  function words(metres) {
    const name = metres <= 30 ? "placeExact" : metres <= 200 ? "placeNear" : "placeRough";
    return R.say(name, { n: metres });
  }

  // The circle is drawn to the scale of the bar under it; the bar is a quarter of the picture.
  function drawCircle(metres) {
    const bar = [25, 100, 500, 2500, 25000].find((length) => metres <= length * 1.6) || metres;
    $("locate-circle").setAttribute("r", Math.max(1.5, Math.min(32, 16 * metres / bar)).toFixed(1));
    $("locate-scale").textContent =
      bar < 1000 ? R.say("metres", { n: bar }) : R.say("kilometres", { n: Math.round(bar / 100) / 10 });
  }

  R.place = ({ form, changed }) => {
    const field = (name) => form.elements[name];
    let watching = null, limit = 0, offered = null;
    const untouched = $("locate-title").textContent, locateWords = $("locate-button").textContent;
    const say = (title, detail) => {
      $("locate-title").textContent = title;
      $("locate-detail").textContent = detail;
    };
    const located = () => Boolean(field("latitude").value);

    // Shows what the form's fields hold.
    function show() {
      $("locate").classList.toggle("is-offering", Boolean(offered));
      const found = located(), metres = Number(field("accuracy").value);
      $("locate").classList.toggle("is-found", found);
      $("locate-map").classList.toggle("is-drawn", Boolean(found && metres));
      $("locate-button").textContent = found ? R.say("dropPosition") : locateWords;
      if (!found) return;
      say(R.say("located"), metres ? words(metres) : R.say("locatedDetail"));
      if (metres) drawCircle(metres);
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
      setPoint({ coords: Object.assign({ accuracy: CAMERA_METRES }, point) });
      say(R.say("photoPlace"), words(CAMERA_METRES));
    }
    function clear(title) {
      stop();
      offered = null;
      form.dispatchEvent(new CustomEvent("pin-map-forget"));
      NAMES.forEach((name) => { field(name).value = ""; });
      show();
      say(title, R.say("writePlace"));
    }
    if (navigator.geolocation) $("locate").hidden = false;
    $("locate-button").addEventListener("click", () => {
      if (offered) use(offered);
      else if (located()) {
        clear(R.say("notUsed"));
        changed();
      } else locate();
    });
    show();
    // A finger on the map knows better than a receiver that is still searching.
    form.addEventListener("pin-map", (event) => {
      stop();
      offered = null;
      if (event.detail) {
        show();
        $("locate-detail").textContent = R.say("pinned", { how: words(Number(event.detail.accuracy)) });
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
        $("locate").classList.add("is-offering");
        say(R.say(located() ? "photoElsewhere" : "photoHasPlace"), R.say("photoAsk"));
        $("locate-button").textContent = R.say("photoUse");
      },
      // On the first tap of a category: asking for the position then explains itself.
      want() { if (!located() && !offered) locate(); },
      // For a form that was just opened or emptied: only where the answer is yes already.
      again() {
        if (located() || offered || !navigator.geolocation || !navigator.permissions) return;
        navigator.permissions.query({ name: "geolocation" }).then((permission) => {
          if (permission.state === "granted" && !located()) locate();
        }, () => {});
      },
      // The fields were filled from a kept report: its position counts, not today's.
      restored() {
        stop();
        form.dispatchEvent(new CustomEvent("pin-map-forget"));
        if (located()) show();
        else clear(untouched);
      },
    };
  };
})();
