// Asked once, calmly, beside the button: where is it? Nobody is held up; the report goes without.
"use strict";
(() => {
  const form = document.getElementById("report-form"), line = document.getElementById("place-asked");
  const position = document.getElementById("locate");
  const KNOWN = ["latitude", "place", "grid"];
  let answered = false;

  const isWritten = () => Boolean(form.querySelector("[name=category]:checked") ||
    form.elements.description.value.trim() || document.querySelector("#shots li"));
  const isKnown = () => KNOWN.some((name) => form.elements[name].value.trim());
  // While the receiver searches, or a photo's place is offered, one question is enough.
  const isBusy = () => /is-(searching|offering)/.test(position.className);
  function look() { line.hidden = answered || !isWritten() || isKnown() || isBusy(); }

  line.querySelector("button").addEventListener("click", () => {
    answered = true;
    look();
    const place = form.elements.place;
    place.scrollIntoView({ block: "center" });
    place.focus({ preventScroll: true });
  });
  ["input", "change", "pin-map"].forEach((name) => form.addEventListener(name, look));
  // Another report is in the form: it has not been asked yet.
  form.addEventListener("pin-map-forget", () => { answered = false; setTimeout(look); });
  new MutationObserver(look).observe(position, { attributes: true, attributeFilter: ["class"] });
  look();
})();
