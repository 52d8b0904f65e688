//! The codes of letterings: AAA, AAB … ZZZ, AAAA.

/// The code of the lettering number `n` of an account, counted from 0.
pub fn code(n: u32) -> String {
    let (mut rest, mut width) = (u64::from(n), 3);
    while rest >= 26_u64.pow(width) {
        rest -= 26_u64.pow(width);
        width += 1;
    }
    let letter = |place: u32| {
        let digit = rest / 26_u64.pow(place) % 26;
        char::from(b'A' + u8::try_from(digit).unwrap_or(0))
    };
    (0..width).rev().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_on_and_grow() {
        let rows =
            [(0, "AAA"), (1, "AAB"), (25, "AAZ"), (26, "ABA"), (17_575, "ZZZ"), (17_576, "AAAA"), (17_577, "AAAB")];
        for (n, expected) in rows {
            assert_eq!(code(n), expected);
        }
        assert!(code(u32::MAX).len() <= 8);
    }
}
