// What was put right, on the map. The list is the page; the map reads its places from the rows.
"use strict";
(() => {
  const { piece, icon, fan, make } = window.yuanhang.map;
  const box = document.getElementById("fixed-map");
  const rows = [...document.querySelectorAll("#fixed-list [data-latitude]")];
  make(box).then(({ map }) => {
    const turns = fan();
    rows.forEach((row) => {
      const place = [Number(row.dataset.latitude), Number(row.dataset.longitude)];
      const node = piece("span", "map-pin tone-green");
      node.append(piece("span", "map-pin-shape", "●"));
      const marker = L.marker(place, { icon: icon(node, [48, 48], turns(place)), riseOnHover: true }).addTo(map);
      const both = [row, marker.getElement()];
      const mark = (on) => both.forEach((one) => one.classList.toggle("is-marked", on));
      marker.getElement().setAttribute("aria-label", row.querySelector("strong").textContent);
      both.forEach((one) => {
        ["mouseover", "focusin"].forEach((name) => one.addEventListener(name, () => mark(true)));
        ["mouseout", "focusout"].forEach((name) => one.addEventListener(name, () => mark(false)));
      });
      marker.on("click", () => row.scrollIntoView({ block: "center" }));
    });
  }, () => { box.remove(); });
})();
