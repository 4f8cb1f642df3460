// A link to hand on: by the phone's own sharing where there is one, else copied.
// Without this file the button stays hidden, and the link is there to be marked and copied.
"use strict";
(() => {
  function prepare(root) {
    root.querySelectorAll("[data-share][hidden]").forEach((button) => {
      if (!navigator.share) button.textContent = button.dataset.copy;
      button.hidden = false;
    });
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

  async function hand(button) {
    const field = document.getElementById(button.dataset.share);
    const said = button.parentElement.querySelector("[role=status]");
    if (navigator.share) {
      try {
        await navigator.share({ title: button.dataset.title, url: field.value });
        return;
      } catch (error) {
        if (error.name === "AbortError") return; // changed their mind
      }
    }
    said.textContent = (await copy(field)) ? button.dataset.copied : button.dataset.failed;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-share]");
    if (button) hand(button);
  });
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  prepare(document);
})();
