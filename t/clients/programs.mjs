// The clients that are programs, as npm installed them, and the surroundings they run in: nothing
// of the user's, no keychain, a person who could sign in, and a browser that does not open.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const HOME = join(import.meta.dirname, 'home');

mkdirSync(HOME, { recursive: true });

// Where a program of an installed package lies; it runs with this very Node.
export const program = (name) => join(import.meta.dirname, 'node_modules', '.bin', name);

export const surroundings = {
  PATH: process.env.PATH,
  HOME,
  BROWSER: 'false',
  MCP_REMOTE_CONFIG_DIR: join(HOME, 'mcp-remote'),
  MCP_INSPECTOR_SECRET_STORE: 'memory',
  MCP_AUTO_OPEN_ENABLED: 'true',
  NODE_COMPILE_CACHE: join(HOME, 'compiled'),
};
