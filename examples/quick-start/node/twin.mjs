// One twin for a file of tests, and an org of its own for each test.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Starts the program. The org that it begins with is left alone: it makes others. */
export async function startTwin() {
  const readyFile = join(mkdtempSync(join(tmpdir(), 'quick-start-')), 'ready.json');
  const program = process.env.ORGTWIN ?? 'orgtwin';
  const child = spawn(program, ['serve', '--listen', '127.0.0.1:0', '--ready-file', readyFile], { stdio: ['ignore', 'ignore', 'inherit'] });
  let failed;
  child.on('error', error => { failed = error; });
  child.on('exit', code => { failed ??= new Error(`${program} ended with ${code}`); });
  // The file appears whole, once the twin listens.
  while (!existsSync(readyFile)) {
    if (failed) throw failed;
    await sleep(20);
  }
  const { control_url } = JSON.parse(readFileSync(readyFile, 'utf8'));
  return {
    newOrg: async () => new Org(await call('POST', `${control_url}/orgs`, {})),
    stop: () => child.kill(),
  };
}

/** An org, and what a test does to it. */
class Org {
  constructor(ready) {
    this.url = ready.base_url;
    this.control = `${ready.control_url}/orgs/${ready.name}`;
    this.clients = Object.fromEntries(ready.clients.map(client => [client.name, client]));
  }

  privateKey(name) {
    return readFileSync(this.clients[name].private_key_file, 'utf8');
  }

  /** The next requests that match go wrong (docs/faults.md). */
  fault(match, fault) {
    return call('POST', `${this.control}/faults`, { match, fault });
  }

  /** The statuses of what the org was asked at a path and below, in order. */
  async seen(path) {
    const ledger = await call('GET', `${this.control}/ledger?path=${encodeURIComponent(path)}`);
    return ledger.map(exchange => exchange.response.status);
  }
}

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
