// The screen at the door: each minute what is so now. Without a network it keeps what it has.
"use strict";
(() => {
  const EVERY_MS = 60000, TICK_MS = 1000;
  const offline = document.getElementById("door-offline");
  let since = document.getElementById("door").dataset.now;

  const two = (n) => String(n).padStart(2, "0");
  function tick() {
    const now = new Date();
    document.getElementById("door-clock").textContent = `${now.getHours()}:${two(now.getMinutes())}`;
  }
  // Never a reload: what a browser shows of an outage would stay until somebody comes.
  async function again() {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("door");
      if (!fresh) throw new Error("another page");
      document.getElementById("door").replaceWith(document.adoptNode(fresh));
      since = fresh.dataset.now;
      offline.hidden = true;
      tick();
    } catch (_error) {
      offline.textContent = offline.dataset.words.replace("{time}", since);
      offline.hidden = false;
    }
  }
  tick();
  setInterval(tick, TICK_MS);
  setInterval(again, EVERY_MS);
})();
