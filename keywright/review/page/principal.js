// A principal's page: its changes, its access to each resource, and its permissions in sentences.

const texts = (numbers) => (numbers || []).map((number) => data.texts[number]);

function listed(page, title, items, draw) {
  if (!items.length) return;
  page.append("h3").text(title);
  page.append("ul").attr("class", "plain").selectAll("li").data(items).join("li").each(function (item) { draw(select(this), item); });
}

function drawFacts(page, row) {
  const facts = page.append("dl").attr("class", "facts");
  const fact = (term, value) => { if (value) { facts.append("dt").text(term); facts.append("dd").append("bdi").text(value); } };
  fact("ARN", row.arn === row.name ? "" : row.arn);
  fact("Permissions boundary", row.boundary);
  const groups = (row.groups || []).map((name) => byName.get(name) || { name });
  if (!groups.length) return;
  facts.append("dt").text("Groups");
  const place = facts.append("dd");
  groups.forEach((group, index) => {
    if (index) place.append("span").text(", ");
    (group.key ? place.append("a").attr("href", link(group)) : place.append("span")).append("bdi").text(group.name);
  });
}

function drawHoldings(page, row) {
  const held = orderedColumns.filter((column) => cellsOf(row).has(column.number));
  page.append("h3").text("Resources");
  if (!held.length) { page.append("p").attr("class", "quiet").text("No policy allows anything."); return; }
  const whole = page.append("div").attr("class", "framed").append("table").attr("class", "holdings");
  const head = whole.append("thead").append("tr");
  head.selectAll("th").data(["Service", "Resource", "Levels", "Description"]).join("th").attr("scope", "col").text((text) => text);
  const lines = whole.append("tbody").selectAll("tr").data(held.slice(0, 500)).join("tr");
  lines.append("td").append("bdi").text((column) => column.service || "all");
  lines.append("th").attr("scope", "row").append("bdi").text((column) => column.title);
  drawCell(lines.append("td").attr("class", "cell").datum((column) => cellsOf(row).get(column.number)));
  lines.append("td").attr("aria-hidden", "true").text((column) => inWords(cellsOf(row).get(column.number)));
  if (held.length > 500) page.append("p").attr("class", "quiet").text(`${count(held.length - 500, "more resource")} not shown; the map has all of them.`);
}

function drawOwnChanges(page, row) {
  const own = changes.filter((entry) => entry.who && (entry.who === row.name || (entry.concerns || []).includes(row.name)));
  if (!review) return;
  page.append("h3").text("Changes");
  if (!own.length) { page.append("p").attr("class", "quiet").text("No changes."); return; }
  const whole = page.append("div").attr("class", "framed").append("table");
  whole.append("thead").append("tr").selectAll("th").data(HEADINGS).join("th").attr("scope", "col").attr("class", ([key]) => `of-${key}`).text(([, title]) => title);
  drawEntries(whole.append("tbody"), own);
}

function drawPrincipal(row) {
  const page = select("#principal");
  page.selectChildren().remove();
  page.append("p").append("a").attr("href", "#map").attr("class", "back").text("← All principals");
  page.append("h2").attr("tabindex", -1).append("bdi").text(row.name || row.arn);
  if (row.gone) page.append("p").attr("class", "notice").text("It no longer exists.");
  drawFacts(page, row);
  listed(page, "Undecided", row.doubts, asText);
  drawOwnChanges(page, row);
  listed(page, "Who can assume it", texts(row.trusted), asText);
  drawHoldings(page, row);
  listed(page, "Permissions in sentences", row.says || [], (place, [service, ...numbers]) => {
    place.append("h4").append("bdi").text(service);
    place.append("ul").selectAll("li").data(texts(numbers)).join("li").each(function (text) { asText(select(this), text); });
  });
  listed(page, "Permissions boundary: the most that it can allow", texts(row.within), asText);
}
