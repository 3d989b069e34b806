/** A whole answer as one page that opens from its file: the query, the rows with their places, the picture, and a search in the rows. */

export interface Offline {
	title: string;
	language: string;
	query: string;
	/** What stands under the query: parameters, days, whose word. */
	given: [string, string][];
	columns: string[];
	rows: string[][];
	/** The documents that are cited. */
	documents: { id: string; title: string; date: string }[];
	/** An SVG that is trusted: the server's own. */
	picture: string;
	words: { filter: string; rows: string; documents: string; query: string };
}

/** The only script: hides the rows that have not every word that is typed. */
export const SCRIPT =
	"const field=document.querySelector('input'),rows=[...document.querySelectorAll('tbody tr')];field.addEventListener('input',()=>{const wanted=field.value.toLowerCase().split(/\\s+/).filter(Boolean);for(const row of rows){const text=row.textContent.toLowerCase();row.hidden=!wanted.every(word=>text.includes(word))}});";
/** Its SHA-256, which the policy of the page lets run and nothing else; a test compares. */
export const SCRIPT_HASH = 'vPAwfCVWEXWI65R49VrQz2NwRhTVi+z4fmrgUJhqXus=';

const STYLE =
	"body{margin:0 auto;max-width:76rem;padding:24px;background:#fdfcfa;color:#1c1b19;font:15px/1.45 system-ui,sans-serif}h1{font:400 1.9rem/1.15 Georgia,serif}pre{background:#f4f2ed;padding:10px 14px;white-space:pre-wrap;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding:5px 14px 5px 0;border-bottom:1px solid #dcd8cf}thead th{position:sticky;top:0;background:#fdfcfa}figure{margin:16px 0;overflow-x:auto}input{font:inherit;min-height:28px;padding:2px 8px;margin:12px 0}.muted{color:#5f5b54}@media print{input{display:none}thead th{position:static}}";

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escaped = (text: string) => text.replace(/[&<>"']/g, (one) => ESCAPES[one] as string);

/** The page. The same answer gives the same bytes. */
export function offline(of: Offline): string {
	const cells = (row: string[], tag: 'td' | 'th') => row.map((cell) => (tag === 'th' ? `<th scope="col">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`)).join('');
	const given = of.given.map(([name, value]) => `<p class="muted">${escaped(name)} ${escaped(value)}</p>`).join('\n');
	const documents = of.documents.map(({ id, title, date }) => `<li>${escaped([id, title, date].filter(Boolean).join(' · '))}</li>`).join('\n');
	return `<!DOCTYPE html>
<html lang="${escaped(of.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SCRIPT_HASH}'; font-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(of.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(of.title)}</h1>
<h2>${escaped(of.words.query)}</h2>
<pre>${escaped(of.query)}</pre>
${given}
${of.picture ? `<figure>${of.picture}</figure>` : ''}
<p><label>${escaped(of.words.filter)} <input type="search"></label></p>
<table>
<caption class="muted">${escaped(of.words.rows)}</caption>
<thead><tr>${cells(of.columns, 'th')}</tr></thead>
<tbody>
${of.rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')}
</tbody>
</table>
${documents ? `<h2>${escaped(of.words.documents)}</h2>\n<ul>\n${documents}\n</ul>` : ''}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
