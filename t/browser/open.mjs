// A browser, and pages in it with every trouble noted: errors on the console, what a
// Content-Security-Policy refuses, requests to another server. LOOKOUT_URL says where the server
// is, CHROMIUM which browser to take.

import { chromium } from 'playwright-core';

export const BASE = process.env.LOOKOUT_URL;
const WAIT = 10_000; // milliseconds for anything to show up

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--no-first-run'],
});

export async function openPage(browser, options) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles = [];

  page.setDefaultTimeout(WAIT);
  page.on('console', (line) => line.type() === 'error' && troubles.push(`console: ${line.text()}`));
  page.on('pageerror', (error) => troubles.push(`script: ${error.stack}`));
  page.on('request', (request) => new URL(request.url()).origin === new URL(BASE).origin ||
                                  troubles.push(`request to ${request.url()}`));
  await page.exposeFunction('tellViolation', (what) => troubles.push(`policy: ${what}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) =>
    window.tellViolation(`${event.violatedDirective} ${event.blockedURI}`)));

  return { page, troubles };
}
