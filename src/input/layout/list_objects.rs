//! `aws s3api list-objects-v2` and `list-object-versions` JSON as objects; several pages may follow each other in one file.

use std::fmt;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::instant;
use super::object::{Object, State};
use super::partition_path::unescape;
use crate::lake::StorageClass;

/// The fields of a page besides its objects.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Page {
    /// The bucket.
    pub name: Option<String>,
    /// `url`: keys are URL-encoded.
    pub encoding_type: Option<String>,
    pub is_truncated: Option<bool>,
    /// The CLI stopped at `--max-items`.
    pub next_token: Option<String>,
}

impl Page {
    /// Whether objects are missing after this page.
    pub(crate) fn ends_early(&self) -> bool {
        self.is_truncated == Some(true) || self.next_token.is_some()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key: String,
    #[serde(default)]
    size: u64,
    storage_class: Option<String>,
    last_modified: Option<String>,
    /// Of a version.
    is_latest: Option<bool>,
}

/// Streams the objects of all pages: one object is held at a time. `url_encoded` says that keys are encoded.
pub(super) fn read(input: impl BufRead, url_encoded: bool, each: &mut dyn FnMut(Object<'_>)) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_reader(input);
    // The end is an error while another document follows.
    while json.end().is_err() {
        PageSeed { url_encoded, each }.deserialize(&mut json)?;
    }
    Ok(())
}

struct PageSeed<'a> {
    url_encoded: bool,
    each: &'a mut dyn FnMut(Object<'_>),
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of list-objects-v2")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_marker = match key.as_str() {
                "Contents" | "Versions" => false,
                "DeleteMarkers" => true,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let each = &mut *self.each;
            map.next_value_seed(ContentsSeed { url_encoded: self.url_encoded, is_marker, each })?;
        }
        Ok(())
    }
}

struct ContentsSeed<'a> {
    url_encoded: bool,
    /// The entries are delete markers.
    is_marker: bool,
    each: &'a mut dyn FnMut(Object<'_>),
}

impl<'de> DeserializeSeed<'de> for ContentsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ContentsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    /// `"Contents": null` is an empty page.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<Entry>()? {
            let decoded = self.url_encoded.then(|| unescape(&entry.key.replace('+', " ")));
            let key = decoded.as_deref().unwrap_or(&entry.key);
            let class = entry.storage_class.as_deref().map(StorageClass::of_name);
            let modified = entry.last_modified.as_deref().and_then(instant::seconds);
            let state = match entry.is_latest {
                _ if self.is_marker => State::DeleteMarker,
                Some(false) => State::Noncurrent,
                _ => State::Current,
            };
            (self.each)(Object { class, modified, state, ..Object::new(key, entry.size) });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(text: &str, url_encoded: bool) -> serde_json::Result<Vec<(String, u64, bool)>> {
        let mut found = Vec::new();
        read(text.as_bytes(), url_encoded, &mut |o| {
            found.push((o.key.to_string(), o.size, o.class.is_some_and(StorageClass::is_archived)))
        })?;
        Ok(found)
    }

    #[test]
    fn pages_follow_each_other_and_storage_classes_are_read() {
        let text = r#"{"Contents": [{"Key": "a/b", "Size": 5, "StorageClass": "GLACIER"}, {"Key": "c", "Size": 1,
            "StorageClass": "GLACIER_IR", "ETag": "\"x\""}], "IsTruncated": false}
            {"Contents": null} {"Contents": [{"Key": "d e", "Size": 2}]}"#;
        let expected = [("a/b", 5, true), ("c", 1, false), ("d e", 2, false)];
        assert_eq!(objects(text, false).expect("json"), expected.map(|(k, s, a)| (k.to_string(), s, a)));
    }

    #[test]
    fn versions_and_times_are_read() {
        let text = r#"{"Versions": [
            {"Key": "a", "Size": 5, "IsLatest": true, "LastModified": "1970-01-01T00:00:09+00:00", "StorageClass": "STANDARD"},
            {"Key": "a", "Size": 4, "IsLatest": false, "LastModified": "1970-01-01T00:00:08.000Z"}],
            "DeleteMarkers": [{"Key": "b", "IsLatest": true, "LastModified": "soon"}]}"#;
        let mut found = Vec::new();
        read(text.as_bytes(), false, &mut |o| found.push((o.key.to_string(), o.size, o.modified, o.state)))
            .expect("json");
        let expected = [
            ("a".to_string(), 5, Some(9), State::Current),
            ("a".to_string(), 4, Some(8), State::Noncurrent),
            ("b".to_string(), 0, None, State::DeleteMarker),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn encoded_keys_are_decoded() {
        let text = r#"{"Contents": [{"Key": "a+b%2Bc%3D1", "Size": 5}], "EncodingType": "url"}"#;
        assert_eq!(objects(text, true).expect("json")[0].0, "a b+c=1");
        assert_eq!(objects(text, false).expect("json")[0].0, "a+b%2Bc%3D1");
    }

    #[test]
    fn cut_json_is_an_error() {
        assert!(objects(r#"{"Contents": [{"Key": "a", "Size": 5}"#, false).is_err());
        assert!(objects(r#"{"Contents": [{"Size": 5}]}"#, false).is_err());
        assert!(objects("[]", false).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,80}") {
            let _ = objects(&text, true);
            let _ = objects(&format!("{{\"Contents\": [{text}]}}"), true);
        }
    }
}
