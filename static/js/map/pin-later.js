// Stands in for `map/pin.js` until somebody asks for the map: most forms are sent without it. What was
// asked for is asked again once it is there. `yuanhang.script` loads one of our scripts, for others too.
"use strict";
(() => {
  const yuanhang = window.yuanhang = window.yuanhang || {};
  function load(make, address) {
    return new Promise((done, failed) => {
      const node = make();
      node.onload = done;
      node.onerror = () => { node.remove(); failed(new Error(address)); };
      document.head.append(node);
    });
  }
  const made = (tag, parts) => Object.assign(document.createElement(tag), parts);
  yuanhang.script = (address) => load(() => made("script", { src: address }), address);
  yuanhang.sheet = (address) => load(() => made("link", { rel: "stylesheet", href: address }), address);

  function wait(whole) {
    const form = whole.closest("form"), words = whole.dataset;
    const part = (name) => whole.querySelector(`[data-pin=${name}]`);
    const open = part("open"), instead = form.querySelector(".pin-map-off");
    const asks = ["pin-map-open", "pin-map-offer"], ends = ["pin-map-forget", "pin-map"];
    const say = (text) => { part("status").textContent = text; };
    let wanted = null, coming = null; // what to do once it is there
    if (instead) instead.hidden = true;
    whole.hidden = false;

    function fetchPin(again) {
      if ("isBound" in words) return;
      wanted = again;
      say(words.loading);
      coming = coming || yuanhang.script(words.pinJs).then(() => {
        say("");
        if (wanted) wanted();
      }, () => {
        coming = wanted = null;
        say(whole.querySelector(".map").dataset.failed);
      });
    }
    open.addEventListener("click", () => fetchPin(() => open.click()));
    asks.forEach((name) => form.addEventListener(name, ({ detail }) => {
      fetchPin(() => form.dispatchEvent(new CustomEvent(name, { detail })));
    }));
    // What was asked for is over before the map was there.
    ends.forEach((name) => form.addEventListener(name, () => { wanted = null; }));
  }
  document.querySelectorAll(".pin-map").forEach(wait);
})();
