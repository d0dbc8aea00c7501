// Uploads of papers: hashed by the browser, sent in parts of 8 MiB. An upload can be paused, and one that broke goes on when the same
// file is chosen again. Without this the console carries the file.

const PART = 8 * 1024 * 1024;
const english = document.documentElement.lang === "en";
const words = english
  ? { hashing: "Reading", sending: "Sending", checking: "Checking", paused: "Paused", pause: "Pause", go: "Go on", failed: "The line broke. Press Upload again to go on where it stopped." }
  : { hashing: "正在读取", sending: "上传中", checking: "核验中", paused: "已暂停", pause: "暂停", go: "继续", failed: "连接中断。再按“上传”，从断处继续。" };

async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function call(url, method, body, csrf) {
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRF": csrf },
    body: body ? JSON.stringify(body) : undefined,
  });
  if (answer.status === 401) document.dispatchEvent(new Event("console:ended"));
  const data = await answer.json();
  if (!answer.ok) throw new Refusal(data.message);
  return data;
}

class Refusal extends Error {}

// Where an upload of the same file stopped.
const key = (form, file) => `upload:${form.dataset.upload}:${file.name}:${file.size}:${file.lastModified}`;

async function begun(form, file, pieces, csrf) {
  const id = pieces.length > 1 && localStorage.getItem(key(form, file));
  if (!id) return null;
  const parts = await call(`/documents/${encodeURIComponent(id)}/parts`, "GET", null, csrf).catch(() => null);
  return parts && { id, parts: parts.items ?? parts };
}

async function announced(form, file, pieces, csrf) {
  const body = { filename: file.name, size: file.size, sha256: await sha256(file) };
  if (pieces.length > 1) {
    body.parts = [];
    for (const piece of pieces) body.parts.push({ size: piece.size, sha256: await sha256(piece) });
  }
  const made = await call(form.dataset.upload, "POST", body, csrf);
  if (pieces.length > 1) localStorage.setItem(key(form, file), made.id);
  return { id: made.id, parts: made.parts ?? [{ number: 1, arrived: false, upload: made.upload }] };
}

async function send(form, file, say, progress, pause) {
  const csrf = form.elements.csrf.value;
  const pieces = [];
  for (let start = 0; start < file.size; start += PART) pieces.push(file.slice(start, start + PART));
  say(words.hashing);
  const upload = (await begun(form, file, pieces, csrf)) ?? (await announced(form, file, pieces, csrf));
  say(words.sending);
  for (const part of upload.parts) {
    await pause.over(say);
    if (!part.arrived) {
      const answer = await fetch(part.upload.url, { method: part.upload.method, headers: part.upload.headers, body: pieces[part.number - 1] });
      if (!answer.ok) throw new Error(String(answer.status));
    }
    progress.value = (100 * part.number) / pieces.length;
  }
  say(words.checking);
  const done = await call(`/documents/${encodeURIComponent(upload.id)}/completion`, "POST", null, csrf);
  localStorage.removeItem(key(form, file));
  if (done.state !== "clean") throw new Refusal(done.reason?.message ?? done.state);
}

// A button beside the progress: between two parts the upload waits until it is pressed again.
function pauser() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-plain btn-sm";
  button.textContent = words.pause;
  let goOn = null;
  let paused = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? words.go : words.pause;
    if (!paused) goOn?.();
  });
  const over = async (say) => {
    if (!paused) return;
    say(words.paused);
    await new Promise((resolve) => (goOn = resolve));
    say(words.sending);
  };
  return { button, over };
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const progress = form.querySelector("progress");
  const note = document.createElement("p");
  note.className = "small";
  note.setAttribute("role", "status");
  form.append(note);
  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file) return;
    event.preventDefault();
    const start = form.querySelector("button:not([type=button])");
    const pause = pauser();
    progress.classList.remove("d-none");
    start.disabled = true;
    if (file.size > PART) progress.after(pause.button);
    try {
      await send(form, file, (text) => (note.textContent = text), progress, pause);
      location.reload();
    } catch (error) {
      note.textContent = error instanceof Refusal ? error.message : words.failed;
      start.disabled = false;
    }
    pause.button.remove();
  });
}
