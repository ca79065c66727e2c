// with_page(async page => …): runs a check in a new Chromium, on the page whose address is the
// script's argument. Whatever the page logs as an error fails the check.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const puppeteer = require('puppeteer-core');

exports.withPage = async check => {
  const userDataDir = mkdtempSync(join(tmpdir(), 'paddock-chromium-'));
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM,
    userDataDir,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const errors = [];
  try {
    const page = await browser.newPage();
    page.on('pageerror', error => errors.push(error.message));
    await page.goto(process.argv[2]);
    await check(page);
  } catch (error) {
    errors.push(error.stack);
  } finally {
    await browser.close();
    rmSync(userDataDir, { recursive: true, force: true });
  }
  if (errors.length > 0) {
    console.error(errors.join('\n'));
    process.exit(1);
  }
};
