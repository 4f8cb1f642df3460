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
  // Arrow keys walk along the kinds: for them it folds when they leave.
  let byKey = false;
  choices.addEventListener("keydown", () => { byKey = true; });
  choices.addEventListener("pointerdown", () => { byKey = false; });
  choices.addEventListener("change", () => { if (!byKey) fold(true); });
  choices.addEventListener("focusout", (event) => {
    if (byKey && !choices.contains(event.relatedTarget)) fold(true);
  });
  again.addEventListener("click", () => {
    fold(false);
    chosen().focus();
  });
  // Another report is in the form, or none.
  document.getElementById("report-form").addEventListener("pin-map-forget", () => {
    setTimeout(() => fold(true));
  });
  fold(true);
})();
