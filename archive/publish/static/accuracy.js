// Marks on the sheet, saved as the CSV that `gongkai accuracy --marks` reads. No server, no network.
"use strict";
const data = JSON.parse(document.getElementById("lines").textContent);
const MARKS = ["", "right", "wrong", "unsure"];
const buttons = [...document.querySelectorAll(".v")];
const nameOf = (n, key) => n + " " + key;
const byName = new Map(buttons.map((b) => [nameOf(b.dataset.n, b.dataset.key), b]));
const columnOf = (name) => data.columns.indexOf(name);
const keyOf = (line) => [line[columnOf("table_name")], line[columnOf("row")], line[columnOf("column")]].join(".");
const store = "gongkai-accuracy-" + location.pathname;

function set(button, mark, correct) {
  if (mark === "wrong" && correct === undefined) {
    correct = prompt("原页所印（没有数字就填 -）· What the page prints (- for no number)", button.dataset.correct);
    if (correct === null) mark = "unsure";
  }
  button.dataset.mark = mark;
  button.dataset.correct = mark === "wrong" ? correct || "" : "";
}

function told() {
  const marked = buttons.filter((b) => b.dataset.mark);
  document.getElementById("count").textContent = ` ${marked.length} / ${buttons.length}`;
  const kept = marked.map((b) => [nameOf(b.dataset.n, b.dataset.key), b.dataset.mark, b.dataset.correct]);
  try { localStorage.setItem(store, JSON.stringify(kept)); } catch { /* some browsers keep nothing for files */ }
}

// A text that a spreadsheet would run gets an apostrophe in front, as in all our CSV files.
const guarded = (text) => (/^'*[=+\-@\t\r\n＝＋－＠]/.test(text) ? "'" + text : text);
const quoted = (text) => '"' + guarded(String(text ?? "")).replaceAll('"', '""') + '"';

function csv() {
  const rows = [data.columns];
  data.sheets.forEach((lines, at) => lines.forEach((line) => {
    const button = byName.get(nameOf(at + 1, keyOf(line)));
    const row = [...line];
    row[columnOf("mark")] = button ? button.dataset.mark : "";
    row[columnOf("correct")] = button ? button.dataset.correct : "";
    rows.push(row);
  }));
  return "\ufeff" + rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function parsed(text) {
  const rows = [];
  for (const line of text.replace(/^\ufeff/, "").matchAll(/((?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*))*)(?:\r\n|\n|$)/g)) {
    if (!line[1]) continue;
    const fields = [...("," + line[1]).matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)];
    rows.push(fields.map((f) => (f[1] !== undefined ? f[1].replaceAll('""', '"') : f[2])));
  }
  return rows;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".v");
  const rest = event.target.closest(".rest");
  if (button) set(button, MARKS[(MARKS.indexOf(button.dataset.mark) + 1) % MARKS.length]);
  if (rest) buttons.filter((b) => b.dataset.n === rest.dataset.n && !b.dataset.mark).forEach((b) => set(b, "right"));
  if (button || rest) told();
});
document.addEventListener("keydown", (event) => {
  const mark = { r: "right", w: "wrong", u: "unsure" }[event.key];
  if (mark && document.activeElement.classList.contains("v")) {
    set(document.activeElement, mark);
    told();
  }
});
document.getElementById("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = "marks.csv";
  link.click();
});
document.getElementById("load").addEventListener("change", async (event) => {
  const [head, ...rows] = parsed(await event.target.files[0].text());
  const at = (name) => head.indexOf(name);
  const numbers = new Map(data.sheets.map((lines, n) => [lines[0][columnOf("report_key")], n + 1]));
  for (const row of rows) {
    const key = [row[at("table_name")], row[at("row")], row[at("column")]].join(".");
    const button = byName.get(nameOf(numbers.get(row[at("report_key")]), key));
    if (button && row[at("mark")]) set(button, row[at("mark")], row[at("correct")]);
  }
  told();
});
try {
  for (const [name, mark, correct] of JSON.parse(localStorage.getItem(store) || "[]"))
    if (byName.has(name)) set(byName.get(name), mark, correct);
} catch { /* nothing was kept */ }
told();
