//! Linear models of many classes over hashed grams, with weights of one byte.

use crate::grams::{BUCKETS, count, words_and_runs};

/// What a model's arrays do not fit together in.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape(pub &'static str);

/// Weights by bucket, the classes of a bucket side by side.
#[derive(Debug)]
pub struct Linear {
    rarity: Vec<f32>,
    starts: Vec<u32>,
    classes: Vec<u16>,
    weights: Vec<i8>,
    scales: Vec<f32>,
    biases: Vec<f32>,
}

impl Linear {
    /// A model of these arrays.
    ///
    /// `rarity`: of each bucket, 0 for one that is not used. `starts`: where the weights of
    /// each bucket begin, and the end. `scales` and `biases`: of each class.
    ///
    /// # Errors
    /// When the arrays do not fit together.
    pub fn new(
        rarity: Vec<f32>,
        starts: Vec<u32>,
        classes: Vec<u16>,
        weights: Vec<i8>,
        scales: Vec<f32>,
        biases: Vec<f32>,
    ) -> Result<Self, Shape> {
        if rarity.len() != 2 * BUCKETS || starts.len() != 2 * BUCKETS + 1 {
            return Err(Shape("buckets"));
        }
        if classes.len() != weights.len() || starts.last().copied() != Some(weights.len() as u32) {
            return Err(Shape("weights"));
        }
        if starts.is_sorted_by(|a, b| a <= b)
            && scales.len() == biases.len()
            && classes.iter().all(|&class| usize::from(class) < scales.len())
        {
            return Ok(Self { rarity, starts, classes, weights, scales, biases });
        }
        Err(Shape("classes"))
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.scales.len()
    }

    /// The value of each class for `text`, put into `scores`.
    pub fn score(&self, text: &str, scores: &mut [f32]) {
        let values = features(text, &self.rarity);
        let mut sums = vec![0.0_f32; self.classes()];
        for (bucket, value) in values {
            for (class, weight) in self.of(bucket) {
                sums[class] += value * f32::from(weight);
            }
        }
        for (class, score) in scores.iter_mut().enumerate() {
            *score = sums[class] * self.scales[class] + self.biases[class];
        }
    }

    /// What each gram of `text` adds to `class`, the most first; no gram twice.
    pub fn reasons(&self, text: &str, class: usize) -> Vec<(String, f32)> {
        let values: std::collections::HashMap<u32, f32> =
            features(text, &self.rarity).into_iter().collect();
        let mut seen = std::collections::HashSet::new();
        let mut found: Vec<(String, f32)> = words_and_runs(text)
            .into_iter()
            .filter(|(gram, _)| seen.insert(gram.clone()))
            .filter_map(|(gram, bucket)| {
                let weight = self.of(bucket).find(|&(own, _)| own == class)?.1;
                let value = values.get(&bucket)?;
                Some((gram, value * f32::from(weight) * self.scales[class]))
            })
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found
    }

    fn of(&self, bucket: u32) -> impl Iterator<Item = (usize, i8)> + '_ {
        let (from, to) =
            (self.starts[bucket as usize] as usize, self.starts[bucket as usize + 1] as usize);
        self.classes[from..to]
            .iter()
            .zip(&self.weights[from..to])
            .map(|(&class, &weight)| (usize::from(class), weight))
    }
}

/// The features of `text`, by bucket: damped, weighted, each kind of unit length.
pub fn features(text: &str, rarity: &[f32]) -> Vec<(u32, f32)> {
    let mut values: Vec<(u32, f32)> = count(text)
        .into_iter()
        .map(|(bucket, times)| (bucket, damped(times) * rarity[bucket as usize]))
        .filter(|&(_, value)| value > 0.0)
        .collect();
    values.sort_unstable_by_key(|&(bucket, _)| bucket);
    let border = values.partition_point(|&(bucket, _)| (bucket as usize) < BUCKETS);
    let (words, runs) = values.split_at_mut(border);
    to_unit_length(words);
    to_unit_length(runs);
    values
}

/// One and the logarithm; beyond 65,535 as there.
fn damped(times: u32) -> f32 {
    1.0 + f32::from(u16::try_from(times).unwrap_or(u16::MAX)).ln()
}

fn to_unit_length(values: &mut [(u32, f32)]) {
    let length = values.iter().map(|&(_, value)| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for (_, value) in values {
            *value /= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(gram: &str, weight: i8) -> Linear {
        let bucket = words_and_runs(gram)[0].1 as usize;
        let mut rarity = vec![0.0; 2 * BUCKETS];
        rarity[bucket] = 2.0;
        let starts = (0..=2 * BUCKETS).map(|at| u32::from(at > bucket)).collect();
        Linear::new(rarity, starts, vec![1], vec![weight], vec![1.0, 0.5], vec![-1.0, -0.25])
            .unwrap()
    }

    #[test]
    fn a_gram_gives_its_weight() {
        let model = model("mimikatz", 4);
        let mut scores = [0.0; 2];
        model.score("They ran Mimikatz again", &mut scores);
        // One feature, so of unit length whatever its rarity: 1 * 4 * 0.5 - 0.25.
        assert_eq!(format!("{scores:?}"), "[-1.0, 1.75]");
        model.score("nothing of the kind", &mut scores);
        assert_eq!(format!("{scores:?}"), "[-1.0, -0.25]");
        assert_eq!(model.reasons("mimikatz and Mimikatz", 1), [("mimikatz".to_owned(), 2.0)]);
        assert!(model.reasons("mimikatz", 0).is_empty());
    }

    #[test]
    fn arrays_that_do_not_fit_are_refused() {
        let zeros = || vec![0.0; 2 * BUCKETS];
        let starts = || vec![0; 2 * BUCKETS + 1];
        assert_eq!(
            Linear::new(vec![], starts(), vec![], vec![], vec![], vec![]).unwrap_err(),
            Shape("buckets")
        );
        assert_eq!(
            Linear::new(zeros(), starts(), vec![1], vec![1], vec![], vec![]).unwrap_err(),
            Shape("weights")
        );
        assert_eq!(
            Linear::new(zeros(), starts(), vec![], vec![], vec![1.0], vec![]).unwrap_err(),
            Shape("classes")
        );
    }
}
