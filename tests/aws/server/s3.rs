//! S3, path style.

use bytes::Bytes;
use chrono::DateTime;

use super::State;
use super::bucket::{Bucket, Object};
use super::list::{self, Xml, escaped, etag};
use super::reply::Reply;
use super::uri::Asked;

pub fn answer(state: &State, asked: &Asked) -> Reply {
    let reply = reply(state, asked).unwrap_or_else(|error| error);
    let length = reply.body.len() as u64;
    Reply { head: reply.head.or(asked.head.then_some(length)), ..reply }
}

fn reply(state: &State, asked: &Asked) -> Result<Reply, Reply> {
    if matches!(&*asked.operation, "CreateBucket" | "PutObject") {
        return Ok(put(state, asked));
    }
    let buckets = state.buckets();
    if asked.operation == "ListBuckets" {
        let names = buckets.keys().map(|name| format!("<Bucket><Name>{}</Name></Bucket>", escaped(name)));
        let mut xml = Xml::new("ListAllMyBucketsResult", asked);
        xml.tag("Buckets", names.collect::<String>());
        return Ok(xml.reply());
    }
    let none = || Reply::error(404, "NoSuchBucket", "The specified bucket does not exist");
    let bucket = buckets.get(&asked.bucket).ok_or_else(none)?;
    // Of a bucket elsewhere the answer tells where.
    if asked.region.as_deref().is_some_and(|signed| signed != region(bucket)) && asked.operation != "GetBucketLocation"
    {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint.";
        return Err(Reply::error(301, "PermanentRedirect", message).header("x-amz-bucket-region", region(bucket)));
    }
    if bucket.requester_pays && !asked.pays {
        return Err(Reply::error(403, "AccessDenied", "Access Denied"));
    }
    match &*asked.operation {
        "ListObjectsV2" => list::objects(bucket, asked),
        "ListMultipartUploads" => list::uploads(bucket, asked),
        "ListParts" => list::parts(bucket, asked),
        "GetBucketLocation" => Ok(location(bucket, asked)),
        "HeadBucket" => Ok(Reply::xml(String::new()).header("x-amz-bucket-region", region(bucket))),
        "GetObject" | "HeadObject" => object(bucket, asked),
        _ => Err(Reply::error(501, "NotImplemented", "A header you provided implies functionality not implemented")),
    }
}

fn region(bucket: &Bucket) -> &str {
    if bucket.region.is_empty() { "us-east-1" } else { &bucket.region }
}

fn location(bucket: &Bucket, asked: &Asked) -> Reply {
    let mut xml = Xml::new("LocationConstraint", asked);
    if region(bucket) != "us-east-1" {
        xml.raw(region(bucket));
    }
    xml.reply()
}

fn put(state: &State, asked: &Asked) -> Reply {
    let mut buckets = state.buckets.write().expect("not poisoned");
    let bucket = buckets.entry(asked.bucket.clone()).or_default();
    if asked.operation == "PutObject" {
        bucket.insert(Object::with_body(asked.key.clone(), asked.body.clone()));
    }
    Reply::xml(String::new())
}

fn object(bucket: &Bucket, asked: &Asked) -> Result<Reply, Reply> {
    let none = || Reply::error(404, "NoSuchKey", "The specified key does not exist.");
    let object = bucket.get(&asked.key).ok_or_else(none)?;
    if object.is_archived() && asked.operation == "GetObject" {
        let message = "The operation is not valid for the object's storage class";
        return Err(Reply::error(403, "InvalidObjectState", message));
    }
    let (status, from, to) = match &asked.range {
        None => (200, 0, object.size),
        Some(range) => {
            let invalid = || Reply::error(416, "InvalidRange", "The requested range is not satisfiable");
            let (from, to) = span(range, object.size).ok_or_else(invalid)?;
            (206, from, to)
        }
    };
    let body = match &object.body {
        _ if asked.head => Bytes::new(),
        Some(body) => body.slice(from as usize..to as usize),
        None => vec![0; (to - from) as usize].into(),
    };
    let changed = DateTime::from_timestamp(object.modified, 0).expect("a time");
    let mut reply = Reply::new(status, "binary/octet-stream", body)
        .header("etag", format!("\"{}\"", etag(&object)))
        .header("last-modified", changed.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .header("accept-ranges", "bytes");
    if status == 206 {
        reply = reply.header("content-range", format!("bytes {from}-{}/{}", to - 1, object.size));
    }
    if object.class != "STANDARD" {
        reply = reply.header("x-amz-storage-class", object.class);
    }
    Ok(Reply { head: asked.head.then_some(to - from), ..reply })
}

/// First byte and the one after the last, of `bytes=0-9`, `bytes=10-` and `bytes=-8`.
fn span(range: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) => (from, to.saturating_add(1).min(size)),
        (Ok(from), Err(_)) => (from, size),
        (Err(_), Ok(last)) => (size.saturating_sub(last), size),
        (Err(_), Err(_)) => return None,
    };
    (from < to).then_some((from, to))
}
