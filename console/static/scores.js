// The weighted total of a score sheet as it is typed. The platform computes the total itself when the scores are handed in.

const sheet = document.querySelector("form[data-scores]");
if (sheet) {
  const fields = [...sheet.querySelectorAll("input[data-weight]")];
  const weights = fields.reduce((sum, field) => sum + Number(field.dataset.weight), 0);
  const total = sheet.querySelector("[data-total]");
  const marked = sheet.querySelector("[data-marked]");

  function points(field) {
    const value = Number(field.value.replace("，", "."));
    return field.value.trim() === "" || Number.isNaN(value) ? null : (100 * Number(field.dataset.weight) * value) / (Number(field.dataset.max) * weights);
  }

  function show() {
    let sum = 0;
    let given = 0;
    for (const field of fields) {
      const part = points(field);
      field.closest(".crit-top").querySelector("[data-part]").textContent = part === null ? "–" : part.toFixed(1);
      if (part !== null) {
        sum += part;
        given += 1;
      }
    }
    total.hidden = false;
    total.querySelector("b").textContent = given ? sum.toFixed(1) : "–";
    marked.textContent = `${given} / ${marked.dataset.of}`;
  }

  sheet.addEventListener("input", show);
  show();
}
