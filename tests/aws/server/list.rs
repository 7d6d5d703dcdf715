//! ListObjectsV2, ListMultipartUploads and ListParts: pages in the order of keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;

use super::bucket::{Bucket, Object, Upload};
use super::reply::Reply;
use super::uri::{Asked, encoded};

const XMLNS: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What follows the last one on a page.
enum Entry {
    Object(Object),
    Prefix(String),
}

/// An answer as S3 writes it.
pub struct Xml {
    text: String,
    root: &'static str,
    url: bool,
}

impl Xml {
    pub fn new(root: &'static str, asked: &Asked) -> Xml {
        let head = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{XMLNS}\">");
        Xml { text: head, root, url: asked.parameter("encoding-type") == Some("url") }
    }

    pub fn tag(&mut self, name: &str, value: impl std::fmt::Display) {
        use std::fmt::Write;
        write!(self.text, "<{name}>{value}</{name}>").expect("a string takes text");
    }

    /// A key or what becomes one: encoded when that was asked for.
    fn key(&mut self, name: &str, value: &str) {
        if self.url {
            self.tag(name, encoded(value));
        } else {
            self.tag(name, escaped(value));
        }
    }

    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub fn reply(mut self) -> Reply {
        self.text.push_str("</");
        self.text.push_str(self.root);
        self.text.push('>');
        Reply::xml(self.text)
    }
}

pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push_str(&format!("&#x{:x};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn time(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).expect("a time").format("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn most(asked: &Asked, name: &str) -> Result<usize, Reply> {
    let invalid = || Reply::error(400, "InvalidArgument", &format!("Provided {name} not an integer"));
    asked.parameter(name).map_or(Ok(1000), |n| n.parse::<usize>().map_err(|_| invalid())).map(|n| n.min(1000))
}

/// One page of keys, and of what keys have in common up to a delimiter.
pub fn objects(bucket: &Bucket, asked: &Asked) -> Result<Reply, Reply> {
    let prefix = asked.query.get("prefix").map(String::as_str).unwrap_or_default();
    let delimiter = asked.parameter("delimiter");
    let most = most(asked, "max-keys")?;
    let token = asked.query.get("continuation-token");
    let after = match token {
        Some(token) => {
            let text = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let invalid = || Reply::error(400, "InvalidArgument", "The continuation token provided is incorrect");
            text.as_deref().and_then(|text| text.strip_prefix("after:")).ok_or_else(invalid)?.to_owned()
        }
        None => asked.parameter("start-after").unwrap_or_default().to_owned(),
    };
    // A token stands for a whole common prefix; a start is a plain key.
    let resumed = token.and(delimiter).filter(|delimiter| after.ends_with(delimiter) && after.len() > prefix.len());
    let (mut entries, mut more) = (Vec::new(), false);
    let mut at = match (&after, resumed) {
        (after, _) if after.is_empty() => prefix.as_bytes().to_vec(),
        (after, Some(_)) => past_all_below(after),
        (after, None) => [after.as_bytes(), &[0]].concat(),
    };
    at = at.max(prefix.as_bytes().to_vec());
    'pages: loop {
        for object in bucket.from(&at) {
            if !object.key.starts_with(prefix) {
                break 'pages;
            }
            if entries.len() == most {
                more = most > 0;
                break 'pages;
            }
            let common = delimiter.and_then(|delimiter| {
                let end = object.key[prefix.len()..].find(delimiter)?;
                Some(object.key[..prefix.len() + end + delimiter.len()].to_owned())
            });
            if let Some(common) = common {
                at = past_all_below(&common);
                entries.push(Entry::Prefix(common));
                continue 'pages;
            }
            entries.push(Entry::Object(object));
        }
        break;
    }
    Ok(page(asked, prefix, most, &entries, more))
}

/// The smallest bytes that follow every key below a prefix; prefixes do not end with the largest byte, which is no UTF-8.
fn past_all_below(prefix: &str) -> Vec<u8> {
    let mut bytes = prefix.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1;
    }
    bytes
}

