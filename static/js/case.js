// The case of those in charge: keys, the forms behind the bar, and what acceptance would promise.
// Without this file the bar's links lead to the forms, and the promise is asked for by a button.
"use strict";
(() => {
  const PAUSE_MS = 300;
  document.documentElement.classList.add("js");
  const isTyping = (node) => node.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName);

  // --- keys -------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (isTyping(event.target)) return;
    if (event.key === "/") {
      const find = document.getElementById("find");
      if (!find) return;
      event.preventDefault();
      find.focus();
      return;
    }
    const key = event.key.toLowerCase();
    const target = /^[aj]$/.test(key) && document.querySelector(`.case-bar [data-key=${key}]`);
    if (!target || target.disabled || !target.getClientRects().length) return;
    event.preventDefault();
    target.click();
  });

  // --- the forms behind the bar -----------------------------------------------------------
  function open(details) {
    details.open = true;
    details.scrollIntoView({ block: "center" });
    const field = details.querySelector("input:not([type=hidden]):not([type=file]), select, textarea");
    (field || details.querySelector("summary")).focus({ preventScroll: true });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-opens]");
    document.querySelectorAll(".bar-more[open]").forEach((menu) => {
      if (link || !menu.contains(event.target)) menu.open = false;
    });
    // The first verb's form may be folded, while another one is being filled in.
    const first = !link && event.target.closest(".case-bar [data-key=a]");
    const folded = first && first.form && first.form.closest("details:not([open])");
    const details = link ? document.getElementById(link.dataset.opens) : folded;
    if (!details) return;
    event.preventDefault();
    open(details);
  });

  // --- what acceptance promises, as soon as another standard is chosen ------------------------
  let timer = 0, asked = 0;
  async function foretell(form) {
    const data = new FormData(form), mine = asked += 1;
    data.set("preview", "1");
    const answer = await fetch(form.action, {
      method: "POST", body: data, credentials: "same-origin", headers: { "HX-Request": "true" },
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked || !form.isConnected) return;
    const now = form.querySelector(".foretold"), fresh = page.querySelector(".foretold");
    if (now) now.remove();
    if (answer.ok && fresh) form.append(document.importNode(fresh, true));
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest && event.target.closest("form[data-move=accept]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => { foretell(form).catch(() => {}); }, PAUSE_MS);
  });
})();
