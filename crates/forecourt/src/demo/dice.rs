//! Chance that is the same every time: what is invented depends on the seed alone.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// A stream of chances.
#[derive(Debug)]
pub struct Dice(StdRng);

impl Dice {
    /// The stream number `n` of a purpose; streams know nothing of each other.
    pub fn new(purpose: u32, n: u64) -> Self {
        Self(StdRng::seed_from_u64(u64::from(purpose) << 48 ^ n))
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.random_range(0..bound)
    }

    /// A number from `least` up to and without `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..most)
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// One of these, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut at = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in from {
            if at < *weight {
                return *one;
            }
            at -= weight;
        }
        from[0].1
    }

    /// A length of time, to the millisecond: from `least` up to and without `most` minutes.
    pub fn minutes(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.between(least * 60_000, most * 60_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_stream_gives_the_same_chances() {
        let rolls = |purpose, n| -> Vec<u64> {
            let mut dice = Dice::new(purpose, n);
            (0..8).map(|_| dice.below(1000)).collect()
        };
        assert_eq!(rolls(1, 7), rolls(1, 7));
        assert_ne!(rolls(1, 7), rolls(1, 8));
        assert_ne!(rolls(1, 7), rolls(2, 7));
        let mut dice = Dice::new(1, 1);
        let often = (0..1000).filter(|_| dice.weighted(&[(9, true), (1, false)])).count();
        assert!((850..950).contains(&often), "{often}");
    }
}
