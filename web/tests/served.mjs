// Servers of the program for tests, each with a lifetime: SHEJIRE names the program.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const program = process.env.SHEJIRE ?? path.join(root, 'target/debug/shejire');
const running = [];
const folders = [];

/** The address of a server over a graph. */
export function serve(...how) {
	return new Promise((done, failed) => {
		const child = spawn(program, ['serve', '--http', '0', '--bolt', 'off', ...how], { stdio: ['ignore', 'pipe', 'inherit'], cwd: root });
		running.push(child);
		const timer = setTimeout(() => child.kill(), 25 * 60_000);
		child.on('exit', (code) => (clearTimeout(timer), failed(new Error(`the server ended: ${code}`))));
		let said = '';
		child.stdout.on('data', (bytes) => {
			said += bytes;
			if (said.includes('\n')) done(JSON.parse(said.split('\n')[0]).http.replace(/\/$/, ''));
		});
	});
}

export function stop() {
	for (const child of running) child.removeAllListeners('exit').kill();
	for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** A small register with its documents, made for these tests: two papers that differ in a date, and one that denies. */
export function register() {
	const home = mkdtempSync(path.join(tmpdir(), 'shejire-web-'));
	folders.push(home);
	const [tables, texts] = [path.join(home, 'tables'), path.join(home, 'texts')];
	mkdirSync(tables);
	mkdirSync(texts);
	const files = {
		'dataset.toml': 'id = "towns"\ntitle = "Two towns"\nversion = "1"\nformat = 2\nsentences = 2\n',
		'sources.csv':
			'id,title,group,date\na,The gazette of the district,district,1999-03-01\nb,A history of the valley,historian,2004\nc,A letter to the editor,reader,2005\n',
		'kinds.csv': 'kind,definition\ntown,A town with a council\n',
		'relations.csv':
			'relation,definition,domain,range,lineage,lineage_role,predecessor,successor,forward,backward\nmerged-into,One town goes into another.,town,town,merged-into,succession,ends,new,merged into,took in\ntwinned-with,Two towns are friends.,town,town,,,,,,\n',
		'entities.csv': 'id,kind,name,start,end\nupper,town,Upper Mill,1850,\nlower,town,Lower Mill,,\nmill,town,Mill,,\nfar,town,Far Ford,,\n',
		'aliases.csv': 'entity,alias,language,script,status,used_in\nmill,Диірмен,kk,Cyrl,editorial,\nmill,Mill,en,Latn,preferred,a:2\n',
		'mentions.csv':
			'id,subject,relation,object,source,locator,mode,qualifiers,confidence,fingerprint\n' +
			'M1,upper,merged-into,mill,a,a:2.1,,date=1999-01-01;wording=were joined,E,\n' +
			'M2,lower,merged-into,mill,a,a:2.1,,date=1999-01-01;wording=were joined,E,\n' +
			'M3,upper,merged-into,mill,b,b:1.2,,date=1998,E,\n' +
			'M4,mill,twinned-with,far,b,b:1.3,,start=2001,E,\n' +
			'M5,mill,twinned-with,far,c,c:1.1,denies,,E,\n',
	};
	for (const [file, text] of Object.entries(files)) writeFileSync(path.join(tables, file), text);
	writeFileSync(path.join(texts, 'a.txt'), 'Notices.\n\nUpper Mill and Lower Mill were joined on 1 January 1999. The new town is called Mill. Its council sits in the old school.\n\nPrinted by order.\n');
	writeFileSync(path.join(texts, 'b.txt'), 'The valley had two mills. Upper Mill became part of Mill in 1998. Since 2001 Mill has been twinned with Far Ford.\n');
	writeFileSync(path.join(texts, 'c.txt'), 'Sir, Mill was never twinned with Far Ford.\n');
	execFileSync(program, ['check', tables, '--sources', texts, '--write'], { stdio: ['ignore', 'pipe', 'inherit'] });
	return ['--data', tables, '--sources', texts];
}
