// What was put right, on the map. The list is the page; the map reads its places from the rows.
"use strict";
(() => {
  const { piece, icon, fan, make } = window.yuanhang.map;
  const box = document.getElementById("fixed-map");
  const rows = [...document.querySelectorAll(".fixed-list [data-latitude]")];
  const placeOf = (row) => [Number(row.dataset.latitude), Number(row.dataset.longitude)];
  make(box).then(({ map, keepOff }) => {
    const turns = fan(), places = rows.map(placeOf);
    if (places.length) map.fitBounds(places, { padding: [52, 52], maxZoom: 16 });
    keepOff(places);
    rows.forEach((row) => {
      const place = placeOf(row);
      const node = piece("span", "map-pin tone-green", row.dataset.seal);
      // The row is what keys and ears reach; pins that lie close together are no targets of their own.
      const drawn = { icon: icon(node, [48, 48], turns(place)), riseOnHover: true, keyboard: false };
      const marker = L.marker(place, drawn).addTo(map);
      const both = [row, marker.getElement()];
      const mark = (on) => both.forEach((one) => one.classList.toggle("is-marked", on));
      both.forEach((one) => {
        ["mouseover", "focusin"].forEach((name) => one.addEventListener(name, () => mark(true)));
        ["mouseout", "focusout"].forEach((name) => one.addEventListener(name, () => mark(false)));
      });
      marker.on("click", () => row.scrollIntoView({ block: "center" }));
    });
  }, () => { box.remove(); });
})();
