// Measures pages one after the other in one browser: `node measure.mjs ASKED ANSWERED`.
// ASKED is a JSON file: {"arguments": [...], "pages": [{"name", "url", "cookie"}]}. ANSWERED gets, for each page, its
// scores and which audits failed where. Lighthouse's own report is never kept: it would hold the cookie.

import { readFileSync, writeFileSync } from 'node:fs';
import * as chromeLauncher from 'chrome-launcher';
import lighthouse from 'lighthouse';

const CATEGORIES = ['accessibility', 'best-practices', 'performance', 'seo'];
const [asked, answered] = process.argv.slice(2);
const { arguments: chromeFlags, pages } = JSON.parse(readFileSync(asked, 'utf8'));

const chrome = await chromeLauncher.launch({ chromeFlags: ['--headless=new', ...chromeFlags], logLevel: 'error' });
const found = [];
try {
  for (const { name, url, cookie } of pages) {
    let lhr = await look(url, cookie);
    // On a busy machine its own recording sometimes fails: then it has judged nothing, and looks again.
    for (let more = 2; lhr.runtimeError && more > 0; more -= 1) lhr = await look(url, cookie);
    found.push({ name, ...summary(lhr) });
  }
} finally {
  await chrome.kill();
}
writeFileSync(answered, JSON.stringify(found, null, 1));

async function look(url, cookie) {
  const result = await lighthouse(url, {
    port: chrome.port,
    logLevel: 'error',
    output: 'json',
    onlyCategories: CATEGORIES,
    disableFullPageScreenshot: true,
    extraHeaders: cookie ? { Cookie: cookie } : {},
  });
  return result.lhr;
}

function summary(lhr) {
  const scores = {}, failed = {}, measured = {};
  for (const id of CATEGORIES) {
    const category = lhr.categories[id];
    scores[id] = category.score === null ? null : Math.round(category.score * 100);
    failed[id] = category.auditRefs
      .filter(({ weight, id }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
      .map(({ id }) => ({ audit: id, title: lhr.audits[id].title, items: items(lhr.audits[id]) }));
  }
  for (const id of ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift']) {
    measured[id] = lhr.audits[id]?.displayValue ?? '';
  }
  measured.bytes = lhr.audits['total-byte-weight']?.numericValue ?? null;
  return {
    scores, failed, measured,
    shown: lhr.finalDisplayedUrl,
    wrong: lhr.runtimeError ? lhr.runtimeError.message : '',
  };
}

function items(audit) {
  return (audit.details?.items ?? []).slice(0, 10).map(
    (item) => item.node?.snippet ?? item.description ?? item.url ?? JSON.stringify(item).slice(0, 300),
  );
}
