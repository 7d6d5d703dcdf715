//! The server of these tests does what S3 does.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::server::{Failure, Fault, Object, On, Server, Upload, athena, pages};

/// Status, headers and body of one request on a connection of its own; nothing when the connection ends first.
pub fn http(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<(u16, String, String)> {
    let address = url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).ok()?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).ok()?;
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let (first, headers) = head.split_once("\r\n")?;
    Some((first.split(' ').nth(1)?.parse().ok()?, headers.to_lowercase(), body.to_owned()))
}

fn get(server: &Server, path: &str) -> String {
    http(&server.url(), "GET", path, &[], "").expect("an answer").2
}

/// Texts of all elements of a name.
fn all(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let text = |rest: &str| rest.split_once(&close).map(|(text, _)| text.to_owned());
    xml.split(&open).skip(1).filter_map(text).collect()
}

fn list(server: &Server, query: &str) -> (Vec<String>, Vec<String>, Option<String>) {
    let xml = get(server, &format!("/lake?list-type=2&{query}"));
    let prefixes = all(&xml, "CommonPrefixes").iter().flat_map(|p| all(p, "Prefix")).collect();
    (all(&xml, "Key"), prefixes, all(&xml, "NextContinuationToken").pop())
}

#[test]
fn a_listing_has_pages_prefixes_and_starts() {
    let server = Server::start();
    for key in ["a/1", "a/2", "a/b/3", "b.txt", "c/d/4", "c/e/5", "z"] {
        server.put("lake", key, "x");
    }
    assert_eq!(list(&server, "").0.len(), 7);
    assert_eq!(list(&server, "prefix=a/").0, ["a/1", "a/2", "a/b/3"]);
    assert_eq!(list(&server, "prefix=a/&start-after=a/1").0, ["a/2", "a/b/3"]);
    assert_eq!(list(&server, "start-after=b").0, ["b.txt", "c/d/4", "c/e/5", "z"]);
    let (keys, prefixes, token) = list(&server, "delimiter=/");
    assert_eq!((keys, prefixes, token), (vec!["b.txt".into(), "z".into()], vec!["a/".into(), "c/".into()], None));
    let (mut keys, mut prefixes, mut token) = list(&server, "delimiter=/&max-keys=1");
    let mut pages = 1;
    while let Some(next) = token {
        let (k, p, t) =
            list(&server, &format!("delimiter=/&max-keys=1&continuation-token={}", next.replace('=', "%3D")));
        (keys.extend(k), prefixes.extend(p), token = t, pages += 1).0
    }
    assert_eq!((keys.join(" "), prefixes.join(" "), pages), ("b.txt z".into(), "a/ c/".into(), 4));
    assert_eq!(server.count("ListObjectsV2"), 9);
}

#[test]
fn generated_objects_are_listed_beside_stored_and_without_removed_ones() {
    let server = Server::start();
    server.bucket("lake").generated(10_000_000, |i| Object::new(format!("t/dt={:05}/{:04}", i / 1000, i % 1000), 7));
    server.put("lake", "t/dt=00500/0001x", "body");
    server.remove("lake", "t/dt=00500/0002");
    let (keys, ..) = list(&server, "prefix=t/dt=00500/&max-keys=4");
    assert_eq!(keys, ["t/dt=00500/0000", "t/dt=00500/0001", "t/dt=00500/0001x", "t/dt=00500/0003"]);
    let (_, prefixes, token) = list(&server, "prefix=t/&delimiter=/");
    assert_eq!((prefixes.len(), prefixes[999].as_str(), token.is_some()), (1000, "t/dt=00999/", true));
}

#[test]
fn objects_are_read_in_ranges_and_the_log_tells() {
    let server = Server::start();
    server.put("lake", "a b/é%", "0123456789");
    server.bucket("lake").insert(Object::new("cold", 5).class("GLACIER"));
    let read =
        |range: &str| http(&server.url(), "GET", "/lake/a%20b/%C3%A9%25", &[("range", range)], "").expect("read");
    assert_eq!((read("bytes=2-4").0, read("bytes=2-4").2.as_str()), (206, "234"));
    assert_eq!(read("bytes=-3").2, "789");
    assert!(read("bytes=8-").1.contains("content-range: bytes 8-9/10"));
    assert_eq!(read("bytes=10-").0, 416);
    assert_eq!(server.bytes_read("lake", "a b/é%"), 3 + 3 + 3 + 2 + read("bytes=10-").2.len() as u64);
    assert_eq!(http(&server.url(), "GET", "/lake/cold", &[], "").map(|r| r.0), Some(403));
    assert_eq!(http(&server.url(), "HEAD", "/lake/none", &[], "").map(|r| (r.0, r.2)), Some((404, String::new())));
    let xml = get(&server, "/lake?list-type=2&encoding-type=url");
    assert_eq!(all(&xml, "Key"), ["a+b/%C3%A9%25", "cold"]);
}