fn page(asked: &Asked, prefix: &str, most: usize, entries: &[Entry], more: bool) -> Reply {
    let mut xml = Xml::new("ListBucketResult", asked);
    xml.tag("Name", escaped(&asked.bucket));
    xml.key("Prefix", prefix);
    if let Some(token) = asked.query.get("continuation-token") {
        xml.tag("ContinuationToken", escaped(token));
    }
    if let Some(after) = asked.parameter("start-after") {
        xml.key("StartAfter", after);
    }
    if let Some(delimiter) = asked.parameter("delimiter") {
        xml.key("Delimiter", delimiter);
    }
    if xml.url {
        xml.tag("EncodingType", "url");
    }
    xml.tag("KeyCount", entries.len());
    xml.tag("MaxKeys", most);
    xml.tag("IsTruncated", more);
    if let Some(last) = entries.last().filter(|_| more) {
        let (Entry::Object(Object { key, .. }) | Entry::Prefix(key)) = last;
        xml.tag("NextContinuationToken", STANDARD.encode(format!("after:{key}")));
    }
    for entry in entries {
        if let Entry::Object(object) = entry {
            xml.raw("<Contents>");
            xml.key("Key", &object.key);
            xml.tag("LastModified", time(object.modified));
            xml.tag("ETag", format_args!("&quot;{}&quot;", etag(object)));
            xml.tag("Size", object.size);
            xml.tag("StorageClass", object.class);
            xml.raw("</Contents>");
        }
    }
    for entry in entries {
        if let Entry::Prefix(prefix) = entry {
            xml.raw("<CommonPrefixes>");
            xml.key("Prefix", prefix);
            xml.raw("</CommonPrefixes>");
        }
    }
    xml.reply()
}

pub fn etag(object: &Object) -> String {
    format!("{:032x}", object.size)
}

/// Uploads that were never completed, sorted by key and id.
pub fn uploads(bucket: &Bucket, asked: &Asked) -> Result<Reply, Reply> {
    let prefix = asked.query.get("prefix").map(String::as_str).unwrap_or_default();
    let most = most(asked, "max-uploads")?;
    let marker = (asked.parameter("key-marker").unwrap_or_default(), asked.parameter("upload-id-marker"));
    let follows = |upload: &&Upload| {
        let after_id = marker.1.is_some_and(|id| upload.key == marker.0 && *upload.id > *id);
        upload.key.starts_with(prefix) && (*upload.key > *marker.0 || after_id)
    };
    let mut found: Vec<&Upload> = bucket.uploads.iter().filter(follows).collect();
    found.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
    let more = found.len() > most;
    found.truncate(most);
    let mut xml = Xml::new("ListMultipartUploadsResult", asked);
    xml.tag("Bucket", escaped(&asked.bucket));
    xml.key("KeyMarker", marker.0);
    xml.tag("UploadIdMarker", escaped(marker.1.unwrap_or_default()));
    if let Some(last) = found.last().filter(|_| more) {
        xml.key("NextKeyMarker", &last.key);
        xml.tag("NextUploadIdMarker", escaped(&last.id));
    }
    xml.key("Prefix", prefix);
    if xml.url {
        xml.tag("EncodingType", "url");
    }
    xml.tag("MaxUploads", most);
    xml.tag("IsTruncated", more);
    for upload in found {
        xml.raw("<Upload>");
        xml.key("Key", &upload.key);
        xml.tag("UploadId", escaped(&upload.id));
        xml.raw("<Initiator><ID>initiator</ID></Initiator><Owner><ID>owner</ID></Owner>");
        xml.tag("StorageClass", "STANDARD");
        xml.tag("Initiated", time(upload.initiated));
        xml.raw("</Upload>");
    }
    Ok(xml.reply())
}

/// Parts of an upload.
pub fn parts(bucket: &Bucket, asked: &Asked) -> Result<Reply, Reply> {
    let id = asked.parameter("uploadId").unwrap_or_default();
    let upload = bucket.uploads.iter().find(|upload| upload.key == asked.key && upload.id == id);
    let gone = || Reply::error(404, "NoSuchUpload", "The specified multipart upload does not exist.");
    let upload = upload.ok_or_else(gone)?;
    let most = most(asked, "max-parts")?;
    let marker = asked.parameter("part-number-marker").and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    let found: Vec<(usize, u64)> = (1..).zip(upload.parts.iter().copied()).skip(marker).take(most).collect();
    let last = found.last().map_or(marker, |(number, _)| *number);
    let mut xml = Xml::new("ListPartsResult", asked);
    xml.tag("Bucket", escaped(&asked.bucket));
    xml.key("Key", &upload.key);
    xml.tag("UploadId", escaped(id));
    xml.raw("<Initiator><ID>initiator</ID></Initiator><Owner><ID>owner</ID></Owner>");
    xml.tag("StorageClass", "STANDARD");
    xml.tag("PartNumberMarker", marker);
    xml.tag("NextPartNumberMarker", last);
    xml.tag("MaxParts", most);
    xml.tag("IsTruncated", last < upload.parts.len());
    for (number, size) in found {
        xml.raw("<Part>");
        xml.tag("PartNumber", number);
        xml.tag("LastModified", time(upload.initiated));
        xml.tag("ETag", format_args!("&quot;{size:032x}&quot;"));
        xml.tag("Size", size);
        xml.raw("</Part>");
    }
    Ok(xml.reply())
}
