// Queue: on a wide screen a case opens beside the list, and its forms answer in place.
// On a phone, and without this file, links and forms lead to the case page.
"use strict";
(() => {
  const wide = window.matchMedia("(min-width: 961px)");
  const pane = document.getElementById("case-pane");

  function mark() {
    const open = pane.querySelector("#case");
    document.querySelectorAll(".case-row").forEach((row) => {
      if (open && row.dataset.number === open.dataset.number) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
  }
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".case-row");
    if (!row || !wide.matches || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    htmx.ajax("GET", row.getAttribute("href"), { target: "#case-pane", swap: "innerHTML" }).then(() => {
      const address = new URL(location.href);
      address.searchParams.set("case", row.dataset.number);
      history.replaceState(null, "", address);
      pane.scrollTop = 0;
    });
  });
  // The forms of the pane are sent by htmx; their plain action is the same address.
  document.body.addEventListener("submit", (event) => {
    const form = event.target.closest("#case-pane .move-form");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    // htmx keeps track of the button that was pressed, so a preview stays one (tested).
    htmx.ajax("POST", form.action, { source: form, target: "#case-pane", swap: "innerHTML" });
  }, true);
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // A form in error (400) or a lost race (409) shows the case again.
    if (![400, 409].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  ["htmx:sendError", "htmx:responseError"].forEach((name) => document.body.addEventListener(name, () => {
    pane.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = false; });
  }));
  // What became of a form is said at the top of the case or beside a field: never out of sight.
  function answered() {
    const said = pane.querySelector("#case > .message, #case > .alert-box:not(#sightings)");
    const place = said || pane.querySelector(".error-summary, [aria-invalid=true], .move-form [role=status]");
    if (said) pane.scrollTop = 0;
    if (!place) return;
    if (!place.matches("input, select, textarea")) place.tabIndex = -1;
    place.focus();
  }
  document.body.addEventListener("htmx:afterSwap", (event) => {
    mark();
    if (event.detail.target === pane) answered();
  });
  mark();
})();
