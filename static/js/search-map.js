// A tap on the map marks the grid, as its button in the list below does; without script it leads there.
"use strict";
(() => {
  const map = document.querySelector("#map");
  if (!map) return;
  map.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const button = link && document.querySelector(`${link.getAttribute("href")} button[value=seen]`);
    if (!button) return;
    event.preventDefault();
    const place = document.createElement("input");
    Object.assign(place, { type: "hidden", name: "at", value: "map" });
    button.form.append(place);
    button.click();
  });
})();
