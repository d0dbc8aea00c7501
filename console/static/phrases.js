// A phrase is inserted at the cursor of its field. Without this the form comes back with the phrase at the field's end.

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-phrase]");
  const field = button?.form?.elements[button.dataset.phrase];
  if (!field) return;
  event.preventDefault();
  field.setRangeText(button.textContent, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
