//! Any text is read or refused; what is read is printed, and read back as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shejire::inside::printed;

fuzz_target!(|text: &str| {
    let once = match printed(text) {
        Ok(once) => once,
        Err(error) => {
            // the message, too, must be drawn without trouble, with the caret inside the text
            let place = error.span().expect("an error of the text has a place");
            assert!(place.start <= place.end && place.end as usize <= text.len());
            assert!(text.is_char_boundary(place.start as usize) && text.is_char_boundary(place.end as usize));
            let _ = error.render(text, None, false);
            return;
        }
    };
    let again = match printed(&once) {
        Ok(again) => again,
        // parentheses that the tree does not keep may return deeper than they were
        Err(error) if error.code() == shejire::error::Code::Depth => return,
        Err(error) => panic!("{}\nread from {text:?}", error.render(&once, None, false)),
    };
    assert_eq!(again, once, "printed from {text:?}");
});
