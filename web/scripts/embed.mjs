// Makes the list of what is built, for the program to hold: each file as it is and compressed, in the order of their names.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const home = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../src/server/assets');
const types = {
	'.js': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.html': 'text/html; charset=utf-8',
	'.svg': 'image/svg+xml',
};

let total = 0;
function packed(below) {
	const file = path.join(home, 'dist', below);
	const bytes = gzipSync(readFileSync(file), { level: 9 });
	bytes[9] = 255; // of no system: the same bytes wherever it is made
	writeFileSync(`${file}.gz`, bytes);
	total += bytes.length;
	return bytes.length;
}

function asset(name, below) {
	const type = types[path.extname(below)];
	if (!type) throw new Error(`${below}: no media type is known for it`);
	const size = packed(below);
	console.log(`${String(size).padStart(8)}  ${below}`);
	return `Asset {
        name: "${name}",
        ty: "${type}",
        plain: include_bytes!("dist/${below}"),
        gzip: include_bytes!("dist/${below}.gz"),
    }`;
}

const files = readdirSync(path.join(home, 'dist/assets')).filter((name) => !name.endsWith('.gz')).sort();
const page = asset('index.html', 'index.html');
const rest = files.map((name) => `    ${asset(name, `assets/${name}`)},\n`).join('');
writeFileSync(
	path.join(home, 'list.rs'),
	`//! Written by \`npm run build\` in \`web/\`.

use super::Asset;

#[rustfmt::skip]
pub(super) const PAGE: Asset = ${page.replaceAll('\n    ', '\n')};

#[rustfmt::skip]
pub(super) const FILES: &[Asset] = &[
${rest}];
`,
);
console.log(`${String(total).padStart(8)}  all, compressed`);
