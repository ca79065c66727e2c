// The phone's page drives, the tracker's page shows its places.
const { withPage } = require('./browser.cjs');

const painted = page => page.$eval('#map', canvas =>
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(byte => byte > 0));

withPage(async page => {
  await page.click('a[href="phone.html"]');
  await page.waitForSelector('#drive');
  await page.click('#drive');
  await page.waitForFunction(() => /^[2-9] sent\.$/.test(document.querySelector('#said').textContent));
  if (!await painted(page)) throw new Error('the phone draws no map');
  await page.click('#stop');
  await page.click('#tracker');
  await page.waitForFunction(() => document.querySelectorAll('#rows tr').length >= 2);
  if (!await painted(page)) throw new Error('the tracker draws no map');
});
