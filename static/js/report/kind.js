// The chosen kind folds into one row, so that what comes next moves up to the thumb.
"use strict";
(() => {
  const choices = document.getElementById("id_category_seals");
  const again = choices.querySelector(".categories-again"), strip = document.querySelector(".call-first");
  const chosen = () => choices.querySelector("input:checked");

  function fold(folded) {
    const is = Boolean(folded && chosen());
    choices.classList.toggle("is-folded", is);
    strip.classList.toggle("is-short", is);
    again.hidden = !is;
  }
  // One more tap, if somebody likes: the words of the chosen kind. A second tap takes it back.
  const words = document.getElementById("symptoms"), taps = [...words.querySelectorAll("label")];
  const cards = document.querySelectorAll("#kind-cards a");
  function offer() {
    const kind = chosen() && chosen().value;
    cards.forEach((card) => { card.hidden = card.dataset.kind !== kind; });
    taps.forEach((tap) => {
      tap.hidden = tap.dataset.kind !== kind;
      if (tap.hidden) tap.querySelector("input").checked = false;
    });
    words.hidden = taps.every((tap) => tap.hidden);
  }
  let was = null;
  words.addEventListener("pointerdown", () => { was = words.querySelector("input:checked"); });
  words.addEventListener("click", (event) => {
    if (event.target !== was) return;
    was.checked = false;
    was.dispatchEvent(new Event("change", { bubbles: true }));
    was = null;
  });

  // Arrow keys walk along the kinds: for them it folds when they leave.
  let byKey = false;
  choices.addEventListener("keydown", () => { byKey = true; });
  choices.addEventListener("pointerdown", () => { byKey = false; });
  choices.addEventListener("change", () => {
    offer();
    if (!byKey) fold(true);
  });
  choices.addEventListener("focusout", (event) => {
    if (byKey && !choices.contains(event.relatedTarget)) fold(true);
  });
  again.addEventListener("click", () => {
    fold(false);
    chosen().focus();
  });
  // Another report is in the form, or none.
  document.getElementById("report-form").addEventListener("pin-map-forget", () => {
    setTimeout(() => {
      offer();
      fold(true);
    });
  });
  offer();
  fold(true);
})();
