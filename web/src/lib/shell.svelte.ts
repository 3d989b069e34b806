/** What pages tell the frame around them. */
class Shell {
	/** The days at which something changes on this page; nothing where the page has no time. */
	/** Whether whose word is taken can be asked here. */
	known = $state(false);
	stops = $state.raw<string[] | undefined>(undefined);
	/** How many things the day hides. */
	hidden = $state(0);
	keys = $state(false);
}

export const shell = new Shell();

/** Offers the dates of a page to the control of time for as long as the page is there. */
export function offerStops(stops: () => string[] | undefined, hidden: () => number = () => 0) {
	$effect(() => {
		shell.stops = stops();
		shell.known = true;
		shell.hidden = hidden();
	});
	$effect(() => () => {
		shell.stops = undefined;
		shell.known = false;
		shell.hidden = 0;
	});
}
