// A button that prints, where the browser can; without it the line says where printing is found.
"use strict";
(() => {
  const button = document.querySelector("[data-print]");
  const hint = document.querySelector("[data-print-hint]");
  if (!window.print || !button) return;
  button.hidden = false;
  hint.hidden = true;
  button.addEventListener("click", () => window.print());
})();
