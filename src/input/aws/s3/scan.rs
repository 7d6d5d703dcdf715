//! The objects of a bucket for a scan: the listing, its journal, and unfinished uploads.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;

use super::Bucket;
use super::journal::{Found, Head, Journal};
use super::listing::{Pages, Refused, Span, Step, Stopped, list};
use super::page::{Ask, Page, decoded};
use crate::controls::visible_name;
use crate::input::aws::error::{Asked, Failure, Reason};
use crate::input::bucket_source::{Job, Piece, Report};
use crate::input::layout::{Object, State};
use crate::lake::{Count, Gap};

impl Pages for Bucket {
    async fn ask(&self, ask: Ask) -> Result<Page, Failure> {
        self.page(&ask).await
    }
}

impl Bucket {
    /// Lists all objects; goes on where an interrupted scan was.
    pub(crate) fn list(&self, job: &Job, each: &mut dyn FnMut(Piece<'_>)) -> Result<Report> {
        if self.name.ends_with("--x-s3") {
            bail!(
                "`s3://{}/` is a directory bucket, whose keys come in no order: scan an inventory or a listing of it",
                self.name
            );
        }
        self.connection.under_way.lists();
        let mut report = Report::default();
        let (mut journal, spans) = self.resume(job, each, &mut report)?;
        let mut take = |step: Step| {
            journal.take(&step)?;
            for listed in &step.objects {
                let object = Object {
                    class: Some(listed.class),
                    modified: listed.modified,
                    ..Object::new(&listed.key, listed.size)
                };
                each(Piece::Object(object));
            }
            Ok(())
        };
        let listed = self.connection.wait(list(self.clone(), spans, self.connection.reach.concurrency, &mut take));
        journal.write()?;
        let refused = listed.map_err(|stopped| match stopped {
            Stopped::Taker(error) => error,
            Stopped::Failed(refused) => self.unlisted(&refused),
        })?;
        report.gaps.extend(refused.into_iter().map(|refused| self.gap(&refused.prefix, &refused.failure)));
        if job.uploads {
            report.notes.extend(self.uploads(&job.prefix, each)?);
        }
        Ok(report)
    }

    fn resume(
        &self,
        job: &Job,
        each: &mut dyn FnMut(Piece<'_>),
        report: &mut Report,
    ) -> Result<(Journal, BTreeMap<u64, Span>)> {
        if job.restart && job.journal.exists() {
            std::fs::remove_file(&job.journal)?;
        }
        let whole = Span { prefix: job.prefix.clone(), by_folder: Some(0), ..Span::default() };
        let start = BTreeMap::from([(0, whole)]);
        let head = Head::new(&self.name, &job.prefix, self.connection.config.endpoint_url(), job.sampling.of_folder);
        let (journal, found) =
            Journal::open(&job.journal, &head, start.clone(), &mut |tally| each(Piece::Tally(tally)))?;
        let shown = format!("`s3://{}/{}`", self.name, job.prefix);
        let spans = match found {
            Found::Nothing => start,
            Found::OtherScan => {
                report
                    .notes
                    .push(format!("{shown}: what an interrupted scan with other arguments has listed is forgotten"));
                start
            }
            Found::Progress { spans, objects } => {
                if objects > 0 {
                    let objects = Count(objects);
                    report.notes.push(format!(
                        "{shown}: went on after {objects} objects of an interrupted scan (`--restart` starts again)"
                    ));
                }
                spans
            }
        };
        Ok((journal, spans))
    }

    fn unlisted(&self, refused: &Refused) -> anyhow::Error {
        let place = format!("s3://{}/{}", self.name, refused.prefix);
        let what = format!("`{}` cannot be listed", visible_name(&place));
        let resource = format!("arn:aws:s3:::{}", self.name);
        refused.failure.explain(&Asked { what: &what, action: "s3:ListBucket", resource: &resource })
    }

    fn gap(&self, prefix: &str, failure: &Failure) -> Gap {
        Gap { prefix: format!("s3://{}/{prefix}", self.name), reason: failure.short() }
    }

    /// Uploads that were neither completed nor aborted, with the bytes of their parts.
    fn uploads(&self, prefix: &str, each: &mut dyn FnMut(Piece<'_>)) -> Result<Option<String>> {
        let (mut key_marker, mut id_marker, mut are_parts_denied) = (None, None, false);
        let place = visible_name(&format!("s3://{}/{prefix}", self.name)).into_owned();
        let refused = |action, what: &str, failure: &Failure| {
            let what = format!("{what} of `{place}` cannot be listed");
            let resource = format!("arn:aws:s3:::{}", self.name);
            failure.explain(&Asked { what: &what, action, resource: &resource })
        };
        loop {
            let page = self.connection.wait(self.call(|client: Client| {
                let request = client.list_multipart_uploads().bucket(&self.name).encoding_type(EncodingType::Url);
                let request = request.set_prefix(Some(prefix.to_string()).filter(|prefix| !prefix.is_empty()));
                let request = request.set_key_marker(key_marker.clone()).set_upload_id_marker(id_marker.clone());
                let request = request.set_request_payer(self.payer());
                async { request.send().await.map_err(|error| Failure::of(&error)) }
            }));
            let page = match page {
                Ok(page) => page,
                Err(failure) if failure.reason == Reason::Denied => {
                    return Ok(Some(format!(
                        "multipart uploads of `{place}` are not known: access denied: allow `s3:ListBucketMultipartUploads`"
                    )));
                }
                Err(failure) => return Err(refused("s3:ListBucketMultipartUploads", "multipart uploads", &failure)),
            };
            let encoded = page.encoding_type == Some(EncodingType::Url);
            let plain = |text: &str| if encoded { decoded(text) } else { text.to_string() };
            for upload in page.uploads() {
                let (Some(key), Some(id)) = (&upload.key, &upload.upload_id) else { continue };
                let key = plain(key);
                let parts = if are_parts_denied { Ok(0) } else { self.parts(&key, id) };
                let bytes = match parts {
                    Err(failure) if failure.reason == Reason::Denied => {
                        are_parts_denied = true;
                        0
                    }
                    parts => {
                        parts.map_err(|failure| refused("s3:ListMultipartUploadParts", "parts of uploads", &failure))?
                    }
                };
                let modified = upload.initiated.map(|time| time.secs());
                each(Piece::Object(Object { state: State::Upload, modified, ..Object::new(&key, bytes) }));
            }
            if page.is_truncated != Some(true) || page.next_key_marker.is_none() {
                return Ok(are_parts_denied.then(|| {
                    format!(
                        "the sizes of multipart uploads of `{place}` are not known: access denied: allow `s3:ListMultipartUploadParts`"
                    )
                }));
            }
            key_marker = page.next_key_marker.as_deref().map(plain);
            id_marker = page.next_upload_id_marker;
        }
    }

    /// Bytes of the parts of an upload; none when it has ended meanwhile.
    fn parts(&self, key: &str, id: &str) -> Result<u64, Failure> {
        let (mut marker, mut bytes) = (None::<String>, 0_u64);
        loop {
            let page = self.connection.wait(self.call(|client: Client| {
                let request = client.list_parts().bucket(&self.name).key(key).upload_id(id);
                let request = request.set_part_number_marker(marker.clone()).set_request_payer(self.payer());
                async { request.send().await.map_err(|error| Failure::of(&error)) }
            }));
            let page = match page {
                Ok(page) => page,
                Err(failure) if failure.reason == Reason::NotFound => return Ok(0),
                Err(failure) => return Err(failure),
            };
            bytes += page.parts().iter().filter_map(|part| u64::try_from(part.size?).ok()).sum::<u64>();
            if page.is_truncated != Some(true) || page.next_part_number_marker.is_none() {
                return Ok(bytes);
            }
            marker = page.next_part_number_marker;
        }
    }
}
