//! The in-process server answers as moto does, element by element; and the real clients read moto.

use std::collections::BTreeMap;

use crate::fake::http;
use crate::moto;
use crate::server::{Server, Upload};

/// What moto leaves out or adds, and S3 does as this server: seen in moto 5.2.5.
const APART: [&str; 10] = [
    "BucketName",
    "Owner",
    "ID",
    "DisplayName",
    "ChecksumAlgorithm",
    "ChecksumType",
    "Type",
    "RequestId",
    "HostId",
    "Resource",
];

/// The texts of a reply's elements, by name in the order of the reply; element order between names does not matter.
fn elements(xml: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in xml.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { continue };
        if tag.starts_with(['/', '?']) {
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        // Answers of the server's own: tokens, times, tags, and which bytes of a key need no escape.
        let text = match name {
            "NextContinuationToken" | "LastModified" | "Initiated" | "ETag" | "UploadId" | "Message" => "",
            _ => text.trim(),
        };
        if !APART.contains(&name) {
            found.entry(name.to_string()).or_default().push(text.replace("%7E", "~").to_string());
        }
    }
    found
}

#[test]
fn replies_have_the_elements_of_motos() {
    let Some(moto) = moto::start() else { return };
    let server = Server::start();
    for url in [&moto.url, &server.url()] {
        let put = |path: &str, body: &str| {
            let status = http(url, "PUT", path, &[], body).map(|reply| reply.0);
            assert_eq!(status, Some(200), "{url}{path}");
        };
        put("/lake", "");
        for day in 1..=5 {
            for part in 0..3 {
                put(&format!("/lake/events/dt=2024-01-0{day}/part-{part}.csv"), "0123456789");
            }
        }
        put("/lake/readme.txt", "x");
        put("/lake/odd/a%3Db%26c%25.csv", "x");
    }
    // moto reads objects to nobody without a signature, and does not verify it.
    let signed = "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    let same = |method: &str, path: &str, headers: &[(&str, &str)]| {
        let headers = [headers, &[("authorization", signed)]].concat();
        let of = |url: &str| http(url, method, path, &headers, "").expect("an answer");
        let (theirs, ours) = (of(&moto.url), of(&server.url()));
        assert_eq!(ours.0, theirs.0, "{method} {path}\n{}\n{}", theirs.2, ours.2);
        if ours.0 >= 400 {
            assert_eq!(elements(&ours.2).get("Code"), elements(&theirs.2).get("Code"), "{method} {path}");
        } else if ours.2.starts_with("<?xml") {
            assert_eq!(elements(&ours.2), elements(&theirs.2), "{method} {path}\n{}\n{}", theirs.2, ours.2);
        } else {
            assert_eq!(ours.2, theirs.2, "{method} {path}");
        }
        for header in ["content-range", "content-length"] {
            let value = |head: &str| head.lines().find_map(|l| l.strip_prefix(header).map(str::to_owned));
            if !ours.2.starts_with("<?xml") && ours.0 < 400 {
                assert_eq!(value(&ours.1), value(&theirs.1), "{method} {path} {header}");
            }
        }
    };
    for query in [
        "list-type=2&prefix=events/",
        "list-type=2&prefix=events/&delimiter=/",
        "list-type=2&delimiter=/&prefix=",
        "list-type=2&prefix=events/&max-keys=4",
        "list-type=2&prefix=events/&delimiter=/&max-keys=2",
        "list-type=2&prefix=events/dt=2024-01-02/&start-after=events/dt=2024-01-02/part-0.csv",
        "list-type=2&prefix=nothing/",
        "list-type=2&prefix=odd/",
    ] {
        same("GET", &format!("/lake?{query}"), &[]);
    }
    same("GET", "/none?list-type=2", &[]);
    same("GET", "/lake/events/dt=2024-01-01/part-0.csv", &[("range", "bytes=2-4")]);
    same("GET", "/lake/events/dt=2024-01-01/part-0.csv", &[("range", "bytes=-3")]);
    same("GET", "/lake/events/dt=2024-01-01/part-0.csv", &[("range", "bytes=7-")]);
    same("HEAD", "/lake/events/dt=2024-01-01/part-0.csv", &[]);
    same("HEAD", "/lake/none", &[]);
    same("GET", "/lake/none", &[]);
    same("HEAD", "/lake", &[]);
}

#[test]
fn uploads_have_the_elements_of_motos() {
    let Some(moto) = moto::start() else { return };
    let server = Server::start();
    http(&moto.url, "PUT", "/lake", &[], "").expect("a bucket");
    let started = http(&moto.url, "POST", "/lake/a.bin?uploads", &[], "").expect("an upload").2;
    let id = started.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("an id").0.to_owned();
    http(&moto.url, "PUT", &format!("/lake/a.bin?partNumber=1&uploadId={id}"), &[], "0123456789").expect("a part");
    let upload = Upload { key: "a.bin".into(), id: id.clone(), initiated: 0, parts: vec![10] };
    server.bucket("lake").uploads.push(upload);
    let names = |url: &str, path: &str| -> Vec<String> {
        elements(&http(url, "GET", path, &[], "").expect("an answer").2).into_keys().collect()
    };
    for path in ["/lake?uploads".to_string(), format!("/lake/a.bin?uploadId={id}")] {
        let (theirs, ours) = (names(&moto.url, &path), names(&server.url(), &path));
        // S3 names the answer `ListPartsResult`.
        let is_missing = |name: &&String| !ours.contains(name) && *name != "ListPartsResponse";
        let missing: Vec<&String> = theirs.iter().filter(is_missing).collect();
        assert!(missing.is_empty(), "{path}: {missing:?} of {theirs:?}");
    }
}
