// A page that was sent and is come back to, out of the browser's back/forward cache, gets a new key:
// what is sent from it now is another report.
"use strict";
(() => {
  const keys = () => [...document.querySelectorAll("input[name=submission_key]")];
  const spent = new Set();

  // A random UUID; crypto.randomUUID is younger than the phones, and wants HTTPS.
  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
  document.addEventListener("submit", (event) => {
    keys().filter((key) => key.form === event.target).forEach((key) => spent.add(key));
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    spent.forEach((key) => { key.value = newKey(); });
    spent.clear();
  });
})();
