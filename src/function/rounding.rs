//! Rounding to decimal places by the decimal digits a person sees, not by the binary fraction behind them:
//! 1.005 to two places is 1.01.

/// Which way to go when digits are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
}

impl Mode {
    /// The mode of that name, without regard to case.
    pub(super) fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, Mode); 7] = [
            ("UP", Mode::Up),
            ("DOWN", Mode::Down),
            ("CEILING", Mode::Ceiling),
            ("FLOOR", Mode::Floor),
            ("HALF_UP", Mode::HalfUp),
            ("HALF_DOWN", Mode::HalfDown),
            ("HALF_EVEN", Mode::HalfEven),
        ];
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, mode)| *mode)
    }

    /// Whether what is kept grows by one in its last digit (which is odd or not) given what is cut off.
    fn grows(self, negative: bool, odd: bool, cut: &[u8]) -> bool {
        let half = cut.first().copied().unwrap_or(0).cmp(&5).then(if cut.iter().skip(1).any(|d| *d > 0) {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Equal
        });
        let inexact = cut.iter().any(|d| *d > 0);
        match self {
            Self::Up => inexact,
            Self::Down => false,
            Self::Ceiling => inexact && !negative,
            Self::Floor => inexact && negative,
            Self::HalfUp => half.is_ge(),
            Self::HalfDown => half.is_gt(),
            Self::HalfEven => half.is_gt() || (half.is_eq() && odd),
        }
    }
}

/// `x` with at most `places` decimal places (0 to 400).
pub(super) fn round_to(x: f64, places: i32, mode: Mode) -> f64 {
    if !x.is_finite() || x == 0.0 {
        return x;
    }
    let text = format!("{:e}", x.abs());
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return x;
    };
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    // x = 0.d1d2d3… * 10^point
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let keep = point + places;
    if keep >= digits.len() as i32 {
        return x;
    }
    if keep < 0 {
        // far below the last place: only a mode that looks at the sign alone can make something of it
        digits.insert(0, 0);
    }
    let keep = keep.max(0) as usize;
    let odd = keep > 0 && digits[keep - 1] % 2 == 1;
    let grows = mode.grows(x < 0.0, odd, &digits[keep..]);
    let kept: String = digits[..keep].iter().map(|d| char::from(b'0' + d)).collect();
    // the decimal point stands `places` digits from the right of what is kept
    let whole: f64 = format!("{}e{}", if kept.is_empty() { "0" } else { &kept }, -places).parse().unwrap_or(x);
    let size = if grows { grown(&kept, places).unwrap_or(whole) } else { whole };
    if x < 0.0 { -size } else { size }
}

/// `kept` plus one in its last digit, at `places` decimal places.
fn grown(kept: &str, places: i32) -> Option<f64> {
    let mut digits: Vec<u8> = kept.bytes().collect();
    let mut at = digits.len();
    loop {
        if at == 0 {
            digits.insert(0, b'1');
            break;
        }
        at -= 1;
        if digits[at] < b'9' {
            digits[at] += 1;
            break;
        }
        digits[at] = b'0';
    }
    format!("{}e{}", String::from_utf8(digits).ok()?, -places).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_decide() {
        for (x, places, mode, wanted) in [
            (1.005, 2, Mode::HalfUp, 1.01),
            (1.0, 2, Mode::HalfUp, 1.0),
            (9.999, 2, Mode::HalfUp, 10.0),
            (0.05, 1, Mode::HalfUp, 0.1),
            (0.049, 1, Mode::HalfUp, 0.0),
            (0.005, 1, Mode::HalfUp, 0.0),
            (0.005, 1, Mode::Up, 0.1),
            (0.0005, 1, Mode::Ceiling, 0.1),
            (-0.0005, 1, Mode::Floor, -0.1),
            (-0.0005, 1, Mode::Ceiling, 0.0),
            (2.5, 0, Mode::HalfEven, 2.0),
            (3.5, 0, Mode::HalfEven, 4.0),
            (2.5, 0, Mode::HalfDown, 2.0),
            (2.51, 0, Mode::HalfDown, 3.0),
            (-2.5, 0, Mode::HalfUp, -3.0),
            (1234.567, 1, Mode::Down, 1234.5),
            (1e300, 2, Mode::HalfUp, 1e300),
            (5e-324, 400, Mode::HalfUp, 5e-324),
            (5e-324, 2, Mode::HalfUp, 0.0),
        ] {
            assert_eq!(round_to(x, places, mode), wanted, "{x} {places} {mode:?}");
        }
    }
}
