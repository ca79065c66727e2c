// Two windows of the live counter: a visit in one shows in the other.
const { withPage } = require('./browser.cjs');

const count = (page, tag) => page.$$eval('#views tr', (lines, wanted) => {
  const line = lines.find(one => one.firstChild.textContent === wanted);
  return line ? Number(line.lastChild.textContent) : 0;
}, tag);

const total = page => page.$eval('#total', cell => Number(cell.textContent));

async function until(what, holds) {
  const deadline = Date.now() + 30000;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

// A window behind another one is not painted, and what is not painted cannot be clicked with the mouse.
const visit = (page, tag) => page.$eval('#visit', (form, text) => {
  form.tag.value = text;
  form.querySelector('button').click();
}, tag);

async function open(page, url) {
  if (url) await page.goto(url);
  await until('live', () => page.$eval('#state', state => state.textContent === 'Live.'));
  return page;
}

withPage(async first => {
  await open(first);
  const second = await open(await first.browser().newPage(), first.url());
  // The counts as they are are the answer to the page's own message.
  await until('counts', async () => await count(second, 'home') > 0 && await count(first, 'home') > 0);
  const home = await count(first, 'home');
  const all = await total(first);
  await visit(first, 'home');
  await until('the visit shows in the other window', async () => await count(second, 'home') === home + 1);
  await until('the visit shows in its window', async () => await count(first, 'home') === home + 1);
  await visit(second, 'a <b>new</b> tag');
  await until('a new tag shows', async () => await count(first, 'a <b>new</b> tag') >= 1);
  await until('the total shows', async () =>
    await total(first) === all + 2 && await total(second) === all + 2);
  const third = await open(await first.browser().newPage(), first.url());
  await until('a window that comes later has the counts', async () =>
    await count(third, 'home') === home + 1 && await total(third) === all + 2);
});
