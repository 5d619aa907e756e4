// A host of MCP Apps in a browser page (host.html), served from this folder and from node_modules
// under the address of the Lookout server, so that its client may call it. The app's own page is
// what the server has as a resource, under the policy that the specification gives to pages that
// ask for nothing.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { BASE, openPage } from './open.mjs';

export const URI = 'ui://lookout/chart';

const POLICY = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
               "img-src 'self' data:; media-src 'self' data:; connect-src 'none'";

export async function openHost(browser, options) {
  const { page, troubles } = await openPage(browser, options);
  const app = {};

  await page.route(new URL('/host/**', BASE).href, async (route) => {
    const name = new URL(route.request().url()).pathname.slice('/host/'.length);

    if (name === 'page.html') {
      await route.fulfill({ body: app.html, contentType: 'text/html; charset=utf-8',
                            headers: { 'Content-Security-Policy': POLICY } });
    } else {
      const file = new URL(name.replace(/^npm\//, 'node_modules/'), import.meta.url);

      await route.fulfill({ body: await readFile(fileURLToPath(file)),
                            contentType: name.endsWith('.html') ? 'text/html' : 'text/javascript' });
    }
  });
  await page.goto(new URL('/host/host.html', BASE).href);
  await page.waitForFunction(() => window.host);
  await page.evaluate(() => window.host.connect());
  app.html = (await page.evaluate((uri) => window.host.read(uri), URI)).text;
  return { page, troubles, frame: page.frameLocator('iframe') };
}
