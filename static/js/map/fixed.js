// What was put right, on the map. The list is the page; the map reads its places from the rows.
"use strict";
(() => {
  const { piece, icon, fan, make } = window.groundMap;
  const box = document.getElementById("fixed-map"), rows = [...document.querySelectorAll("#fixed-list [data-latitude]")];
  make(box).then(({ map }) => {
    const turns = fan();
    rows.forEach((row) => {
      const place = [Number(row.dataset.latitude), Number(row.dataset.longitude)];
      const node = piece("span", "map-pin tone-green");
      node.append(piece("span", "map-pin-shape", "●"));
      const marker = L.marker(place, { icon: icon(node, [48, 48], turns(place)), riseOnHover: true }).addTo(map);
      const mark = (on) => [row, marker.getElement()].forEach((one) => one.classList.toggle("is-marked", on));
      marker.getElement().setAttribute("aria-label", row.querySelector("strong").textContent);
      [row, marker.getElement()].forEach((one) => {
        ["mouseover", "focusin"].forEach((name) => one.addEventListener(name, () => mark(true)));
        ["mouseout", "focusout"].forEach((name) => one.addEventListener(name, () => mark(false)));
      });
      marker.on("click", () => row.scrollIntoView({ block: "center" }));
    });
  }, () => { box.remove(); });
})();
