// Uploads of papers: hashed in a worker, sent in parts of 8 MiB that can be resumed. Without this the console carries the file.

const PART = 8 * 1024 * 1024;
const english = document.documentElement.lang === "en";
const words = english
  ? { hashing: "Reading", sending: "Sending", checking: "Checking", failed: "The line broke; press Upload again to go on." }
  : { hashing: "正在读取", sending: "上传中", checking: "核验中", failed: "连接中断，再按“上传”即可继续。" };

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
  const data = await answer.json();
  if (!answer.ok) throw new Refusal(data.message);
  return data;
}

class Refusal extends Error {}

// Where an upload of the same file stopped, so that choosing it again resumes it.
const key = (form, file) => `upload:${form.dataset.upload}:${file.name}:${file.size}:${file.lastModified}`;

async function send(form, file, say, progress) {
  const csrf = form.elements.csrf.value;
  const pieces = [];
  for (let start = 0; start < file.size; start += PART) pieces.push(file.slice(start, start + PART));
  let id = sessionStorage.getItem(key(form, file));
  let parts;
  if (id && pieces.length > 1) {
    parts = await call(`/documents/${encodeURIComponent(id)}/parts`, "GET", null, csrf).catch(() => null);
    if (!parts) id = null;
  }
  if (!id) {
    say(words.hashing);
    const body = { filename: file.name, size: file.size, sha256: await sha256(file) };
    if (pieces.length > 1) {
      body.parts = [];
      for (const piece of pieces) body.parts.push({ size: piece.size, sha256: await sha256(piece) });
    }
    const announced = await call(form.dataset.upload, "POST", body, csrf);
    id = announced.id;
    sessionStorage.setItem(key(form, file), id);
    parts = announced.parts ?? [{ number: 1, arrived: false, upload: announced.upload }];
  }
  parts = parts.items ?? parts;
  say(words.sending);
  for (const part of parts) {
    if (!part.arrived) {
      const answer = await fetch(part.upload.url, { method: part.upload.method, headers: part.upload.headers, body: pieces[part.number - 1] });
      if (!answer.ok) throw new Error(String(answer.status));
    }
    progress.value = (100 * part.number) / pieces.length;
  }
  say(words.checking);
  const done = await call(`/documents/${encodeURIComponent(id)}/completion`, "POST", null, csrf);
  sessionStorage.removeItem(key(form, file));
  if (done.state !== "clean") throw new Refusal(done.reason?.message ?? done.state);
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
    progress.classList.remove("d-none");
    form.querySelector("button").disabled = true;
    try {
      await send(form, file, (text) => (note.textContent = text), progress);
      location.reload();
    } catch (error) {
      note.textContent = error instanceof Refusal ? error.message : words.failed;
      form.querySelector("button").disabled = false;
    }
  });
}