#[test]
fn uploads_and_their_parts_have_pages() {
    let server = Server::start();
    let upload = |n: u64| Upload { key: format!("k{}", n / 2), id: format!("id{n}"), initiated: 0, parts: vec![5; 3] };
    server.bucket("lake").uploads.extend((0..5).map(upload));
    let first = get(&server, "/lake?uploads&max-uploads=3");
    assert_eq!(
        (all(&first, "UploadId").join(" "), all(&first, "NextKeyMarker").join(" ")),
        ("id0 id1 id2".into(), "k1".into())
    );
    let second = get(&server, "/lake?uploads&key-marker=k1&upload-id-marker=id2");
    assert_eq!(all(&second, "UploadId"), ["id3", "id4"]);
    let parts = get(&server, "/lake/k0?uploadId=id1&max-parts=2&part-number-marker=1");
    assert_eq!(
        (all(&parts, "PartNumber").join(" "), all(&parts, "IsTruncated").join(" ")),
        ("2 3".into(), "false".into())
    );
}

#[test]
fn faults_and_hooks_come_at_their_request() {
    let server = Server::start();
    server.put("lake", "a", "0123456789");
    server.fault(On::operation("GetObject").under("a").nth(2), Fault::SlowDown);
    server.fault(On::operation("GetObject").nth(3), Fault::Reset);
    server.fault(On::operation("GetObject").nth(4), Fault::CutBody);
    server.hook(On::operation("GetObject").nth(5), |server| server.remove("lake", "a"));
    let read = || http(&server.url(), "GET", "/lake/a", &[], "").map(|reply| (reply.0, reply.2));
    assert_eq!(read(), Some((200, "0123456789".into())));
    assert_eq!(read().map(|reply| reply.0), Some(503));
    assert_eq!(read(), None);
    assert_eq!(read(), Some((200, "01234".into())));
    assert_eq!(read().map(|reply| reply.0), Some(404));
    assert_eq!(server.requests().iter().map(|r| r.status).collect::<Vec<_>>(), [200, 503, 0, 200, 404]);
}

#[test]
fn json_services_have_pages_failures_and_statements() {
    let server = Server::start();
    let tables = (0..5).map(|n| json!({ "Name": format!("t{n}") })).collect();
    server.on_json("AWSGlue.GetTables", pages("TableList", 2, tables));
    server.on_json("AWSGlue.GetTable", |_| Err(Failure::new("EntityNotFoundException", "no such table")));
    let call = |target: &str, input: serde_json::Value| {
        let (status, _, body) =
            http(&server.url(), "POST", "/", &[("x-amz-target", target)], &input.to_string()).expect("an answer");
        (status, serde_json::from_str::<serde_json::Value>(&body).expect("JSON"))
    };
    assert_eq!(call("AWSGlue.GetTables", json!({})).1["NextToken"], "page-2");
    let last = call("AWSGlue.GetTables", json!({ "NextToken": "page-4" })).1;
    assert_eq!(last, json!({ "TableList": [{ "Name": "t4" }] }));
    assert_eq!(call("AWSGlue.GetTable", json!({})).1["__type"], "EntityNotFoundException");
    server.fault(On::operation("AWSGlue.GetTables").saying("secret").times(1), Fault::AccessDenied);
    assert_eq!(call("AWSGlue.GetTables", json!({ "DatabaseName": "secret" })).0, 400);
    assert_eq!(call("AWSGlue.GetTables", json!({ "DatabaseName": "secret" })).0, 200);
    athena::serve(&server, |_| athena::Outcome::rows(&["n"], vec![vec![Some("1".into())], vec![None]]));
    let id = call("AmazonAthena.StartQueryExecution", json!({ "QueryString": "SELECT 1" })).1;
    let state = || call("AmazonAthena.GetQueryExecution", id.clone()).1["QueryExecution"]["Status"]["State"].clone();
    assert_eq!([state(), state(), state()], ["QUEUED", "RUNNING", "SUCCEEDED"]);
    let rows = call("AmazonAthena.GetQueryResults", id.clone()).1["ResultSet"]["Rows"].clone();
    assert_eq!(
        rows,
        json!([{ "Data": [{ "VarCharValue": "n" }] }, { "Data": [{ "VarCharValue": "1" }] }, { "Data": [{}] }])
    );
}
