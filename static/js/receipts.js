// Receipts of reports made without an account, kept on this phone and nowhere else.
// A receipt's page adds itself; other pages list them and can forget them. What they are receipts
// of has a list of its own, which the page names (`data-store`).
// Without this file a receipt is found by its link, or by number and code.
"use strict";
(() => {
  const place =
    document.getElementById("this-receipt") || document.getElementById("receipts-here");
  const KEY = place && place.dataset.store || "yuanhang-receipts";
  const MOST = 20;

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
      return Array.isArray(kept) ? kept.filter((row) => /^[\w-]{1,64}$/.test(row.token)) : [];
    } catch (_error) {
      return []; // no memory in this browser, or somebody else's words in it
    }
  }

  function write(rows) {
    try {
      localStorage.setItem(KEY, JSON.stringify(rows.slice(0, MOST)));
    } catch (_error) {
      // Full or switched off: the page works without.
    }
  }

  function remember(receipt) {
    const others = read().filter((row) => row.token !== receipt.dataset.token);
    if (receipt.dataset.owned) return write(others);
    const { token, words, kind } = receipt.dataset;
    write([{ token, words, kind }, ...others]);
  }

  function list(section) {
    const rows = read();
    const template = document.getElementById("receipt-address");
    section.hidden = rows.length === 0;
    const target = document.getElementById("receipts-list");
    target.textContent = "";
    const claim = document.getElementById("receipts-claim");
    rows.forEach((row) => {
      const link = document.createElement("a");
      link.className = "row-item";
      // A call for help has a receipt of its own kind, which no account takes over.
      const address = row.kind === "help" ? template.dataset.help : template.dataset.receipt;
      link.href = address.replace("TOKEN", row.token);
      link.textContent = row.words;
      const item = document.createElement("li");
      item.appendChild(link);
      target.appendChild(item);
      if (!claim || row.kind === "help") return;
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "token";
      field.value = row.token;
      claim.appendChild(field);
    });
  }

  // Only what the server took is forgotten: a claim that does not get through loses nothing, and
  // one of a single receipt leaves the others.
  const claimed = document.getElementById("receipts-claimed");
  if (claimed) {
    const tokens = claimed.dataset.tokens.split(" ");
    write(read().filter((row) => !tokens.includes(row.token)));
  }
  const receipt = document.getElementById("this-receipt");
  if (receipt) remember(receipt);
  const section = document.getElementById("receipts-here");
  if (!section) return;
  list(section);
  document.getElementById("receipts-forget").addEventListener("click", () => {
    write([]);
    section.hidden = true;
  });
})();
