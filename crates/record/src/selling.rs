//! The six characters that a vehicle is offered under.

use crate::{CarId, Id};

/// Capitals and digits that are not taken for one another: neither O nor 0, I nor 1, S nor 5, Z nor 2, B nor 8.
const ALPHABET: &[u8; 26] = b"ACDEFGHJKLMNPQRTUVWXY34679";
const LENGTH: usize = 6;

/// The name a car might be offered under: another one for each attempt, since the first may be taken. The same car has
/// the same ones wherever it is asked.
pub fn candidate(car: CarId, attempt: u32) -> String {
    let bytes = Id::<()>::bytes(car.cast());
    let seed = bytes
        .iter()
        .chain(&attempt.to_be_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    // The last bytes differ least and are mixed least: spread them over the whole.
    let mut rest = (seed ^ (seed >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    rest ^= rest >> 29;
    let letters = ALPHABET.len() as u64;
    let mut name = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        name.push(char::from(ALPHABET[(rest % letters) as usize]));
        rest /= letters;
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_short_plain_and_spread() {
        let ids = (0..20_000_u32).map(|n| {
            let mut bytes = [7; 12];
            bytes[8..].copy_from_slice(&n.to_be_bytes());
            CarId::from_bytes(bytes)
        });
        let names: HashSet<String> = ids.map(|id| candidate(id, 0)).collect();
        // By chance alone, two of 20,000 are the same in about every other set.
        assert!(names.len() > 19_990, "{}", names.len());
        assert!(names.iter().all(|name| name.len() == LENGTH && name.bytes().all(|byte| ALPHABET.contains(&byte))));
        let id = CarId::from_bytes([1; 12]);
        assert_ne!(candidate(id, 0), candidate(id, 1));
        assert_eq!(candidate(id, 0), candidate(id, 0));
    }
}
