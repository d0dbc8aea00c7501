// Behaviour that every page shares. Pages work without it.

const idle = document.getElementById("again");
if (idle) {
  // Two minutes before the session ends the reader is asked whether to stay; typing already counts as use when it is saved.
  const warnAfter = (Number(idle.dataset.idle) - 120) * 1000;
  let timer = setTimeout(() => idle.showModal(), warnAfter);
  idle.querySelector("[data-stay]").addEventListener("click", async () => {
    await fetch("/session", { headers: { "X-Requested-With": "console" } });
    clearTimeout(timer);
    timer = setTimeout(() => idle.showModal(), warnAfter);
  });
}

// The error summary takes the focus, so that a screen reader reads it first.
document.querySelector("[data-focus]")?.focus();

// After a swap the focus moves to the new region's heading or first error, and the result is announced.
document.addEventListener("htmx:afterSwap", (event) => {
  const region = event.detail.target;
  const target = region.querySelector("[data-focus]") ?? region.querySelector("h1, h2, h3");
  if (target) {
    target.tabIndex = -1;
    target.focus();
  }
  const status = region.querySelector("[data-say]");
  if (status) document.getElementById("said").textContent = status.dataset.say;
});

// 429 and 503: count down to the moment when a retry makes sense.
for (const line of document.querySelectorAll("[data-countdown]")) {
  let left = Number(line.dataset.countdown);
  const words = line.textContent;
  const tick = setInterval(() => {
    left -= 1;
    line.textContent = words.replace(/\d+/, String(Math.max(left, 0)));
    if (left <= 0) clearInterval(tick);
  }, 1000);
}
