/* The leaderboard: one question at a time, the columns of one space, a link from each row to its audit. */

const pick = (id) => document.getElementById(id);

function showQuestion() {
  const question = pick("question").value;
  for (const board of document.querySelectorAll(".board")) board.hidden = board.dataset.question !== question;
}

// The first two columns are the proxy and the mean over all columns.
function showSpace() {
  const space = pick("space").value;
  for (const table of document.querySelectorAll(".board table")) {
    [...table.tHead.rows[0].cells].forEach((heading, place) => {
      const off = place > 1 && space !== "" && heading.textContent.trim().split("\n")[0] !== space;
      for (const row of table.rows) row.cells[place].hidden = off;
    });
  }
}

function openAudit() {
  const found = location.hash.startsWith("#audit-") && pick(decodeURIComponent(location.hash.slice(1)));
  if (!found) return;
  found.open = true;
  found.scrollIntoView();
}

for (const heading of document.querySelectorAll(".board tbody th")) {
  const link = document.createElement("a");
  link.href = `#audit-${encodeURIComponent(heading.dataset.by)}`;
  link.textContent = heading.textContent;
  heading.replaceChildren(link);
}
pick("question").addEventListener("change", showQuestion);
pick("space").addEventListener("change", showSpace);
window.addEventListener("hashchange", openAudit);
showQuestion();
showSpace();
openAudit();
