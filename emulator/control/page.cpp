#include "control/page.hpp"

namespace paddock::control {

// Self-contained: no other file, nothing from the network. Every value is set as text, never as
// markup.
const std::string_view kPage = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Paddock</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
  h1 { font-size: 1.5rem; margin: 0; }
  h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #8886; }
  table { border-collapse: collapse; width: 100%; font-size: .9rem; }
  th, td { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top; }
  td { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; }
  td:first-child, td:last-child { white-space: nowrap; }
  .muted { opacity: .65; }
  .bad { color: #c33; }
  meter { width: 12rem; }
</style>
<h1>Paddock</h1>
<p class="muted" id="clock">…</p>
<h2>Deployed</h2>
<table><tbody id="resources"></tbody></table>
<h2>Timeline</h2>
<table>
  <thead><tr><th>Time<th>What<th>Outcome<th>Took<th>Chain</tr></thead>
  <tbody id="timeline"></tbody>
</table>
<h2>Coverage</h2>
<table><tbody id="coverage"></tbody></table>
<script>
const get = async path => (await fetch(path)).json();
const row = (...cells) => {
  const tr = document.createElement('tr');
  for (const cell of cells) {
    const td = document.createElement('td');
    if (cell instanceof Node) td.append(cell); else td.textContent = cell ?? '';
    tr.append(td);
  }
  return tr;
};
const fill = (id, rows) => document.getElementById(id).replaceChildren(
  ...(rows.length ? rows : [row('nothing yet')]));

async function refresh() {
  const [clock, resources, timeline] = await Promise.all([
    get('/_paddock/clock'), get('/_paddock/resources'), get('/_paddock/timeline?limit=60')]);
  document.getElementById('clock').textContent =
    `world time ${clock.now}` +
    (clock.frozen ? ', frozen' : clock.speed !== 1 ? `, ×${clock.speed}` : '');
  fill('resources', resources.realms.flatMap(realm => realm.resources.map(
    arn => row(realm.service, `${realm.account} ${realm.region}`, arn))));
  fill('timeline', timeline.Events.slice().reverse().map(event => {
    const at = new Date(event.At).toISOString().slice(11, 23);
    const took = event.Microseconds ? `${event.Microseconds} µs` : '';
    const tr = row(at, `${event.What} ${event.Resource}`, event.Outcome, took,
      event.Cause.RequestId.slice(0, 8));
    const good = /^([123]\d\d|\d{4,}|success|done|ok|)$/i;
    if (!good.test(event.Outcome)) tr.cells[2].className = 'bad';
    return tr;
  }));
}
async function coverage() {
  const {apis} = await get('/_paddock/coverage');
  fill('coverage', apis.map(api => {
    const meter = document.createElement('meter');
    meter.max = api.of; meter.value = api.built;
    return row(api.api, `${api.built} of ${api.of} operations`, meter);
  }));
}
coverage();
refresh();
setInterval(refresh, 2000);
</script>
</html>
)html";

}  // namespace paddock::control
