// A button that copies the text above it. Without this file the text is there to be marked.
"use strict";
(() => {
  function prepare(root) {
    root.querySelectorAll("[data-copies][hidden]").forEach((button) => { button.hidden = false; });
  }
  async function copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch (_error) {
      // No clipboard here (plain HTTP, an old phone): as one would by hand.
      field.focus();
      field.setSelectionRange(0, field.value.length);
      return document.execCommand("copy");
    }
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const said = button.parentElement.querySelector("[role=status]");
    const done = await copy(document.getElementById(button.dataset.copies));
    said.textContent = done ? button.dataset.copied : button.dataset.failed;
  });
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  prepare(document);
})();
