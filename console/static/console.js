// Behaviour that every page shares. Pages work without it.

const dialog = document.getElementById("again");

// A page that answers a form: what was sent has arrived. After a broken line the reader comes back by the history, and form.js
// puts it back.
if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward" && document.referrer.startsWith(location.origin) && !document.querySelector("[data-failed]")) {
  Object.keys(sessionStorage).filter((key) => key.startsWith("sent:")).forEach((key) => sessionStorage.removeItem(key));
}

// A session ends after a time without use. The reader is asked two minutes before; afterwards the dialog takes the password, and
// the page with all that was typed stays as it is.
if (dialog) {
  const idle = Number(dialog.dataset.idle) * 1000;
  const warning = dialog.querySelector("[data-warning]");
  const login = dialog.querySelector("[data-again]");
  let timers = [];

  function open(ended) {
    warning.hidden = ended;
    login.hidden = !ended;
    dialog.setAttribute("aria-labelledby", ended ? "again-ended" : "again-title");
    if (!dialog.open) dialog.showModal();
    if (ended) login.querySelector("[data-first]").focus();
  }

  function wait() {
    timers.forEach(clearTimeout);
    timers = [setTimeout(() => open(false), idle - 120_000), setTimeout(() => open(true), idle)];
  }

  dialog.querySelector("[data-again] h2").id = "again-ended";
  // Escape must not hide that the session is over.
  dialog.addEventListener("cancel", (event) => login.hidden || event.preventDefault());
  dialog.querySelector("[data-stay]").addEventListener("click", async () => {
    const answer = await fetch("/session", { redirect: "manual" }).catch(() => null);
    if (!answer?.ok) return open(true);
    dialog.close();
    wait();
  });
  login.addEventListener("submit", async (event) => {
    event.preventDefault();
    const refused = login.querySelector("[data-refused]");
    const csrf = document.querySelector("input[name=csrf]")?.value ?? "";
    const answer = await fetch(login.action, { method: "POST", body: new URLSearchParams(new FormData(login)), headers: { "X-CSRF": csrf } }).catch(() => null);
    const told = answer ? await answer.json() : { message: document.documentElement.lang === "en" ? "No connection." : "连接中断，请稍后再试。" };
    if (!answer?.ok) {
      refused.textContent = told.message;
      refused.hidden = false;
      if (told.code_wanted) login.querySelector("[data-code]").hidden = false;
      return;
    }
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = told.csrf;
    if (document.body.hasAttribute("hx-headers")) document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF": told.csrf }));
    refused.hidden = true;
    login.reset();
    dialog.close();
    wait();
  });
  // Saving what is typed counts as use.
  document.addEventListener("console:used", wait);
  // A request that found the session ended.
  document.addEventListener("console:ended", () => open(true));
  wait();
}

// How much waits and how many messages are unread, asked for each minute while the page is in view. Asking is no use of the session.
const counters = document.querySelectorAll("[data-count]");
if (counters.length) {
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    const answer = await fetch("/counts", { headers: { "X-Polling": "1" }, redirect: "manual" }).catch(() => null);
    if (!answer?.ok) return;
    const counts = await answer.json();
    for (const place of counters) {
      const count = counts[place.dataset.count] ?? 0;
      place.textContent = String(count);
      place.hidden = count === 0;
    }
  };
  ask();
  setInterval(ask, 60_000);
}

// The error summary takes the focus, so that a screen reader reads it first.
document.querySelector("[data-focus]")?.focus();

// After a swap the focus moves to the new region's heading or first error, and the result is announced.
document.addEventListener("htmx:afterSwap", (event) => {
  const region = event.detail.target;
  const target = region.querySelector("[data-focus]") ?? region.querySelector("h1, h2, h3");
  if (target && region.dataset.quiet === undefined) {
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

// Printing is the browser's own; without a script its menu prints the page.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
