/** Hands a text to the browser as a file. */
export function save(name: string, type: string, text: string): void {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	[link.href, link.download] = [url, name];
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}
