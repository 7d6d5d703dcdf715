//! Batch or streaming.

use super::{Cost, Decision, Part, Pattern, Product, Time, pattern, price};
use crate::lake::{Bytes, Seconds};

pub(super) const BATCH: Pattern = pattern!(Ingestion, "batch-ingestion");
pub(super) const STREAMING: Pattern = pattern!(Ingestion, "streaming-ingestion");

/// Data that may be older than this comes in batches. A limit of ours: a batch would start every quarter of an hour, and Glue
/// bills a minute of each run at least.
const STREAM_BELOW: f64 = 1_800.0;
/// Bytes of a delivery below which files are small: Firehose collects 128 MB at most
/// (<https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html>).
const SMALL: f64 = 64e6;
/// Seconds below which a third is no time to collect. Firehose collects for 0 to 900 seconds, for S3 and for Iceberg tables; with
/// 0 it "will deliver data within a few seconds" (<https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html>).
const AT_ONCE: f64 = 15.0;

/// Whether data that may be so old has to come in as a stream.
pub(super) fn streams(freshness: Time) -> bool {
    freshness.0.0 < STREAM_BELOW
}

pub(super) fn decide(product: &Product) -> Decision {
    let mut decision = Decision::new(Part::Ingestion);
    let Some(freshness) = product.freshness else {
        decision.missing.push(price::FRESHNESS);
        return decision;
    };
    let age = freshness.0;
    if streams(freshness) {
        let why = format!("data may be {age} old: a batch that starts so often mostly pays for starting");
        decision.choose(&STREAMING, why);
        decision.reasons.push(delivery(product, age));
        decision.cost = price::firehose(product);
        if product.record_size.is_none() && product.volume_per_day.is_some() {
            decision.missing.push("`record-size`: how many bytes a record has, as small ones are billed as 5 kB");
        }
    } else {
        let half = Seconds(age.0 / 2.0);
        decision.choose(
            &BATCH,
            format!("data may be {age} old: a batch every {half} keeps to it while a run takes less than {half}, too"),
        );
        decision.cost = price::batches(product);
    }
    if matches!(decision.cost, Cost::Unknown(_)) {
        decision.missing.push(price::VOLUME);
    }
    decision
}

/// How long a stream collects, and what its files are like.
fn delivery(product: &Product, age: Seconds) -> String {
    if age.0 < AT_ONCE {
        return format!(
            "a stream that collects for 0 s delivers within a few seconds, which is no promise of {age}, and makes small files: \
             what must be so fresh is read from the stream itself"
        );
    }
    let every = Seconds(age.0 / 3.0);
    let text = format!("a delivery every {every} leaves two thirds to the steps after it");
    let bytes = product.volume_per_day.map(|volume| volume.0 as f64 * every.0 / 86_400.0);
    match bytes.filter(|bytes| *bytes < SMALL) {
        Some(bytes) => {
            format!("{text}; it holds {}: compact the files of a day once it is over", Bytes(bytes.ceil() as u64))
        }
        None => text,
    }
}
