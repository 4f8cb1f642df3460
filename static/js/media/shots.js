// What was taken, as small pictures with a cross each.
"use strict";
(() => {
  const yuanhang = window.yuanhang = window.yuanhang || {};

  // Draws `blobs` into `list`, whose data attributes say what a picture and its cross are called.
  yuanhang.drawShots = (list, blobs, drop) => {
    list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    list.textContent = "";
    list.hidden = blobs.length === 0;
    blobs.forEach((blob, index) => {
      const item = document.createElement("li"), image = document.createElement("img");
      const name = (words) => words.replace("{n}", index + 1);
      image.src = URL.createObjectURL(blob);
      image.alt = name(list.dataset.photo);
      image.onerror = () => {
        image.replaceWith(Object.assign(document.createElement("span"), { textContent: image.alt }));
      };
      const cross = Object.assign(document.createElement("button"), { type: "button", textContent: "✕" });
      cross.setAttribute("aria-label", name(list.dataset.drop));
      cross.onclick = () => drop(index);
      item.append(image, cross);
      list.append(item);
    });
  };
})();
