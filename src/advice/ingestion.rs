//! Batch or streaming.

use super::{Cost, Decision, Part, Pattern, Product, pattern, price};
use crate::lake::{Bytes, Seconds};

pub(super) const BATCH: Pattern = pattern!(Ingestion, "batch-ingestion");
pub(super) const STREAMING: Pattern = pattern!(Ingestion, "streaming-ingestion");

/// Data that may be older than this comes in batches: a delivery stream collects for up to 900 seconds
/// (<https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html>), and the steps after it take as long.
const STREAM_BELOW: f64 = 1_800.0;
/// Bytes of a delivery below which files are small: Firehose buffers 128 MB at most.
const SMALL: f64 = 64e6;
/// The longest that a delivery stream collects, in seconds.
const LONGEST: f64 = 900.0;

pub(super) fn decide(product: &Product) -> Decision {
    let mut decision = Decision::new(Part::Ingestion);
    let Some(freshness) = product.freshness else {
        decision.missing.push("`freshness`: how old the data may be when it is read");
        return decision;
    };
    let age = freshness.0;
    if age.0 < STREAM_BELOW {
        decision.choose(
            &STREAMING,
            format!("data may be {age} old: a batch that starts so often mostly pays for starting"),
        );
        if let Some(volume) = product.volume_per_day {
            let seconds = (age.0 / 2.0).min(LONGEST);
            let delivery = volume.0 as f64 * seconds / 86_400.0;
            if delivery < SMALL {
                let delivery = Bytes(delivery as u64);
                let every = Seconds(seconds);
                decision.reasons.push(format!(
                    "a delivery every {every} holds {delivery}: compact the files of a day once it is over"
                ));
            }
        }
    } else {
        decision.choose(&BATCH, format!("data may be {age} old: a batch every {age} is fresh enough"));
    }
    decision.cost = if age.0 < STREAM_BELOW { price::firehose(product) } else { price::batches(product) };
    if matches!(decision.cost, Cost::Unknown(_)) {
        decision.missing.push(price::VOLUME);
    }
    decision
}
