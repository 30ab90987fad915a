// SPDX-License-Identifier: MIT
//
// The official TypeScript SDK with everything at its defaults: typescript.mjs TASK BASE_URL COUNT
// For https, Node.js itself reads NODE_EXTRA_CA_CERTS.
import { readFileSync } from 'node:fs';
import { Boltz } from '../../spec/conformance/sdk.mjs';

const ID = 'ws_0000000000000001';
const PAGE = 100;
const PAGES = 200;
const WORK = 50; // milliseconds a page
const WORKERS = 32;

const [task, url, argument] = process.argv.slice(2);
const count = Number(argument);
const { workspaces } = new Boltz({
  apiKey: 'sk_bc_admin_test_bench0000000000000000',
  baseURL: url,
}).admin;

function need(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

function be_busy(milliseconds) {
  const ends = performance.now() + milliseconds;
  while (performance.now() < ends);
}

// Figures of work that has `count` operations in it, in microseconds for each.
async function once(work) {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: ((performance.now() - wall) * 1000) / count, cpu: (user + system) / count };
}

// After `warmth` of them to warm up.
async function repeated(operation, warmth) {
  for (let i = 0; i < warmth; i++) await operation();
  return once(async () => {
    for (let i = 0; i < count; i++) await operation();
  });
}

async function retrieve() {
  const workspace = await workspaces.retrieve(ID);
  need(workspace.id === ID, 'the answer has another id');
}

async function page() {
  const page = await workspaces.list();
  need(page.data.length === PAGE, 'the page has not 100 items');
}

async function pages() {
  let items = 0;
  for await (const _ of workspaces.list()) items++;
  need(items === PAGES * PAGE, 'the pages have not 20,000 items');
}

async function pages_whole() {
  let items = 0;
  for await (const page of (await workspaces.list()).iterPages()) items += page.data.length;
  need(items === PAGES * PAGE, 'the pages have not 20,000 items');
}

// `count` pages, with work on each item, or on each page.
async function latency() {
  let items = 0;
  for await (const _ of workspaces.list()) {
    items++;
    be_busy(WORK / PAGE);
  }
  need(items === count * PAGE, 'not all items came');
}

async function latency_whole() {
  let items = 0;
  for await (const page of (await workspaces.list()).iterPages()) {
    items += page.data.length;
    be_busy(WORK);
  }
  need(items === count * PAGE, 'not all items came');
}

async function writes() {
  let next = 1;
  let sum = 0;
  async function worker() {
    while (next <= count) {
      const amount = next++;
      const set = await workspaces.setSpendingLimit(`ws_${String(amount).padStart(16, '0')}`, {
        limit: { amount, currency: 'MILLI_USD' },
        type: 'lifetime',
      });
      need(set.limit.amount === amount, 'another amount was set');
      sum++;
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker));
  need(sum === count, 'not all limits were set');
}

// A call takes 900 us at first, and 330 us only after some 3,000: V8 compiles what is hot. What is
// measured is the SDK at its best; a script that makes few calls does not see that.
const many = {
  retrieve: [retrieve, 3000],
  page: [page, 3000],
  pages: [pages, 15],
  pages_whole: [pages_whole, 15],
};
const single = { latency, latency_whole, writes };

const { wall, cpu } = many[task] ? await repeated(...many[task]) : await once(single[task]);
const peak = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
console.log(`wall=${wall.toFixed(3)} cpu=${cpu.toFixed(3)} rss=${peak}`);
