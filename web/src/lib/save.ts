/** Hands bytes to the browser as a file. */
export function saveBlob(name: string, blob: Blob): void {
	const url = URL.createObjectURL(blob);
	const link = document.createElement('a');
	[link.href, link.download] = [url, name];
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Hands a text to the browser as a file. */
export function save(name: string, type: string, text: string): void {
	saveBlob(name, new Blob([text], { type }));
}
