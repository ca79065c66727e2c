// The phonebook's page: a contact is added, changed, searched and deleted.
const { withPage } = require('./browser.cjs');

const rows = page => page.$$eval('#contacts tr', lines =>
  lines.map(line => [...line.querySelectorAll('td')].slice(0, 4).map(cell => cell.textContent).join(' ')));

async function shows(page, wanted) {
  await page.waitForFunction(text => {
    const lines = [...document.querySelectorAll('#contacts tr')].map(line =>
      [...line.querySelectorAll('td')].slice(0, 4).map(cell => cell.textContent).join(' '));
    return lines.join('\n') === text;
  }, {}, wanted.join('\n')).catch(async () => {
    throw new Error(`wanted ${JSON.stringify(wanted)}, there is ${JSON.stringify(await rows(page))}, `
      + await page.$eval('#said', said => said.textContent));
  });
}

async function add(page, firstName, lastName, phone) {
  await page.type('#firstName', firstName);
  await page.type('#lastName', lastName);
  await page.type('#phone', phone);
  await page.click('#save');
}

async function press(page, row, button) {
  const buttons = await page.$$(`#contacts tr:nth-child(${row}) button`);
  await buttons[button].click();
}

withPage(async page => {
  await add(page, 'Ada', 'Lovelace', '1');
  await shows(page, ['Ada Lovelace 1 ']);
  await add(page, 'Grace', 'Hopper', '2');
  await shows(page, ['Grace Hopper 2 ', 'Ada Lovelace 1 ']);
  await press(page, 1, 0);
  await page.$eval('#phone', field => { field.value = ''; });
  await page.type('#phone', '3');
  await page.click('#save');
  await shows(page, ['Grace Hopper 3 ', 'Ada Lovelace 1 ']);
  await page.type('#name', 'Lovelace');
  await page.click('#search button');
  await shows(page, ['Ada Lovelace 1 ']);
  await press(page, 1, 1);
  await shows(page, []);
  await page.click('#all');
  await shows(page, ['Grace Hopper 3 ']);
});
