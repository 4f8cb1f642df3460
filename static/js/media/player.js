// Voice notes with our own button and drawn wave. Without this file the button leads to the sound.
"use strict";
(() => {
  const yuanhang = window.yuanhang = window.yuanhang || {};
  const BARS = 40, TALLEST = 36, LEAST = 4;
  let playing = null; // {sound, whole}: one at a time

  function length(seconds) {
    const all = Math.max(1, Math.round(seconds));
    return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, "0")}`;
  }
  function mark(whole, share) {
    const bars = whole.querySelectorAll("rect");
    bars.forEach((bar, n) => bar.classList.toggle("is-played", n < share * bars.length));
  }
  function halt() {
    if (!playing) return;
    playing.sound.pause();
    playing.whole.classList.remove("is-playing");
    playing = null;
  }
  function play(whole, address) {
    const mine = { sound: new Audio(address), whole };
    playing = mine;
    whole.classList.add("is-playing");
    mine.sound.addEventListener("timeupdate", () => {
      if (mine.sound.duration) mark(whole, mine.sound.currentTime / mine.sound.duration);
    });
    const end = () => {
      if (playing === mine) halt();
      mark(whole, 0);
    };
    mine.sound.addEventListener("ended", end);
    mine.sound.play().catch(() => {
      end();
      whole.classList.add("is-broken"); // the length is struck through; the link still works
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-play]");
    if (!button) return;
    event.preventDefault();
    const whole = button.closest("[data-voice]"), was = playing && playing.whole;
    halt();
    if (was !== whole) play(whole, button.getAttribute("href"));
  });

  // How loud a recording of this phone is along its way: as the server draws it later.
  async function levels(blob) {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return null;
    const context = new Context();
    try {
      const bytes = await new Response(blob).arrayBuffer();
      const sound = await new Promise((done, failed) => context.decodeAudioData(bytes, done, failed));
      const samples = sound.getChannelData(0), per = Math.max(1, Math.floor(samples.length / BARS));
      const found = [];
      for (let bar = 0; bar < BARS; bar += 1) {
        let most = 0;
        for (let at = bar * per; at < (bar + 1) * per; at += 8) most = Math.max(most, Math.abs(samples[at] || 0));
        found.push(most);
      }
      const loudest = Math.max(...found) || 1;
      return { seconds: sound.duration, levels: found.map((level) => level / loudest) };
    } catch (_error) {
      return null;
    } finally {
      context.close();
    }
  }
  // Fills a player that stands empty in the page with a recording; returns how to empty it again.
  function show(whole, blob) {
    const button = whole.querySelector("[data-play]"), wave = whole.querySelector("svg");
    const words = whole.querySelector(".voice-length");
    const address = URL.createObjectURL(blob);
    function draw(heights) {
      wave.textContent = "";
      heights.forEach((level, n) => {
        const bar = document.createElementNS(wave.namespaceURI, "rect"), height = LEAST + (TALLEST - LEAST) * level;
        const place = { x: n * 5 + 1, y: (40 - height) / 2, width: 3, height, rx: 1.5 };
        Object.keys(place).forEach((name) => bar.setAttribute(name, place[name]));
        wave.append(bar);
      });
    }
    button.href = address;
    words.textContent = "";
    draw(new Array(BARS).fill(.12));
    levels(blob).then((found) => {
      if (!found || button.getAttribute("href") !== address) return;
      draw(found.levels);
      words.textContent = length(found.seconds);
    });
    return () => {
      if (playing && playing.whole === whole) halt();
      URL.revokeObjectURL(address);
      button.removeAttribute("href");
    };
  }
  yuanhang.player = { show };
})();
