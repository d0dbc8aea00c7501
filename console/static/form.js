// Keeps what is typed in a form: two seconds after the last key, when a field is left, and when the page hides.
// The form works without this: every button sends all fields, and the server keeps them before it does anything else.

const form = document.querySelector("form[data-keep]");
if (form) {
  const status = document.querySelector("[data-saved]");
  let timer = 0;
  // Input that the server has not stored yet survives a reload or a broken line here. Other tabs do not see it.
  const unsent = `unsent:${form.dataset.keep}`;
  // Input that a button sent; console.js removes it when a page answers.
  const sent = `sent:${form.dataset.keep}`;
  const words = document.documentElement.lang === "en"
    ? { kept: "Kept", broken: "Not kept: no connection", unsaved: "No connection: not saved. What you typed stays here; press the button again later." }
    : { kept: "已自动保留", broken: "连接中断，内容暂存在本页", unsaved: "连接中断，尚未保存。内容留在本页，请稍后再按一次。" };
  // The message beside the button that was pressed.
  const note = document.createElement("p");
  note.className = "err w-100";
  note.setAttribute("role", "alert");
  let kept = state();
  let broken = false;
  let tested = false;
  let sending = null;
  let waiting = false;
  let submitted = false;

  function state() {
    return new URLSearchParams(new FormData(form)).toString();
  }

  function typed() {
    return new URLSearchParams([...new FormData(form)].filter(([name]) => name.startsWith("/"))).toString();
  }

  // `test`: ask the server even if it has everything, to learn whether the line holds.
  function keep(leaving = false, test = false) {
    clearTimeout(timer);
    const now = state();
    if (submitted || (now === kept && !test)) return;
    const request = send(now, leaving).finally(() => {
      if (sending === request) sending = null;
    });
    sending = request;
  }

  async function send(now, leaving) {
    // A request that outlives its page may carry at most 64 KiB; a longer one is sent without that promise.
    const small = now.length < 60000;
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-CSRF": form.elements.csrf.value },
        keepalive: leaving && small,
        redirect: "manual",
      });
      if (answer.status === 401 || answer.type === "opaqueredirect") document.dispatchEvent(new Event("console:ended"));
      if (!answer.ok) throw new Error(String(answer.status));
      kept = now;
      broken = false;
      if (state() === now) sessionStorage.removeItem(unsent);
      document.dispatchEvent(new Event("console:used"));
      if (status) status.textContent = `${words.kept} ${new Date().toTimeString().slice(0, 5)}`;
    } catch (error) {
      if (submitted) return;
      broken = error instanceof TypeError;
      if (status) status.textContent = words.broken;
      timer = setTimeout(keep, 5000);
    }
  }

  // Submitting sends all fields itself. A request under way could reach the server after the button's and undo its effect (an added
  // row, for example), and aborting it in the browser does not stop the server. So the button waits for it, three seconds at most.
  // While the line is broken a button sends nothing: the browser would replace the page by its own error page.
  form.addEventListener("submit", async (event) => {
    if (tested || submitted || !(sending || broken || !navigator.onLine)) {
      tested = false;
      submitted = true;
      sessionStorage.setItem(sent, typed());
      sessionStorage.removeItem(unsent);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (waiting) return;
    waiting = true;
    const button = event.submitter;
    if (!sending) keep(false, true);
    await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 3000))]);
    sending = null;
    waiting = false;
    if (broken) {
      note.textContent = words.unsaved;
      (button?.closest(".btns") ?? form).append(note);
      return;
    }
    note.remove();
    tested = true;
    form.requestSubmit(button);
    // A field that the browser refuses cancels the sending without another event.
    tested = false;
  });
  // The page is shown again from the browser's memory.
  window.addEventListener("pageshow", () => {
    submitted = false;
  });
  form.addEventListener("input", () => {
    sessionStorage.setItem(unsent, typed());
    clearTimeout(timer);
    timer = setTimeout(keep, 2000);
  });
  form.addEventListener("focusout", () => keep());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep(true);
  });
  window.addEventListener("pagehide", () => keep(true));
  restore(sessionStorage.getItem(unsent) ?? sessionStorage.getItem(sent));
  sessionStorage.removeItem(sent);

  // Put back what was typed last; fields that the page no longer has are left out.
  function restore(text) {
    if (!text) return;
    for (const [name, value] of new URLSearchParams(text)) {
      const field = form.elements[name];
      if (field instanceof RadioNodeList || (field && field.type !== "checkbox" && field.type !== "radio")) field.value = value;
    }
    form.dispatchEvent(new Event("input"));
  }
}

// The name of an organisation beside its code.
for (const field of document.querySelectorAll("input[data-name]")) {
  const note = document.createElement("p");
  note.className = "hint mt-1";
  note.setAttribute("role", "status");
  field.after(note);
  field.addEventListener("change", async () => {
    if (!field.value.trim()) return;
    const answer = await fetch(`${field.dataset.name}?uscc=${encodeURIComponent(field.value.trim())}`);
    if (answer.ok) note.textContent = (await answer.json()).message;
  });
}
