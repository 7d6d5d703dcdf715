//! One page of a listing.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;

use super::Bucket;
use crate::input::aws::error::Failure;
use crate::input::layout::unescape;
use crate::lake::StorageClass;

/// What a page is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ask {
    pub prefix: String,
    /// Only keys after this one.
    pub after: Option<String>,
    /// Folders below the prefix instead of what is in them.
    pub by_folder: bool,
    /// At most so many keys; a full page when absent.
    pub most: Option<i32>,
}

/// A page, in the order of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub objects: Vec<Listed>,
    /// With a slash at their ends; only of pages by folder.
    pub folders: Vec<String>,
    /// More keys follow.
    pub more: bool,
}

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub key: String,
    pub size: u64,
    pub class: StorageClass,
    /// In seconds since 1970.
    pub modified: Option<i64>,
}

impl Page {
    /// The last key or folder.
    pub(crate) fn last(&self) -> Option<&str> {
        let key = self.objects.last().map(|object| object.key.as_str());
        key.max(self.folders.last().map(String::as_str))
    }

    /// A page that is out of order, or not of what was asked for, would lose keys or count them twice.
    fn check(&self, ask: &Ask) -> Result<(), Failure> {
        let after = ask.after.as_deref().unwrap_or_default();
        let keys = || self.objects.iter().map(|object| object.key.as_str());
        let folders = || self.folders.iter().map(String::as_str);
        let is_foreign = keys().chain(folders()).any(|key| !key.starts_with(&ask.prefix));
        if is_foreign || !keys().is_sorted() || !folders().is_sorted() {
            return Err(Failure::garbled("keys out of order"));
        }
        // A folder comes again when some of its keys are after the start.
        if keys().next().is_some_and(|key| key <= after && !(after.is_empty() && key.is_empty())) {
            return Err(Failure::garbled("keys before the start"));
        }
        match self.more && self.last().is_none() {
            true => Err(Failure::garbled("an empty page that is not the last")),
            false => Ok(()),
        }
    }
}

impl Bucket {
    /// A page of the listing, asked for again when it is refused or comes broken.
    pub(crate) async fn page(&self, ask: &Ask) -> Result<Page, Failure> {
        self.call(|client: Client| {
            let request = client
                .list_objects_v2()
                .bucket(&self.name)
                .set_prefix(Some(ask.prefix.clone()).filter(|prefix| !prefix.is_empty()))
                .set_delimiter(ask.by_folder.then(|| "/".to_string()))
                .set_start_after(ask.after.clone())
                .set_max_keys(ask.most)
                // Not every character of a key may stand in XML.
                .encoding_type(EncodingType::Url)
                .set_request_payer(self.payer());
            async {
                let answer = request.send().await.map_err(|error| Failure::of(&error))?;
                let page = read(answer)?;
                page.check(ask)?;
                Ok(page)
            }
        })
        .await
    }
}

fn read(answer: ListObjectsV2Output) -> Result<Page, Failure> {
    let encoded = answer.encoding_type == Some(EncodingType::Url);
    let decoded = |text: String| if encoded { decoded(&text) } else { text };
    let missing = |what: &str| Failure::garbled(format!("a page without {what}"));
    let more = answer.is_truncated.ok_or_else(|| missing("`IsTruncated`"))?;
    let count = answer.key_count;
    let mut page = Page { more, ..Page::default() };
    for object in answer.contents.unwrap_or_default() {
        let size = object.size.and_then(|size| u64::try_from(size).ok()).ok_or_else(|| missing("sizes"))?;
        page.objects.push(Listed {
            key: decoded(object.key.ok_or_else(|| missing("keys"))?),
            size,
            class: StorageClass::of_name(object.storage_class.as_ref().map_or("", |class| class.as_str())),
            modified: object.last_modified.map(|time| time.secs()),
        });
    }
    let folders = answer.common_prefixes.unwrap_or_default().into_iter().filter_map(|folder| folder.prefix);
    page.folders = folders.map(decoded).collect();
    let found = page.objects.len() + page.folders.len();
    match count.is_some_and(|count| count as usize != found) {
        true => Err(Failure::garbled(format!("{} keys, of which {found} came", count.unwrap_or_default()))),
        false => Ok(page),
    }
}

/// Percent-encoded, with `+` for a space.
pub(super) fn decoded(text: &str) -> String {
    match text.contains(['%', '+']) {
        true => unescape(&text.replace('+', " ")),
        false => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded() {
        assert_eq!(decoded("a+b%2Bc%3D1/%C3%A9%0A%25"), "a b+c=1/é\n%");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("%ff"), "\u{fffd}");
    }

    #[test]
    fn pages_that_make_no_sense_are_refused() {
        let object =
            |key: &str| Listed { key: key.to_string(), size: 1, class: StorageClass::Standard, modified: None };
        let page = |keys: &[&str], more| Page {
            objects: keys.iter().map(|key| object(key)).collect(),
            more,
            ..Page::default()
        };
        let ask = Ask { prefix: "t/".to_string(), after: Some("t/b".to_string()), ..Ask::default() };
        assert!(page(&["t/c", "t/d"], true).check(&ask).is_ok());
        assert!(page(&[], false).check(&ask).is_ok());
        assert!(page(&[], true).check(&ask).is_err());
        assert!(page(&["t/d", "t/c"], true).check(&ask).is_err());
        assert!(page(&["t/b"], true).check(&ask).is_err());
        assert!(page(&["u/c"], true).check(&ask).is_err());
    }
}
